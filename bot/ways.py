"""Makes what the channels of the library want at WeCom, keeps it as the files say, and takes back
what no file asks for any more.

A way made twice does no harm: both carry the same state. So an unknown answer is asked again.

Words for group owners without a review stamp are not brought there; what stands there from an
earlier stamp stays until a reviewer takes that back.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.due import Due
from bot.http import NoAnswer, NotSent
from bot.letters import Origin
from bot.wecom.errors import Kind, WecomError
from sop.channel_ways import Way, ways
from sop.effects import Effect, Record, Tell
from sop.library import Library
from sop.unplanned import may_say
from storage import channel_ways, reviews
from storage.channel_ways import Wanted, WayRow
from storage.database import Database

log = logging.getLogger(__name__)

AT_ONCE = 10
RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
AGAIN = timedelta(days=1)
"""What WeCom refused is tried again after this."""
TEMPLATE = "template"
_FINAL = (Kind.REFUSED, Kind.GONE)
_CALLED = {"contact": "联系我二维码", "group": "入群二维码", TEMPLATE: "入群欢迎语素材"}


def _held(tx: Connection, due: Due) -> dict[str, bool]:
    """Channels whose words for group owners lack a stamp, each with whether an earlier text of it
    has one."""
    facts, every = due.facts(tx), due.settings.communities
    return {
        one.channel: reviews.has_stamp(tx, one.subject, "")
        for one in due.library.channels.values()
        if one.group_welcome is not None
        and not may_say(facts, due.library, one, *one.communities(every))
    }


class Calls(Protocol):
    """WeCom's side of it (`bot.wecom.channel_ways`)."""

    async def make(self, kind: str, told: dict[str, Any]) -> tuple[str, str]:
        """A new one: id and QR address."""

    async def change(self, kind: str, id: str, told: dict[str, Any]) -> tuple[str, str]:
        """The same, told anew."""

    async def remove(self, kind: str, id: str) -> None:
        """Takes it back."""


class Ways:
    """Works off what channels want."""

    name = "ways"

    def __init__(
        self,
        database: Database,
        calls: Calls,
        due: Callable[[], Due],
        clock: Clock,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._calls = calls
        self._due = due
        self._clock = clock
        self._done = done
        self._library: Library | None = None
        self._wanted: dict[tuple[str, str, str], Way] = {}
        self._held: dict[str, bool] = {}
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """Nothing that anybody waits for: a moved clock finds it done when it arrives."""
        return None

    async def step(self) -> int:
        """Compares with the files if they, or their stamps, changed, then asks WeCom. Returns how
        many were settled."""
        async with self._turn:
            due, now = self._due(), self._clock.now()
            held = await self._database.read(lambda tx: _held(tx, due))
            if due.library is not self._library or held != self._held:
                self._held = held
                self._wanted = {
                    one.key: one
                    for one in ways(due.library, due.settings.communities)
                    if one.kind != TEMPLATE or one.channel not in held
                }
                await self._database.write(lambda tx: self._compare(tx, now))
                self._library = due.library
            rows = await self._database.read(lambda tx: channel_ways.due(tx, now, AT_ONCE))
            settled = 0
            for row in rows:
                settled += await self._settle(due, row)
        if settled:
            self._done()
        return settled

    def _compare(self, tx: Connection, now: datetime) -> None:
        known = {one.key: one for one in channel_ways.every_way(tx)}
        for key, way in self._wanted.items():
            there = known.get(key)
            gone = there is not None and there.status in ("stopping", "stopped")
            if there is None or gone or there.spec != way.spec:
                wanted = Wanted(way.channel, way.kind, way.community, way.channel, way.spec)
                channel_ways.want(tx, wanted, now)
        for key, there in known.items():
            if there.kind == TEMPLATE and self._held.get(there.channel):
                continue  # it says what was stamped then
            if key not in self._wanted and there.status not in ("stopping", "stopped"):
                channel_ways.stop(tx, there, now)

    async def _settle(self, due: Due, row: WayRow) -> int:
        way = self._wanted.get(row.key)
        try:
            if row.status == "stopping" or way is None:
                if row.config_id:
                    await self._calls.remove(row.kind, row.config_id)
                return await self._stopped(due, row)
            if row.config_id:
                id, qr_code = await self._calls.change(row.kind, row.config_id, way.told)
            else:
                id, qr_code = await self._calls.make(row.kind, way.told)
        except WecomError as error:
            final = error.verdict.kind in _FINAL
            return await self._trouble(due, row, str(error), final=final)
        except (NotSent, NoAnswer) as error:
            return await self._trouble(due, row, str(error), final=False)
        now = self._clock.now()
        await self._database.write(lambda tx: channel_ways.made(tx, row, id, qr_code, now))
        return 1

    async def _stopped(self, due: Due, row: WayRow) -> int:
        def work(tx: Connection) -> None:
            channel_ways.stopped(tx, row)
            what = self._what(due, row)
            text = f"🛑 {what}停用了：计划库里已经没有它。已印出去的二维码扫了不再有用。"
            self._say(tx, due, row, text if row.kind != TEMPLATE else f"🛑 {what}删掉了。")

        await self._database.write(work)
        return 1

    async def _trouble(self, due: Due, row: WayRow, reason: str, *, final: bool) -> int:
        log.warning("channel way: %s", reason, extra={"action": "channel_way_failed"})
        if not final:
            until = self._clock.now() + min(RETRY * 2 ** min(row.attempts, 10), LONGEST_RETRY)
            await self._database.write(lambda tx: channel_ways.put_off(tx, row, reason, until))
            return 0

        def work(tx: Connection) -> None:
            channel_ways.failed(tx, row, reason, self._clock.now() + AGAIN)
            text = f"⚠️ {self._what(due, row)}开不出来：{reason}。改好文件马上再试，不改明天再试。"
            self._say(tx, due, row, text)

        await self._database.write(work)
        return 1

    def _what(self, due: Due, row: WayRow) -> str:
        channel = due.library.channels.get(row.channel)
        title = channel.title if channel else row.channel
        place = next((one.name for one in due.settings.communities if one.id == row.community), "")
        into = f"（进“{place}”）" if place else ""
        return f"渠道“{title}”的{_CALLED[row.kind]}{into}"

    def _say(self, tx: Connection, due: Due, row: WayRow, text: str) -> None:
        """To every operator, and into the audit."""
        now = self._clock.now()
        who = [one.id for one in due.facts(tx).operators()]
        effects: list[Effect] = [Tell(one, text) for one in who]
        effects.append(Record("wecom", "渠道", row.channel, text))
        key = f"way/{'/'.join(row.key)}@{now.isoformat()}"
        due.runtime.apply(tx, effects, Origin(key, now))
