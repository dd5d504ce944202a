"""Days compared with what the payer says of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from storage.payout_rows import PayoutRow, selected
from storage.rows import every, insert_for, one, pick, values
from storage.tables.money import Award, Payout, Reconciliation
from storage.types import table

_AWARD = table(Award)
_DAY = table(Reconciliation)
_PAYOUT = table(Payout)


@dataclass(frozen=True, slots=True)
class ReconciliationRow:
    """One day."""

    day: date
    payer: str
    checked_at: datetime
    ours: int
    ours_fen: int
    theirs: int
    theirs_fen: int
    differences: list[dict[str, Any]]
    """`{"order_no", "what", "ours_fen", "theirs_fen"}` each; empty when all is the same."""


def keep(tx: Connection, row: ReconciliationRow) -> None:
    """Writes a day down; looked at again, the newer look counts."""
    given = values(row)
    insert = insert_for(tx, _DAY).values(given)
    tx.execute(insert.on_conflict_do_update(index_elements=["day"], set_=given))


def get(tx: Connection, day: date) -> ReconciliationRow | None:
    """One day."""
    return one(tx, pick(_DAY, ReconciliationRow).where(_DAY.c.day == day), ReconciliationRow)


def latest(tx: Connection) -> ReconciliationRow | None:
    """The newest day that was compared."""
    query = pick(_DAY, ReconciliationRow).order_by(_DAY.c.day.desc()).limit(1)
    return one(tx, query, ReconciliationRow)


def paid_between(tx: Connection, start: datetime, end: datetime) -> list[PayoutRow]:
    """Cash that the payer paid, as we recorded it in [start, end)."""
    query = selected().where(
        _PAYOUT.c.status == "paid",
        _AWARD.c.kind == "cash",
        _PAYOUT.c.finished_at >= start,
        _PAYOUT.c.finished_at < end,
    )
    return every(tx, query.order_by(_PAYOUT.c.order_no), PayoutRow)


def sent_between(tx: Connection, start: datetime, end: datetime) -> list[str]:
    """Orders that were sent to the payer by `end` and not finished before `start`."""
    query = select(_PAYOUT.c.order_no).where(
        _PAYOUT.c.submitted_at < end,
        _PAYOUT.c.finished_at.is_(None) | (_PAYOUT.c.finished_at >= start),
    )
    return list(tx.execute(query.order_by(_PAYOUT.c.order_no)).scalars())
