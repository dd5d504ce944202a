"""Stamps: which content of which step a reviewer has approved, and what became of that.

A stamp is bound to content. Several of one step may be active at once: when an edit is taken
back, the stamp of the older content counts again. Revoking ends them all.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from storage.rows import every, insert_one, pick
from storage.tables.reviews import ReviewStamp
from storage.types import table

_STAMP = table(ReviewStamp)


@dataclass(frozen=True, slots=True)
class StampRow:
    """One approval."""

    id: int
    plan: str
    step: str
    hash: str
    sheet: str
    """What the reviewer read."""
    stamped_by: str
    stamped_at: datetime
    note: str
    revoked_by: str | None
    revoked_at: datetime | None
    reason: str


def stamp(
    tx: Connection,
    *,
    plan: str,
    step: str,
    hash: str,
    sheet: str,
    by: str,
    note: str,
    now: datetime,
) -> bool:
    """Approves this content; False if it is approved already."""
    values = {
        "plan": plan,
        "step": step,
        "hash": hash,
        "sheet": sheet,
        "stamped_by": by,
        "stamped_at": now,
        "note": note,
    }
    return insert_one(tx, _STAMP, values) is not None


def revoke(tx: Connection, *, plan: str, step: str, by: str, reason: str, now: datetime) -> int:
    """Ends every active stamp of a step; returns how many there were."""
    active = (_STAMP.c.plan == plan, _STAMP.c.step == step, _STAMP.c.revoked_at.is_(None))
    revoked = {"revoked_by": by, "revoked_at": now, "reason": reason}
    return tx.execute(update(_STAMP).where(*active).values(revoked)).rowcount


def is_stamped(tx: Connection, plan: str, step: str, hash: str) -> bool:
    """Whether exactly this content is approved."""
    given = {"of_plan": plan, "of_step": step, "of_hash": hash}
    return tx.execute(_IS_STAMPED, given).first() is not None


def has_stamp(tx: Connection, plan: str, step: str) -> bool:
    """Whether any content of it, be it an earlier one, has a stamp that nobody took back."""
    active = (_STAMP.c.plan == plan, _STAMP.c.step == step, _STAMP.c.revoked_at.is_(None))
    return tx.execute(select(_STAMP.c.id).where(*active).limit(1)).first() is not None


def active(tx: Connection) -> dict[tuple[str, str], dict[str, StampRow]]:
    """Every stamp that counts: (plan, step) → hash → stamp."""
    query = pick(_STAMP, StampRow).where(_STAMP.c.revoked_at.is_(None)).order_by(_STAMP.c.id)
    found: dict[tuple[str, str], dict[str, StampRow]] = {}
    for row in every(tx, query, StampRow):
        found.setdefault((row.plan, row.step), {})[row.hash] = row
    return found


def history(tx: Connection, plan: str, step: str) -> list[StampRow]:
    """Every stamp that a step ever had, newest first."""
    query = pick(_STAMP, StampRow).where(_STAMP.c.plan == plan, _STAMP.c.step == step)
    return every(tx, query.order_by(_STAMP.c.id.desc()), StampRow)


# Asked for every step that runs: built once.
_IS_STAMPED = select(_STAMP.c.id).where(
    _STAMP.c.plan == bindparam("of_plan"),
    _STAMP.c.step == bindparam("of_step"),
    _STAMP.c.hash == bindparam("of_hash"),
    _STAMP.c.revoked_at.is_(None),
)
