"""What has been kept long enough goes, every night, a few rows to a transaction."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.clock import Clock
from bot.due import Due
from bot.letters import Origin
from sop import privacy
from sop.tagging import last_night
from sop.wording import shown
from storage import erasing, occurrences, people, retention
from storage.database import Database

log = logging.getLogger(__name__)

BATCH = 500
"""Rows to a transaction."""
MOST_MEMBERS = 50
"""Members erased, or renamed, in one night: each takes a look through all letters."""
MARK = "retention"
REASON = "保存期限已过"


class Retention:
    """The nightly work of forgetting; and nobody who asked to be erased is forgotten."""

    name = "retention"

    def __init__(
        self, database: Database, due: Callable[[], Due], clock: Clock, *, done: Callable[[], None]
    ) -> None:
        """`done` wakes who delivers."""
        self._database = database
        self._due = due
        self._clock = clock
        self._done = done
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """Nothing that anybody waits for: a moved clock finds it done when it arrives."""
        return None

    async def step(self) -> int:
        """Does the night's work, if it is still to be done. Returns how many rows had their
        time."""
        async with self._turn:
            now = self._clock.now()
            night = last_night(now, self._due().settings.zone)
            before = await self._database.read(partial(occurrences.watermark, name=MARK))
            if before is not None and before >= night:
                return 0
            gone = await self._rows(now) + await self._members(now)
            await self._remind(now)
            await self._database.write(lambda tx: occurrences.set_watermark(tx, MARK, now))
            if gone:
                await self._database.scrub([])
                log.info("kept long enough: %d rows", gone, extra={"action": "retention"})
            return gone

    async def _rows(self, now: datetime) -> int:
        gone = 0
        for term in retention.TERMS:
            work = partial(retention.purge, term=term, now=now, limit=BATCH)
            while number := await self._database.write(work):
                gone += number
        return gone

    async def _members(self, now: datetime) -> int:
        left = partial(retention.long_gone, now=now, limit=MOST_MEMBERS)
        for member in await self._database.read(left):
            await self._database.write(
                partial(_erase, member=member, pseudonym=self._name(), now=now)
            )
        won = partial(retention.winners_of_old, now=now, limit=MOST_MEMBERS)
        renamed = 0
        for member in await self._database.read(won):
            rename = partial(retention.rename_old, member=member, pseudonym=self._name(), now=now)
            renamed += await self._database.write(rename)
        return renamed

    def _name(self) -> str:
        return f"qy-{self._clock.entropy(12).hex()}"

    async def _remind(self, now: datetime) -> None:
        due = self._due()

        def work(tx: Connection) -> None:
            facts = due.facts(tx)
            for community in facts.communities():
                effects = privacy.nightly(facts, community, now)
                due.runtime.apply(tx, effects, Origin(f"{MARK}/{community.id}", now))

        await self._database.write(work)
        self._done()


def _erase(tx: Connection, member: str, pseudonym: str, now: datetime) -> None:
    name = people.name(tx, member)
    spelled = sorted({one for one in (name, shown(name)) if name and one})
    erasing.erase(tx, member, spelled, pseudonym, MARK, REASON, now)
