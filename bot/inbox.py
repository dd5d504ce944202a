"""Stores inbound events before they are acknowledged, many callbacks in one commit.

While one batch is being committed the next one gathers, so the commit rate follows the disk and
the batch size follows the load (group commit: performance.md section 2).
"""

import asyncio
import logging
from collections import Counter
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.clock import Clock
from bot.crash import crash_point
from bot.wecom.parse import Received
from sop.events import ContactAdded, Said
from storage import inbox, welcomes
from storage.database import Database
from storage.welcomes import WelcomeRow

log = logging.getLogger(__name__)

MOST_WAITING = 5_000
"""Events of one chat or person; what else is said there meanwhile is acknowledged and forgotten.
More than a group can say while the bot is busy, so only a flood comes so far."""
LOOK_AFTER = 500
"""Messages of one chat after which its waiting events are counted."""
MOST_COUNTED = 20_000
"""Chats and people whose messages are counted."""


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
        self._unlooked: Counter[str] = Counter()
        """Messages of each chat since its waiting events were last known to be few."""

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
                waiting = await self._database.write(partial(_add, rows, self._suspects(rows)))
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            finally:
                self.waiting -= len(batch)
            self._looked(waiting)
            crash_point("K2")
            for _, future in batch:
                if not future.done():
                    future.set_result(None)
            self.arrived.set()

    def _looked(self, waiting: dict[str, int]) -> None:
        for chat, number in waiting.items():
            if number < MOST_WAITING:
                del self._unlooked[chat]
            else:
                log.warning("a chat's inbox is full: %d", number, extra={"action": "inbox_full"})

    def _suspects(self, rows: list[inbox.NewEvent]) -> frozenset[str]:
        """Chats of which much has come since their waiting events were last counted."""
        if len(self._unlooked) > MOST_COUNTED:
            self._unlooked.clear()
        said = [row.order_key for row in rows if _is_said(row)]
        self._unlooked.update(said)
        return frozenset(one for one in said if self._unlooked[one] > LOOK_AFTER)


def _is_said(row: inbox.NewEvent) -> bool:
    return row.kind == Said.__name__ and not row.event.get("overheard")


def _add(rows: list[inbox.NewEvent], suspects: frozenset[str], tx: Connection) -> dict[str, int]:
    """Returns how many events of each suspect wait at most. A new contact is to be greeted
    within seconds, so that does not wait for the dispatcher."""
    waiting = {chat: inbox.waiting(tx, chat) for chat in suspects}
    full = {chat for chat, number in waiting.items() if number >= MOST_WAITING}
    if full:
        rows = [row for row in rows if row.order_key not in full or not _is_said(row)]
    for row in rows if waiting else ():
        if row.order_key in waiting:
            waiting[row.order_key] += 1
    new = [row.event for row in rows if row.kind == ContactAdded.__name__]
    welcomes.want(
        tx,
        [
            WelcomeRow(
                one["welcome_code"],
                one["member"],
                one["staff"],
                one["state"],
                datetime.fromisoformat(one["at"]),
            )
            for one in new
            if one["welcome_code"]
        ],
    )
    inbox.add(tx, rows)
    return waiting
