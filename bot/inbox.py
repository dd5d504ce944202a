"""Stores inbound events before they are acknowledged, many callbacks in one commit.

While one batch is being committed the next one gathers, so the commit rate follows the disk and
the batch size follows the load (group commit: performance.md section 2).
"""

import asyncio
from functools import partial

from sqlalchemy import Connection

from bot.clock import Clock
from bot.crash import crash_point
from bot.wecom.parse import Received
from storage import inbox
from storage.database import Database


class Inbox:
    """`await inbox(received)` returns when the event is committed, or raises."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[tuple[Received, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self.arrived = asyncio.Event()
        """Set after each commit, for the dispatcher to wait on."""
        self.waiting = 0
        """Events that are not committed yet: how hard callbacks press."""

    async def __call__(self, received: Received) -> None:
        """Commits the event; a duplicate is committed as nothing. Raises what the database does.

        An event whose caller gives up is committed all the same.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((received, future))
        self.waiting += 1
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush(), name="inbox")
        await future

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            now = self._clock.now()
            rows = [
                inbox.NewEvent(one.dedup_key, one.order_key, one.kind, one.event, now)
                for one, _ in batch
            ]
            crash_point("K1")
            try:
                await self._database.write(partial(_add, rows))
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            finally:
                self.waiting -= len(batch)
            crash_point("K2")
            for _, future in batch:
                if not future.done():
                    future.set_result(None)
            self.arrived.set()


def _add(rows: list[inbox.NewEvent], tx: Connection) -> int:
    return inbox.add(tx, rows)
