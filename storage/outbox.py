"""Messages that are owed, in order per conversation, and the log that rate limits count from.

pending ──claim──► sending ──► sent | dead | expired | unknown (held for a person)
   ▲                  │
   └──────defer───────┘        dropped: a person gave it up; retry: back to pending
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Text,
    bindparam,
    cast,
    delete,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql import ColumnElement

from storage.rows import columns, every, for_change, insert_new, pick, values
from storage.tables.work import Outbox, Sending
from storage.types import table

_OUTBOX = table(Outbox)
_SENDING = table(Sending)
_OPEN = ("pending", "sending")
_BY_HAND = ("pending", "unknown", "dead", "expired")
"""What a person may still decide about; `sending` is in a worker's hands."""


_PENDING: ColumnElement[str] = literal_column("'pending'")
# SQLite uses the index on unsettled messages only where it sees the very words of its condition.
# With bound values each message searched all those before it: a minute for a backlog of 50,000.
_IS_OPEN = _OUTBOX.c.status.in_([_PENDING, literal_column("'sending'")])
_IS_HEAD = _OUTBOX.c.id.in_(
    select(func.min(_OUTBOX.c.id)).where(_IS_OPEN).group_by(_OUTBOX.c.order_key)
)
"""No earlier message of the same conversation is unsettled."""


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A message to be sent. `dedup_key` is unique: the same one is owed once."""

    dedup_key: str
    channel: str
    target: dict[str, str]
    body: dict[str, Any]
    order_key: str
    """Messages under one key leave in the order in which they were added."""
    not_before: datetime
    created_at: datetime
    expires_at: datetime | None = None
    quiet_hours: str | None = None
    """`"21:30-08:30"` in `zone`, judged when sending."""
    zone: str | None = None
    occurrence: str | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message and what became of it."""

    id: int
    dedup_key: str
    channel: str
    target: dict[str, str]
    body: dict[str, Any]
    order_key: str
    status: str
    not_before: datetime
    expires_at: datetime | None
    quiet_hours: str | None
    zone: str | None
    occurrence: str | None
    attempts: int
    """Tries to send, the current one included."""
    lease_until: datetime | None
    reason: str
    receipt: str
    created_at: datetime
    finished_at: datetime | None


def add(tx: Connection, letters: Iterable[NewLetter]) -> int:
    """Owes these messages; those already owed are left alone. Returns how many were new."""
    return insert_new(tx, _OUTBOX, [values(letter) for letter in letters])


def claim(
    tx: Connection, now: datetime, lease_until: datetime, limit: int, urgent: Sequence[str] = ()
) -> list[OutboxRow]:
    """Takes due messages for sending, oldest first, at most one of a conversation. Those of
    `urgent` channels go before everything else, and each is a conversation of its own.

    An earlier message of the same conversation that is pending or being sent holds the later
    ones back; held and dead ones do not.
    """
    given = {"at": now, "most": limit}
    ids: list[int] = []
    if urgent:
        query = for_change(tx, _URGENT, skip_locked=True)
        ids += tx.execute(query, given | {"channels": urgent}).scalars()
    if len(ids) < limit:
        more = tx.execute(for_change(tx, _DUE, skip_locked=True), given).scalars()
        ids = list(dict.fromkeys([*ids, *more]))[:limit]
    if not ids:
        return []
    taken = tx.execute(_TAKE, {"taken": ids, "until": lease_until})
    rows = (OutboxRow(*found) for found in taken)
    return sorted(rows, key=lambda row: (row.channel not in urgent, row.id))


def sent(tx: Connection, id: int, receipt: str, now: datetime) -> None:
    """WeCom accepted it."""
    _settle(tx, id, "sent", "", now, receipt=receipt)


def dead(tx: Connection, id: int, reason: str, now: datetime) -> None:
    """It will not be sent; an operator sees the reason."""
    _settle(tx, id, "dead", reason, now)


def hold(tx: Connection, id: int, reason: str, now: datetime) -> None:
    """Nobody knows whether it was delivered: a person decides."""
    _settle(tx, id, "unknown", reason, now)


def expire(tx: Connection, id: int, reason: str, now: datetime) -> None:
    """Too late to be of use."""
    _settle(tx, id, "expired", reason, now)


def defer(
    tx: Connection, id: int, until: datetime, reason: str, *, count_attempt: bool = True
) -> None:
    """Not now: it goes back to wait until then. A wait that was our own choice (quiet hours, a
    rate limit) does not count as an attempt."""
    attempts = _OUTBOX.c.attempts if count_attempt else _OUTBOX.c.attempts - 1
    tx.execute(
        update(_OUTBOX)
        .where(_OUTBOX.c.id == id, _OUTBOX.c.status == "sending")
        .values(
            status="pending", not_before=until, reason=reason, attempts=attempts, lease_until=None
        )
    )


def reap(tx: Connection, now: datetime) -> list[OutboxRow]:
    """Messages whose sender has not come back in time. The caller defers or holds each."""
    query = pick(_OUTBOX, OutboxRow).where(
        _OUTBOX.c.status == "sending", _OUTBOX.c.lease_until <= now
    )
    lost = for_change(tx, query.order_by(_OUTBOX.c.id), skip_locked=True)
    return every(tx, lost, OutboxRow)


def next_due(tx: Connection) -> datetime | None:
    """When the next message may be sent; past instants mean now.

    Only heads count: what waits behind an earlier message of its conversation is not due before
    that one is settled.
    """
    due: datetime | None = tx.execute(_NEXT_DUE).scalar()
    return due


def listing(tx: Connection, status: str | None = None, limit: int = 100) -> list[OutboxRow]:
    """Messages, newest first."""
    query = pick(_OUTBOX, OutboxRow).order_by(_OUTBOX.c.id.desc()).limit(limit)
    if status is not None:
        query = query.where(_OUTBOX.c.status == status)
    return every(tx, query, OutboxRow)


