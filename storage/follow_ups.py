"""Tasks for RMs about single members."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from storage.rows import every, insert_one, one, pick
from storage.tables.people import FollowUp, Member
from storage.types import table

_FOLLOW_UP = table(FollowUp)
_MEMBER = table(Member)
_OPEN = _FOLLOW_UP.c.done_at.is_(None)
_BY_URGENCY = (_FOLLOW_UP.c.priority, _FOLLOW_UP.c.due_at, _FOLLOW_UP.c.id)


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """A task."""

    id: int
    key: str
    community: str
    member: str
    staff: str
    reason: str
    due_at: datetime
    created_at: datetime
    done_at: datetime | None
    done_by: str | None
    planned_for: datetime
    priority: int
    script: str
    source: str
    status: str
    result: str
    remind_at: datetime | None
    handed_from: str | None
    escalated_at: datetime | None


def add(
    tx: Connection,
    *,
    key: str,
    community: str,
    member: str,
    staff: str,
    reason: str,
    due_at: datetime,
    now: datetime,
    priority: int = 2,
    script: str = "",
    source: str = "step",
) -> bool:
    """A new task; False if its key is known, whatever became of that one."""
    values = {
        "key": key,
        "community": community,
        "member": member,
        "staff": staff,
        "reason": reason,
        "due_at": due_at,
        "planned_for": due_at,
        "created_at": now,
        "priority": priority,
        "script": script,
        "source": source,
        "status": "open",
    }
    return insert_one(tx, _FOLLOW_UP, values) is not None


def end(tx: Connection, key: str, status: str, by: str, result: str, now: datetime) -> bool:
    """A task is done or dropped; one that was already only gets another result. Returns whether
    it was open."""
    mine = _FOLLOW_UP.c.key == key
    closing = update(_FOLLOW_UP).where(mine, _OPEN)
    values = {"status": status, "done_at": now, "done_by": by, "remind_at": None}
    if tx.execute(closing.values(**values, result=result)).rowcount == 1:
        return True
    tx.execute(update(_FOLLOW_UP).where(mine, _FOLLOW_UP.c.status == status).values(result=result))
    return False


def reopen(tx: Connection, key: str) -> None:
    """A task is to be done after all."""
    values = {"status": "open", "done_at": None, "done_by": None, "result": ""}
    tx.execute(update(_FOLLOW_UP).where(_FOLLOW_UP.c.key == key).values(**values))


def hand(tx: Connection, key: str, staff: str, handed_from: str | None) -> None:
    """An open task belongs to another colleague."""
    _change(tx, (key,), staff=staff, handed_from=handed_from)


def put_off(tx: Connection, key: str, due_at: datetime, remind_at: datetime | None) -> None:
    """An open task is due later."""
    _change(tx, (key,), due_at=due_at, remind_at=remind_at)


def escalated(tx: Connection, keys: Collection[str], now: datetime) -> None:
    """Managers know of these tasks; the first time counts."""
    query = update(_FOLLOW_UP).where(
        _FOLLOW_UP.c.key.in_(sorted(keys)), _OPEN, _FOLLOW_UP.c.escalated_at.is_(None)
    )
    tx.execute(query.values(escalated_at=now))


def _change(tx: Connection, keys: Collection[str], **values: object) -> None:
    tx.execute(update(_FOLLOW_UP).where(_FOLLOW_UP.c.key.in_(keys), _OPEN).values(**values))


def end_of_stay(tx: Connection, community: str, member: str, now: datetime) -> int:
    """A member has left a community: nobody is to follow them up there. Returns how many tasks
    that ends."""
    query = update(_FOLLOW_UP).where(
        _FOLLOW_UP.c.community == community, _FOLLOW_UP.c.member == member, _OPEN
    )
    values = {"status": "dropped", "done_at": now, "done_by": "system", "remind_at": None}
    return tx.execute(query.values(**values, result="已退群")).rowcount


def waiting(tx: Connection, community: str, prefix: str) -> set[str]:
    """Members with a task that is not done and whose key begins with `prefix`."""
    query = select(_FOLLOW_UP.c.member).where(
        _FOLLOW_UP.c.community == community,
        _OPEN,
        _FOLLOW_UP.c.key.startswith(prefix, autoescape=True),
    )
    return set(tx.execute(query).scalars())


def lately(tx: Connection, prefix: str, since: datetime) -> set[str]:
    """Members with any open task, or with one whose key begins with `prefix` and that ended since
    then."""
    ended = _FOLLOW_UP.c.key.startswith(prefix, autoescape=True) & (_FOLLOW_UP.c.done_at >= since)
    return set(tx.execute(select(_FOLLOW_UP.c.member).where(or_(_OPEN, ended))).scalars())


def get(tx: Connection, id: int) -> FollowUpRow | None:
    """A task by its number."""
    return one(tx, pick(_FOLLOW_UP, FollowUpRow).where(_FOLLOW_UP.c.id == id), FollowUpRow)


def by_key(tx: Connection, key: str) -> FollowUpRow | None:
    """A task by its key."""
    return one(tx, pick(_FOLLOW_UP, FollowUpRow).where(_FOLLOW_UP.c.key == key), FollowUpRow)


def open_for(tx: Connection, staff: str) -> list[FollowUpRow]:
    """What an RM still has to do, most important first, then most urgent."""
    query = pick(_FOLLOW_UP, FollowUpRow).where(_FOLLOW_UP.c.staff == staff, _OPEN)
    return every(tx, query.order_by(*_BY_URGENCY), FollowUpRow)


def open_in(tx: Connection, community: str) -> list[FollowUpRow]:
    """What is still to be done in a community, by number."""
    query = pick(_FOLLOW_UP, FollowUpRow).where(_FOLLOW_UP.c.community == community, _OPEN)
    return every(tx, query.order_by(_FOLLOW_UP.c.id), FollowUpRow)


def of_member(tx: Connection, member: str, communities: Sequence[str]) -> list[FollowUpRow]:
    """Everything about a member in these communities: the open ones first, then the latest."""
    query = pick(_FOLLOW_UP, FollowUpRow).where(
        _FOLLOW_UP.c.member == member, _FOLLOW_UP.c.community.in_(communities)
    )
    order = (_FOLLOW_UP.c.done_at.is_not(None), _FOLLOW_UP.c.id.desc())
    return every(tx, query.order_by(*order), FollowUpRow)


def every_open(tx: Connection) -> list[FollowUpRow]:
    """What is still to be done by anybody, by colleague and due time."""
    query = pick(_FOLLOW_UP, FollowUpRow).where(_OPEN)
    order = (_FOLLOW_UP.c.staff, _FOLLOW_UP.c.due_at, _FOLLOW_UP.c.id)
    return every(tx, query.order_by(*order), FollowUpRow)


def holders(tx: Connection) -> set[str]:
    """Colleagues with something to do."""
    return set(tx.execute(select(_FOLLOW_UP.c.staff).where(_OPEN).distinct()).scalars())


def to_remind(tx: Connection, now: datetime, limit: int) -> list[str]:
    """Keys of what was put off until now, the earliest first."""
    query = select(_FOLLOW_UP.c.key).where(_OPEN, _FOLLOW_UP.c.remind_at <= now)
    return list(tx.execute(query.order_by(_FOLLOW_UP.c.remind_at).limit(limit)).scalars())


def next_reminder(tx: Connection) -> datetime | None:
    """When the next reminder is due."""
    query = select(_FOLLOW_UP.c.remind_at).where(_OPEN, _FOLLOW_UP.c.remind_at.is_not(None))
    return tx.execute(query.order_by(_FOLLOW_UP.c.remind_at).limit(1)).scalar()


def names(tx: Connection, members: Collection[str]) -> dict[str, str]:
    """How members are called."""
    found: dict[str, str] = {}
    wanted = sorted(set(members))
    for start in range(0, len(wanted), 500):
        query = select(_MEMBER.c.id, _MEMBER.c.name)
        rows = tx.execute(query.where(_MEMBER.c.id.in_(wanted[start : start + 500])))
        found.update((row.id, row.name) for row in rows)
    return found
