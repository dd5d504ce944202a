"""Remarks and descriptions that colleagues' customers are to have at WeCom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from storage.rows import every, insert_for, one, pick
from storage.tables.referrals import Relation
from storage.tables.standings import RemarkWrite
from storage.types import table

_WRITE = table(RemarkWrite)
_RELATION = table(Relation)


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """What one pair of colleague and customer is owed; None: stays as it is."""

    member: str
    staff: str
    remark: str | None
    description: str | None
    owed_at: datetime
    status: str
    attempts: int
    next_at: datetime
    reason: str


def owe(
    tx: Connection,
    member: str,
    staff: str,
    remark: str | None,
    description: str | None,
    now: datetime,
) -> None:
    """To be written; what is not written yet of an earlier word stays unless said anew."""
    before = of(tx, staff, member)
    if before is not None and before.status == "waiting":
        remark = before.remark if remark is None else remark
        description = before.description if description is None else description
    keys = {"member": member, "staff": staff}
    given = {
        "remark": remark,
        "description": description,
        "owed_at": now,
        "status": "waiting",
        "attempts": 0,
        "next_at": now,
        "reason": "",
    }
    insert = insert_for(tx, _WRITE).values(**keys, **given)
    tx.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=given))


def of(tx: Connection, staff: str, member: str) -> RemarkRow | None:
    """What a pair is owed, or was refused."""
    query = pick(_WRITE, RemarkRow).where(_WRITE.c.member == member, _WRITE.c.staff == staff)
    return one(tx, query, RemarkRow)


def due(tx: Connection, now: datetime, limit: int) -> list[RemarkRow]:
    """What is to be written now, the longest waiting first."""
    query = pick(_WRITE, RemarkRow).where(_WRITE.c.status == "waiting", _WRITE.c.next_at <= now)
    ordered = query.order_by(_WRITE.c.next_at, _WRITE.c.member, _WRITE.c.staff)
    return every(tx, ordered.limit(limit), RemarkRow)


def next_due(tx: Connection) -> datetime | None:
    """When something is to be written next."""
    at: datetime | None = tx.execute(
        select(func.min(_WRITE.c.next_at)).where(_WRITE.c.status == "waiting")
    ).scalar()
    return at


def done(tx: Connection, row: RemarkRow) -> None:
    """WeCom has it; the pair says so from now on."""
    told = {"remark": row.remark, "description": row.description}
    changes = {name: value for name, value in told.items() if value is not None}
    if changes:
        pair = (_RELATION.c.member == row.member, _RELATION.c.staff == row.staff)
        tx.execute(update(_RELATION).where(*pair).values(**changes))
    tx.execute(delete(_WRITE).where(*_same(row)))


def put_off(tx: Connection, row: RemarkRow, until: datetime, reason: str) -> None:
    """Tried again then."""
    later = update(_WRITE).where(*_same(row))
    tx.execute(later.values(attempts=row.attempts + 1, next_at=until, reason=reason))


def give_up(tx: Connection, row: RemarkRow, status: str, reason: str) -> None:
    """Tried no more: failed, or dropped because they are contacts no longer."""
    tx.execute(update(_WRITE).where(*_same(row)).values(status=status, reason=reason))


def _same(row: RemarkRow) -> tuple[ColumnElement[bool], ...]:
    return (
        _WRITE.c.member == row.member,
        _WRITE.c.staff == row.staff,
        _WRITE.c.owed_at == row.owed_at,
    )
