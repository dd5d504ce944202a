"""Makes members' personal join ways at WeCom, outside of any transaction, and answers who asked.

A join way made twice does no harm: both carry the same state. So an unknown answer is simply
asked again.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.due import Due
from bot.http import NoAnswer, NotSent
from bot.letters import Origin
from bot.roster import Came
from bot.wecom.errors import Kind, WecomError
from sop import onboarding
from sop.community import Community
from sop.effects import Effect, Reply, Tell
from sop.events import ReplyTo
from sop.referral import arrived, told
from sop.referral_program import referral_program_of
from storage import referrals
from storage.database import Database

log = logging.getLogger(__name__)

AT_ONCE = 20
RETRY = timedelta(minutes=1)
MOST_ATTEMPTS = 10
"""After so many unknown answers the RM is told."""
_FINAL = (Kind.REFUSED, Kind.GONE)
SORRY = "邀请码暂时开不出来，已经请客户经理处理，请过后再发“邀请”。"


class JoinWays(Protocol):
    """Who makes join ways (wecom-protocol.md D.5)."""

    async def add_join_way(self, chat_id: str, state: str, remark: str) -> str:
        """A new one into a group: its config id."""

    async def join_way_qr(self, config_id: str) -> str:
        """The address of its QR code."""


class Inviting:
    """Works off the invitations that members want."""

    name = "inviting"

    def __init__(
        self,
        database: Database,
        api: JoinWays,
        due: Callable[[], Due],
        clock: Clock,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._api = api
        self._due = due
        self._clock = clock
        self._done = done
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """When WeCom is to be asked next."""
        return await self._database.read(referrals.next_wanted)

    async def step(self) -> int:
        """Makes what is wanted. Returns how many were settled."""
        async with self._turn:
            now = self._clock.now()
            rows = await self._database.read(lambda tx: referrals.wanted(tx, now, AT_ONCE))
            settled = 0
            for row in rows:
                settled += await self._make(row)
        if settled:
            self._done()
        return settled

    async def _make(self, row: referrals.InvitationRow) -> int:
        due = self._due()
        community = next((one for one in due.settings.communities if one.id == row.community), None)
        if community is None:
            return await self._fail(due, row, None, "社群已不在配置里")
        try:
            config_id = await self._api.add_join_way(community.chat_id, row.code, "群运：成员邀请")
            qr_code = await self._api.join_way_qr(config_id)
        except WecomError as error:
            if error.verdict.kind in _FINAL:
                return await self._fail(due, row, community, str(error))
            return await self._later(due, row, community, str(error))
        except (NotSent, NoAnswer) as error:
            return await self._later(due, row, community, str(error))
        now = self._clock.now()

        def work(tx: Connection) -> None:
            before = referrals.ready(tx, row.code, config_id, qr_code)
            facts = due.facts(tx)
            program = referral_program_of(due.library, community)
            made = facts.referrals.invitation_of(row.code)
            if before is None or made is None or program is None:
                return
            answer = Reply(told(facts, due.library, program, made))
            _answer(tx, due, before, [answer], now)

        await self._database.write(work)
        return 1

    async def _later(
        self, due: Due, row: referrals.InvitationRow, community: Community, reason: str
    ) -> int:
        if row.attempts + 1 >= MOST_ATTEMPTS:
            return await self._fail(due, row, community, reason)
        until = self._clock.now() + RETRY * 2**row.attempts
        await self._database.write(lambda tx: referrals.put_off(tx, row.code, reason, until))
        return 0

    async def _fail(
        self, due: Due, row: referrals.InvitationRow, community: Community | None, reason: str
    ) -> int:
        now = self._clock.now()
        log.warning("no join way: %s", reason, extra={"action": "join_way_failed"})

        def work(tx: Connection) -> None:
            before = referrals.failed(tx, row.code, reason)
            if before is None or community is None:
                return
            text = f"⚠️ “{community.name}”的成员邀请码开不出来：{reason}"
            _answer(tx, due, before, [Reply(SORRY), Tell(community.owner, text)], now)

        await self._database.write(work)
        return 1


def came(due: Callable[[], Due]) -> Came:
    """What the reading of a group's members does with those who came by invitations."""

    def work(
        tx: Connection, community: str, states: Mapping[str, tuple[str, datetime]], now: datetime
    ) -> None:
        facts = due().facts(tx)
        place = facts.community(community)
        if place is not None:
            effects = arrived(facts, due().library, place, states)
            effects += onboarding.came(facts, due().library, place, states)
            due().runtime.apply(tx, effects, Origin(f"came/{community}@{now.isoformat()}", now))

    return work


def _answer(
    tx: Connection,
    due: Due,
    row: referrals.InvitationRow,
    effects: list[Effect],
    now: datetime,
) -> None:
    """Applies effects; a Reply goes to the conversation that waits, if one does."""
    key, kept = f"invitation/{row.code}@{now.isoformat()}", row.reply_to
    if kept is None:
        origin = Origin(key, now)
    else:
        to = ReplyTo(kept["channel"], dict(kept["target"]))
        origin = Origin(key, now, to, kept["order_key"])
    due.runtime.apply(tx, effects, origin)
