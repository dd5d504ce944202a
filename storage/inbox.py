"""Inbound events: stored before WeCom is answered, handled afterwards, in order per chat."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from storage.rows import every, for_change, insert_new, is_postgres, pick, values
from storage.tables.work import Inbox
from storage.types import table

ATTEMPTS = 5
"""After so many failures a row is dead and its chat goes on without it."""

_INBOX = table(Inbox)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as it came in. `dedup_key` is unique: a delivery repeated is one row."""

    dedup_key: str
    order_key: str
    """Events of one chat or one person are handled in their order."""
    kind: str
    event: dict[str, Any]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An event that waits."""

    id: int
    dedup_key: str
    order_key: str
    kind: str
    event: dict[str, Any]
    attempts: int
    received_at: datetime


def add(tx: Connection, rows: Iterable[NewEvent]) -> int:
    """Stores the events not seen before; returns how many were new."""
    return insert_new(tx, _INBOX, [values(row) for row in rows])


CROWDED = 5
"""A batch that holds more of one chat is filled with the others in turn."""


def take(tx: Connection, limit: int, after: str = "") -> list[InboxRow]:
    """The oldest waiting events, each chat's in order; the caller finishes them in `tx`.

    A chat of which there is too much gets its share only: then every waiting chat has its turn,
    beginning with the one whose key follows `after`. Rows in another process's hands are passed
    over, and with them the later ones of their chats.
    """
    waiting = pick(_INBOX, InboxRow).where(_INBOX.c.status == "pending")
    oldest = waiting.order_by(_INBOX.c.id).limit(limit)
    rows = every(tx, for_change(tx, oldest, skip_locked=True), InboxRow)
    if len(rows) == limit and max(Counter(row.order_key for row in rows).values()) > CROWDED:
        ids = _in_turn(tx, limit, after)
        fair = waiting.where(_INBOX.c.id.in_(ids)).order_by(_INBOX.c.id)
        rows = every(tx, for_change(tx, fair, skip_locked=True), InboxRow)
    return _in_order(tx, rows) if rows and is_postgres(tx) else rows


def last_in_turn(rows: Sequence[InboxRow], after: str) -> str:
    """The chat after which the next turn begins; `after` where there is none."""
    return max((row.order_key for row in rows), key=lambda one: (one <= after, one), default=after)


def _in_turn(tx: Connection, limit: int, after: str) -> list[int]:
    """The first events of up to `limit` chats, as many of each as there is room for."""
    chats = _chats(tx, limit, _INBOX.c.order_key > after)
    if len(chats) < limit:
        chats += _chats(tx, limit - len(chats), _INBOX.c.order_key <= after)
    found: list[int] = []
    for number, chat in enumerate(chats):
        share = -(-(limit - len(found)) // (len(chats) - number))
        first = select(_INBOX.c.id).where(_INBOX.c.status == "pending", _INBOX.c.order_key == chat)
        found += tx.execute(first.order_by(_INBOX.c.id).limit(share)).scalars()
    return found


def _chats(tx: Connection, limit: int, among: ColumnElement[bool]) -> list[str]:
    """The chats that wait, by key, each found with one look into the index."""
    found: list[str] = []
    while len(found) < limit:
        first = select(func.min(_INBOX.c.order_key)).where(_INBOX.c.status == "pending", among)
        if found:
            first = first.where(_INBOX.c.order_key > found[-1])
        chat = tx.execute(first).scalar()
        if chat is None:
            break
        found.append(chat)
    return found


def _in_order(tx: Connection, rows: list[InboxRow]) -> list[InboxRow]:
    """Without the chats whose first waiting row is not among these."""
    heads = (
        select(_INBOX.c.order_key, func.min(_INBOX.c.id))
        .where(_INBOX.c.status == "pending")
        .where(_INBOX.c.order_key.in_({row.order_key for row in rows}))
        .group_by(_INBOX.c.order_key)
    )
    ours = {row.id for row in rows}
    free = {order_key for order_key, head in tx.execute(heads) if head in ours}
    return [row for row in rows if row.order_key in free]


def finish(tx: Connection, ids: Sequence[int], now: datetime) -> None:
    """These events are handled."""
    tx.execute(
        update(_INBOX)
        .where(_INBOX.c.id.in_(ids), _INBOX.c.status == "pending")
        .values(status="done", finished_at=now)
    )


def fail(tx: Connection, id: int, error: str, now: datetime) -> None:
    """Handling failed: it is tried again, or given up after ATTEMPTS with its error kept."""
    query = select(_INBOX.c.attempts).where(_INBOX.c.id == id, _INBOX.c.status == "pending")
    attempts = tx.execute(for_change(tx, query)).scalar()
    if attempts is None:
        return
    dead = attempts + 1 >= ATTEMPTS
    tx.execute(
        update(_INBOX)
        .where(_INBOX.c.id == id)
        .values(
            attempts=attempts + 1,
            error=error,
            status="dead" if dead else "pending",
            finished_at=now if dead else None,
        )
    )


def purge(tx: Connection, before: datetime) -> int:
    """Forgets handled events received before; dead ones stay for a person to look at.

    The table stays short on purpose: random keys in one kept for ever cost 2.6 times as much
    at 5 million rows (performance study, section 3).
    """
    old = delete(_INBOX).where(_INBOX.c.status == "done", _INBOX.c.received_at < before)
    return tx.execute(old).rowcount


def waiting(tx: Connection, order_key: str) -> int:
    """How many events of a chat wait."""
    of_chat = select(func.count()).where(
        _INBOX.c.status == "pending", _INBOX.c.order_key == order_key
    )
    return tx.execute(of_chat).scalar_one()


def backlog(tx: Connection) -> tuple[int, datetime | None]:
    """How many events wait, and since when the oldest."""
    count, oldest = tx.execute(
        select(func.count(), func.min(_INBOX.c.received_at)).where(_INBOX.c.status == "pending")
    ).one()
    return count, oldest