def in_states(tx: Connection, statuses: Sequence[str], limit: int) -> list[OutboxRow]:
    """Messages in one of these states, newest first."""
    query = pick(_OUTBOX, OutboxRow).where(_OUTBOX.c.status.in_(statuses))
    return every(tx, query.order_by(_OUTBOX.c.id.desc()).limit(limit), OutboxRow)


def mentioning(tx: Connection, marks: Iterable[str], channels: Sequence[str]) -> list[OutboxRow]:
    """Messages of these channels that hold one of these ASCII texts, oldest first. Reads them
    all: for rare questions only."""
    said = cast(_OUTBOX.c.body, Text)
    query = pick(_OUTBOX, OutboxRow).where(
        _OUTBOX.c.channel.in_(channels),
        or_(false(), *(said.contains(mark, autoescape=True) for mark in marks)),
    )
    return every(tx, query.order_by(_OUTBOX.c.id), OutboxRow)


def retry(tx: Connection, id: int, now: datetime) -> bool:
    """A person wants it sent (again) after all: False if it is sent or being sent."""
    return _by_hand(tx, id, status="pending", not_before=now, attempts=0, finished_at=None)


def drop(tx: Connection, id: int, reason: str, now: datetime) -> bool:
    """A person gives it up: False if it is sent or being sent."""
    return _by_hand(tx, id, status="dropped", reason=reason, finished_at=now)


def latest(tx: Connection, occurrence: str, channel: str) -> OutboxRow | None:
    """The last message of an occurrence through a channel; None if there is none."""
    query = pick(_OUTBOX, OutboxRow).where(
        _OUTBOX.c.occurrence == occurrence, _OUTBOX.c.channel == channel
    )
    found = every(tx, query.order_by(_OUTBOX.c.id.desc()).limit(1), OutboxRow)
    return found[0] if found else None


def unsettled(tx: Connection, channel: str) -> list[OutboxRow]:
    """Messages of a channel that wait, are on their way, or of which nobody knows."""
    query = pick(_OUTBOX, OutboxRow).where(
        _OUTBOX.c.channel == channel, _OUTBOX.c.status.in_(("pending", "sending", "unknown"))
    )
    return every(tx, query.order_by(_OUTBOX.c.id), OutboxRow)


def found(tx: Connection, id: int, receipt: str, now: datetime) -> bool:
    """It was delivered after all: WeCom knows it under this receipt. False if it is settled."""
    held = (_OUTBOX.c.id == id, _OUTBOX.c.status == "unknown")
    known = {"status": "sent", "reason": "", "receipt": receipt, "finished_at": now}
    return tx.execute(update(_OUTBOX).where(*held).values(**known)).rowcount == 1


def counts(tx: Connection) -> dict[str, int]:
    """Messages by status, as far as there are any."""
    query = select(_OUTBOX.c.status, func.count()).group_by(_OUTBOX.c.status)
    return dict(tx.execute(query).all())


def log_sending(tx: Connection, keys: Sequence[str], at: datetime) -> None:
    """A message that counts in the windows of these limits."""
    if keys:
        tx.execute(insert(_SENDING), [{"key": key, "at": at} for key in keys])


def sendings(tx: Connection, key: str, since: datetime) -> list[datetime]:
    """When messages under this key were sent, after `since`, oldest first."""
    query = select(_SENDING.c.at).where(_SENDING.c.key == key, _SENDING.c.at > since)
    return list(tx.execute(query.order_by(_SENDING.c.at)).scalars())


def purge_sendings(tx: Connection, before: datetime) -> int:
    """Forgets log entries that no window reaches any more."""
    return tx.execute(delete(_SENDING).where(_SENDING.c.at < before)).rowcount


def _settle(
    tx: Connection, id: int, status: str, reason: str, now: datetime, receipt: str = ""
) -> None:
    given = {"of": id, "is": status, "because": reason, "with": receipt, "at": now}
    tx.execute(_FINISH, given)


def _by_hand(tx: Connection, id: int, **values: Any) -> bool:
    mine: list[ColumnElement[bool]] = [_OUTBOX.c.id == id, _OUTBOX.c.status.in_(_BY_HAND)]
    return tx.execute(update(_OUTBOX).where(*mine).values(**values)).rowcount == 1


# Every message passes through these, so they are built once.
_DUE = (
    select(_OUTBOX.c.id)
    .where(_OUTBOX.c.status == _PENDING, _OUTBOX.c.not_before <= bindparam("at"), _IS_HEAD)
    .order_by(_OUTBOX.c.id)
    .limit(bindparam("most"))
)
# The words of the status are the index's own, as above.
_URGENT = (
    select(_OUTBOX.c.id)
    .where(
        _OUTBOX.c.status == _PENDING,
        _OUTBOX.c.channel.in_(bindparam("channels", expanding=True)),
        _OUTBOX.c.not_before <= bindparam("at"),
    )
    .order_by(_OUTBOX.c.id)
    .limit(bindparam("most"))
)
_TAKE = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id.in_(bindparam("taken", expanding=True)))
    .values(status="sending", attempts=_OUTBOX.c.attempts + 1, lease_until=bindparam("until"))
    .returning(*columns(_OUTBOX, OutboxRow))
)
_NEXT_DUE = select(func.min(_OUTBOX.c.not_before)).where(_OUTBOX.c.status == _PENDING, _IS_HEAD)
_FINISH = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("of"), _OUTBOX.c.status.in_(_OPEN))
    .values(
        status=bindparam("is"),
        reason=bindparam("because"),
        receipt=bindparam("with"),
        finished_at=bindparam("at"),
        lease_until=None,
    )
)
