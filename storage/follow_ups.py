"""Tasks for RMs about single members."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from storage.rows import every, insert_one, pick
from storage.tables.people import FollowUp
from storage.types import table

_FOLLOW_UP = table(FollowUp)


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
) -> bool:
    """A new task; False if its key is known, whatever became of that one."""
    values = {
        "key": key,
        "community": community,
        "member": member,
        "staff": staff,
        "reason": reason,
        "due_at": due_at,
        "created_at": now,
    }
    return insert_one(tx, _FOLLOW_UP, values) is not None


def done(tx: Connection, id: int, by: str, now: datetime) -> bool:
    """A task is done; False if it was already."""
    open_ = (_FOLLOW_UP.c.id == id, _FOLLOW_UP.c.done_at.is_(None))
    return (
        tx.execute(update(_FOLLOW_UP).where(*open_).values(done_at=now, done_by=by)).rowcount == 1
    )


def waiting(tx: Connection, community: str, prefix: str) -> set[str]:
    """Members with a task that is not done and whose key begins with `prefix`."""
    query = select(_FOLLOW_UP.c.member).where(
        _FOLLOW_UP.c.community == community,
        _FOLLOW_UP.c.done_at.is_(None),
        _FOLLOW_UP.c.key.startswith(prefix, autoescape=True),
    )
    return set(tx.execute(query).scalars())


def open_for(tx: Connection, staff: str) -> list[FollowUpRow]:
    """What an RM still has to do, most urgent first."""
    query = pick(_FOLLOW_UP, FollowUpRow).where(
        _FOLLOW_UP.c.staff == staff, _FOLLOW_UP.c.done_at.is_(None)
    )
    return every(tx, query.order_by(_FOLLOW_UP.c.due_at, _FOLLOW_UP.c.id), FollowUpRow)
