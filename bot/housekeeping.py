"""What the service does beside its work: numbers for /metrics, and forgetting handled events."""

import asyncio
import logging
from datetime import timedelta
from functools import partial

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot.clock import Clock
from storage import inbox, outbox
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

    def metrics(self) -> bytes:
        """The page of /metrics."""
        return generate_latest(self.registry)

    async def run(self) -> None:
        """Until cancelled; a failure is logged, and the next minute tries again."""
        while True:
            try:
                await self._once()
            except Exception:
                log.exception("housekeeping failed", extra={"action": "housekeeping_failed"})
            await asyncio.sleep(EVERY)

    async def _once(self) -> None:
        for status, count in (await self._database.read(outbox.counts)).items():
            self._owed.labels(status).set(count)
        waiting, _ = await self._database.read(inbox.backlog)
        self._backlog.set(waiting)
        before = self._clock.now() - KEEP_INBOX
        await self._database.write(partial(inbox.purge, before=before))
