"""Gatherings: open calls that members answer by a keyword, and their replies.

Replies are personal: they are erased `KEEP_REPLIES` after the gathering has closed; what is left
for ever is the result in counts, and the labels and follow-ups that it made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from storage.rows import every, for_change, insert_for, insert_one, one, pick
from storage.tables.gatherings import Gathering, Reply
from storage.tables.people import Community, Member, Membership
from storage.types import table

_GATHERING = table(Gathering)
_REPLY = table(Reply)
_COMMUNITY = table(Community)
_MEMBER = table(Member)
_STAY = table(Membership)

KEEP_REPLIES = timedelta(days=30)
"""As long as a relationship manager may still want to look at a story or a reason."""


class AlreadyOpened(Exception):
    """The occurrence has opened a gathering before."""


class Conflict(Exception):
    """The gathering is closed, or was never there."""


@dataclass(frozen=True, slots=True)
class GatheringRow:
    """One open call."""

    id: int
    community: str
    kind: str
    occurrence: str
    options: dict[str, Any]
    phase: str
    seed: str
    quiet_hours: str | None
    opened_at: datetime
    next_at: datetime | None
    """When it wants to be woken; None once it is closed."""
    closes_at: datetime
    closed_at: datetime | None
    reason: str
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """What one member replied."""

    member: str
    name: str
    value: dict[str, Any]
    at: datetime
    """Of the first reply."""


def open_(
    tx: Connection,
    *,
    community: str,
    kind: str,
    occurrence: str,
    options: dict[str, Any],
    phase: str,
    seed: str,
    quiet_hours: str | None,
    next_at: datetime,
    closes_at: datetime,
    now: datetime,
) -> int:
    """Opens a gathering and returns its id. Raises AlreadyOpened."""
    gathering = insert_one(
        tx,
        _GATHERING,
        {
            "community": community,
            "kind": kind,
            "occurrence": occurrence,
            "options": options,
            "phase": phase,
            "seed": seed,
            "quiet_hours": quiet_hours,
            "opened_at": now,
            "next_at": next_at,
            "closes_at": closes_at,
            "reason": "",
            "result": {},
        },
    )
    if gathering is None:
        raise AlreadyOpened(occurrence)
    return int(gathering)


def recent(tx: Connection, community: str, closed_since: datetime) -> list[GatheringRow]:
    """Those of a community that are open, or were closed since an instant; newest first."""
    given = {"in_community": community, "closed_since": closed_since}
    return [GatheringRow(*found) for found in tx.execute(_RECENT, given)]


def lock(tx: Connection, gathering: int) -> GatheringRow | None:
    """A gathering that is still open, held against other processes until commit."""
    query = pick(_GATHERING, GatheringRow).where(
        _GATHERING.c.id == gathering, _GATHERING.c.closed_at.is_(None)
    )
    return one(tx, for_change(tx, query), GatheringRow)


def due(tx: Connection, now: datetime) -> list[int]:
    """Ids of open gatherings that want to be woken, longest waiting first. Those of a paused
    community rest until it is resumed."""
    query = select(_GATHERING.c.id).where(_AWAKE, _GATHERING.c.next_at <= now)
    waiting = query.order_by(_GATHERING.c.next_at, _GATHERING.c.id)
    return list(tx.execute(for_change(tx, waiting, skip_locked=True)).scalars())


def next_due(tx: Connection) -> datetime | None:
    """When the next gathering wants to be woken; past instants mean now."""
    at: datetime | None = tx.execute(select(func.min(_GATHERING.c.next_at)).where(_AWAKE)).scalar()
    return at


def turn(
    tx: Connection, gathering: int, phase: str, next_at: datetime, closes_at: datetime
) -> None:
    """It goes on, perhaps in another phase. Raises Conflict when it is closed."""
    _change(tx, gathering, phase=phase, next_at=next_at, closes_at=closes_at)


def close(
    tx: Connection, gathering: int, reason: str, result: dict[str, Any], now: datetime
) -> None:
    """It is over; `result` stays. Raises Conflict when it was closed before."""
    _change(tx, gathering, next_at=None, closed_at=now, reason=reason, result=result)


def keep_reply(
    tx: Connection, gathering: int, member: str, value: dict[str, Any], now: datetime
) -> None:
    """A member's reply; a later one takes the place of the earlier."""
    given = {"gathering": gathering, "member": member, "value": value, "at": now}
    insert = insert_for(tx, _REPLY).values(**given)
    keys = ["gathering", "member"]
    tx.execute(insert.on_conflict_do_update(index_elements=keys, set_={"value": value}))


