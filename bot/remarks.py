"""Writes what colleagues call their customers, and note of them, to WeCom.

Writing the same twice does no harm, so an unknown answer is simply asked again.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.due import Due
from bot.http import NoAnswer, NotSent
from bot.letters import Origin
from bot.wecom.errors import Kind, WecomError
from sop.effects import Tell
from storage import people, remarks
from storage.database import Database
from storage.remarks import RemarkRow

log = logging.getLogger(__name__)

RETRY = timedelta(minutes=1)
AT_ONCE = 50
MOST_ATTEMPTS = 10
"""After so many failures the colleague is told."""


class WritesRemarks(Protocol):
    """Who keeps remarks (wecom-protocol.md D.2)."""

    async def remark(
        self, user: str, external_userid: str, remark: str | None, description: str | None
    ) -> None:
        """None leaves it as it is."""


class Remarks:
    """Works off the remarks that are owed; called by `bot.tag_sync`, in its turn."""

    def __init__(
        self,
        database: Database,
        api: WritesRemarks,
        due: Callable[[], Due],
        clock: Clock,
        done: Callable[[], None],
    ) -> None:
        self._database = database
        self._api = api
        self._due = due
        self._clock = clock
        self._done = done

    async def step(self) -> int:
        """Writes what is due. Returns how many were settled."""
        now = self._clock.now()
        owed = await self._database.read(lambda tx: remarks.due(tx, now, AT_ONCE))
        settled = 0
        for row in owed:
            settled += await self._write(row)
        return settled

    async def _write(self, row: RemarkRow) -> int:
        try:
            await self._api.remark(row.staff, row.member, row.remark, row.description)
        except WecomError as error:
            final = error.verdict.kind in (Kind.GONE, Kind.REFUSED)
            return await self._failed(row, str(error), final=final)
        except (NotSent, NoAnswer) as error:
            return await self._failed(row, str(error), final=False)
        await self._database.write(lambda tx: remarks.done(tx, row))
        return 1

    async def _failed(self, row: RemarkRow, reason: str, *, final: bool) -> int:
        now = self._clock.now()
        if not final and row.attempts + 1 < MOST_ATTEMPTS:
            until = now + RETRY * 2 ** min(row.attempts, 6)
            await self._database.write(lambda tx: remarks.put_off(tx, row, until, reason))
            return 0
        log.warning("remark not written: %s", reason, extra={"action": "remark_failed"})
        due = self._due()

        def work(tx: Connection) -> None:
            remarks.give_up(tx, row, "failed", reason)
            if due.facts(tx).staff(row.staff) is None:
                return
            name = people.name(tx, row.member) or "一位客户"
            text = f"⚠️ {name}的备注没有写进企业微信：{reason}。"
            key = f"remark/{row.member}/{row.staff}@{now.isoformat()}"
            due.runtime.apply(tx, [Tell(row.staff, text)], Origin(key, now))

        await self._database.write(work)
        self._done()
        return 1
