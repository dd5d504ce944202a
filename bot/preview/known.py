"""What the installation's database knows that changes a week: used items, orders of RMs, stamps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sop.library import Library
from sop.occurrence import Occurrence
from sop.review import reviewable
from sop.sheet import content_hash
from storage import lists, occurrences, reviews
from storage.database import Unusable, open_database
from storage.lists import UsedRow
from storage.occurrences import NewOccurrence, OccurrenceRow

NEEDED, GIVEN = "❗ 没有审核章", "✅ 已盖章"


@dataclass(frozen=True, slots=True)
class Known:
    """Read once, beside a running service."""

    used: tuple[UsedRow, ...] = ()
    ordered: tuple[OccurrenceRow, ...] = ()
    """What a person skipped or postponed and has not happened yet."""
    stamps: Mapping[tuple[str, str], frozenset[str]] | None = None
    """Hashes that are approved, by plan and step; None: nobody knows."""

    def write(self, tx: Connection) -> None:
        """Into the empty database of a preview."""
        for item in self.used:
            lists.use(tx, item.community, item.list, item.item, item.occurrence, item.used_at)
        for row in self.ordered:
            new = NewOccurrence(
                key=row.key,
                identity=row.identity,
                plan=row.plan,
                step=row.step,
                day=row.day,
                community=row.community,
                phase=row.phase,
                due_at=row.planned_for,
                window_ends_at=row.planned_for + (row.window_ends_at - row.due_at),
            )
            by = row.changed_by or ""
            occurrences.override(tx, new, row.status, row.due_at, row.reason, by, row.planned_for)

    def stamp_of(self, library: Library, reviewed: frozenset[str]) -> Callable[[Occurrence], str]:
        """Tells of an occurrence's stamp; `reviewed` are the communities that ask for one."""

        def told(one: Occurrence) -> str:
            plan = library.plans.get(one.plan.plan)
            if self.stamps is None or plan is None or one.community not in reviewed:
                return ""
            step = next((each for each in reviewable(plan) if each.id == one.step.id), None)
            if step is None:
                return ""
            approved = self.stamps.get((plan.plan, step.id), frozenset())
            return GIVEN if content_hash(plan, step, library) in approved else NEEDED

        return told


async def known(url: str, start: datetime, end: datetime) -> Known:
    """What is known of the time between two instants; nothing where there is no database yet."""
    try:
        database = await open_database(url, read_only=True)
    except Unusable:
        return Known(stamps={})
    try:
        return await database.read(lambda tx: _read(tx, start, end))
    finally:
        await database.close()


def _read(tx: Connection, start: datetime, end: datetime) -> Known:
    ordered = [
        row
        for row in occurrences.between(tx, start, end)
        if row.changed_by and row.status in ("planned", "skipped")
    ]
    stamps = {name: frozenset(found) for name, found in reviews.active(tx).items()}
    return Known(tuple(lists.everything(tx)), tuple(ordered), stamps)