def reply(tx: Connection, gathering: int, member: str) -> dict[str, Any] | None:
    """What a member has replied so far."""
    query = select(_REPLY.c.value).where(_REPLY.c.gathering == gathering, _REPLY.c.member == member)
    found: dict[str, Any] | None = tx.execute(query).scalar()
    return found


def answered(tx: Connection, community: str, member: str, step: str) -> bool:
    """Whether a member has replied to a gathering of a step (`plan/step`) that is not erased."""
    query = (
        select(_REPLY.c.member)
        .join(_GATHERING, _GATHERING.c.id == _REPLY.c.gathering)
        .where(
            _GATHERING.c.community == community,
            _GATHERING.c.occurrence.startswith(f"{step}/", autoescape=True),
            _REPLY.c.member == member,
        )
    )
    return tx.execute(query.limit(1)).first() is not None


def reply_count(tx: Connection, gathering: int) -> int:
    """How many members have replied, those who left included."""
    query = select(func.count()).where(_REPLY.c.gathering == gathering)
    return tx.execute(query).scalar_one()


def replies(tx: Connection, gathering: int) -> list[ReplyRow]:
    """The replies of members who are still in the community, in the order of their first."""
    query = (
        select(_REPLY.c.member, _MEMBER.c.name, _REPLY.c.value, _REPLY.c.at)
        .join_from(_REPLY, _GATHERING, _GATHERING.c.id == _REPLY.c.gathering)
        .join(_MEMBER, _MEMBER.c.id == _REPLY.c.member)
        .join(
            _STAY,
            (_STAY.c.member == _REPLY.c.member)
            & (_STAY.c.community == _GATHERING.c.community)
            & _STAY.c.left_at.is_(None),
        )
        .where(_REPLY.c.gathering == gathering)
        .order_by(_REPLY.c.at, _REPLY.c.member)
    )
    return every(tx, query, ReplyRow)


def purge(tx: Connection, closed_before: datetime) -> int:
    """Erases the replies of gatherings closed before an instant; returns how many."""
    old = select(_GATHERING.c.id).where(_GATHERING.c.closed_at < closed_before)
    return tx.execute(delete(_REPLY).where(_REPLY.c.gathering.in_(old))).rowcount


def _change(tx: Connection, gathering: int, **values: Any) -> None:
    still_open = (_GATHERING.c.id == gathering, _GATHERING.c.closed_at.is_(None))
    if tx.execute(update(_GATHERING).where(*still_open).values(**values)).rowcount != 1:
        raise Conflict(f"gathering {gathering} is not open")


_AWAKE = _GATHERING.c.closed_at.is_(None) & _GATHERING.c.community.not_in(
    select(_COMMUNITY.c.id).where(_COMMUNITY.c.paused)
)
# Asked for every message that comes in, so built once.
_RECENT = (
    pick(_GATHERING, GatheringRow)
    .where(
        _GATHERING.c.community == bindparam("in_community"),
        or_(
            _GATHERING.c.closed_at.is_(None),
            _GATHERING.c.closed_at >= bindparam("closed_since", type_=_GATHERING.c.closed_at.type),
        ),
    )
    .order_by(_GATHERING.c.id.desc())
)
