"""What the service does beside its work: numbers for /metrics, and forgetting handled events."""

import asyncio
import logging
from collections import defaultdict
from datetime import timedelta
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from bot.clock import Clock
from storage import customers, inbox, outbox
from storage.database import Database

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds."""
KEEP_INBOX = timedelta(hours=48)


class Housekeeping:
    """Counts what waits, once a minute."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.registry = CollectorRegistry()
        """Where every part of the service registers its numbers."""
        self._owed = Gauge(
            "qunyun_outbox_letters", "Owed letters by status", ["status"], registry=self.registry
        )
        self._backlog = Gauge(
            "qunyun_inbox_events", "Events not yet handled", registry=self.registry
        )
        self._repairs = Counter(
            "qunyun_repairs",
            "Differences from WeCom that a reading mended, by kind: callbacks were lost",
            ["kind"],
            registry=self.registry,
        )
        self._mended: dict[str, int] = defaultdict(int)

    def metrics(self) -> bytes:
        """The page of /metrics."""
        return generate_latest(self.registry)

    async def run(self) -> None:
        """Until cancelled; a failure is logged, and the next minute tries again."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("housekeeping failed", extra={"action": "housekeeping_failed"})
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Counts once, and forgets what is old enough."""
        for status, count in (await self._database.read(outbox.counts)).items():
            self._owed.labels(status).set(count)
        for kind, count in (await self._database.read(customers.repairs)).items():
            self._repairs.labels(kind).inc(max(0, count - self._mended[kind]))
            self._mended[kind] = count
        waiting, _ = await self._database.read(inbox.backlog)
        self._backlog.set(waiting)
        before = self._clock.now() - KEEP_INBOX
        await self._database.write(partial(inbox.purge, before=before))
