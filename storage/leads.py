"""Leads: people on a list whom colleagues are to add as contacts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, func, select, update

from storage.rows import every, insert_new, one, pick, values
from storage.tables.onboarding import Lead
from storage.types import table

_LEAD = table(Lead)
DONE = ("added", "refused")
"""Of these nothing more is to be done."""
_UNDONE = _LEAD.c.status.in_(["waiting", "unanswered"])


@dataclass(frozen=True, slots=True)
class NewLead:
    """A line of a list."""

    list: str
    line: int
    channel: str
    name: str
    phone: str
    """Sealed."""
    phone_hash: str
    masked: str
    priority: int
    staff: str
    community: str
    variant: str
    benefit: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead as colleagues see it: without the number."""

    id: int
    list: str
    line: int
    channel: str
    name: str
    masked: str
    priority: int
    staff: str
    community: str
    variant: str
    benefit: str
    status: str
    note: str
    created_at: datetime
    done_at: datetime | None
    member: str | None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What came of the leads that were offered one benefit."""

    channel: str
    variant: str
    total: int
    added: int
    unanswered: int
    refused: int


def add(tx: Connection, rows: Sequence[NewLead]) -> int:
    """Keeps the leads whose number nobody has yet; returns how many."""
    return insert_new(tx, _LEAD, [values(row) for row in rows])


def known(tx: Connection, hashes: Collection[str]) -> set[str]:
    """Which of these numbers are on a list already."""
    wanted = sorted(hashes)
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        query = select(_LEAD.c.phone_hash).where(_LEAD.c.phone_hash.in_(part))
        found |= set(tx.execute(query).scalars())
    return found


def lists(tx: Connection) -> set[str]:
    """The names of all imports."""
    return set(tx.execute(select(_LEAD.c.list).distinct()).scalars())


def of(tx: Connection, staff: str) -> list[LeadRow]:
    """A colleague's work: by priority, those tried already last, then as they came."""
    tried = case((_LEAD.c.status == "unanswered", 1), else_=0)
    query = pick(_LEAD, LeadRow).where(_LEAD.c.staff == staff, _UNDONE)
    return every(tx, query.order_by(tried, _LEAD.c.priority, _LEAD.c.id), LeadRow)


def get(tx: Connection, id: int) -> LeadRow | None:
    """One lead."""
    return one(tx, pick(_LEAD, LeadRow).where(_LEAD.c.id == id), LeadRow)


def settle(
    tx: Connection, id: int, status: str, note: str, at: datetime | None, member: str | None
) -> bool:
    """What came of a lead; False if it does not exist."""
    values = {"status": status, "note": note, "done_at": at, "member": member}
    return tx.execute(update(_LEAD).where(_LEAD.c.id == id).values(**values)).rowcount == 1


def waiting_by_staff(tx: Connection) -> dict[str, int]:
    """How many leads each colleague still has."""
    query = select(_LEAD.c.staff, func.count()).where(_UNDONE).group_by(_LEAD.c.staff)
    return dict(tx.execute(query).all())


def results(tx: Connection, channel: str | None = None) -> list[ResultRow]:
    """What came of leads by channel and benefit."""

    def count(status: str) -> ColumnElement[int]:
        return func.sum(case((_LEAD.c.status == status, 1), else_=0))

    query = select(
        _LEAD.c.channel,
        _LEAD.c.variant,
        func.count(),
        count("added"),
        count("unanswered"),
        count("refused"),
    )
    if channel is not None:
        query = query.where(_LEAD.c.channel == channel)
    grouped = query.group_by(_LEAD.c.channel, _LEAD.c.variant)
    rows = tx.execute(grouped.order_by(_LEAD.c.channel, _LEAD.c.variant))
    return [ResultRow(row[0], row[1], *(int(one) for one in row[2:])) for row in rows]
