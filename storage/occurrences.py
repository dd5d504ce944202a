"""The calendar's rows: what shall happen when, and what became of it.

planned ──► done | skipped | failed | asked (a person decides: run late, or skip)
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, func, select, update

from storage.rows import every, for_change, insert_for, insert_new, one, pick
from storage.tables.work import Occurrence, Watermark
from storage.types import table

_OCCURRENCE = table(Occurrence)
_WATERMARK = table(Watermark)
_RUN = "run"
_NOT_RUN = ("planned", "asked", "skipped")


@dataclass(frozen=True, slots=True)
class NewOccurrence:
    """A step on a date for a community, in one phase.

    The phases share `identity`, which is `plan/step/date/community`. `key` is unique; that of the
    running phase is the identity itself.
    """

    key: str
    identity: str
    plan: str
    step: str
    day: date
    community: str
    phase: str
    """announce, remind, run."""
    due_at: datetime
    window_ends_at: datetime
    """Until then it counts as on time."""


@dataclass(frozen=True, slots=True)
class OccurrenceRow:
    """An occurrence and what became of it."""

    key: str
    identity: str
    plan: str
    step: str
    day: date
    community: str
    phase: str
    planned_for: datetime
    """When the plan wanted it; `due_at` differs once it was postponed."""
    due_at: datetime
    window_ends_at: datetime
    status: str
    reason: str
    changed_by: str | None
    """Who skipped, postponed or ran it by hand."""
    ran_at: datetime | None
    """When it was settled: done, skipped, asked or failed."""
    confirmed_at: datetime | None
    confirmed_by: str | None


def plan(tx: Connection, rows: Iterable[NewOccurrence], now: datetime) -> int:
    """Lists occurrences; those already known are left alone. Returns how many were new."""
    return insert_new(tx, _OCCURRENCE, [_values(row, now) for row in rows])


def due(tx: Connection, now: datetime, limit: int) -> list[OccurrenceRow]:
    """Planned occurrences whose time has come, oldest first. Rows in another process's hands
    are passed over."""
    query = (
        pick(_OCCURRENCE, OccurrenceRow)
        .where(_OCCURRENCE.c.status == "planned", _OCCURRENCE.c.due_at <= now)
        .order_by(_OCCURRENCE.c.due_at, _OCCURRENCE.c.key)
        .limit(limit)
    )
    return every(tx, for_change(tx, query, skip_locked=True), OccurrenceRow)


def lock(tx: Connection, key: str) -> OccurrenceRow | None:
    """An occurrence, held against other processes until commit."""
    return one(tx, for_change(tx, _BY_KEY), OccurrenceRow, {"of": key})


def finish(tx: Connection, key: str, status: str, reason: str, now: datetime) -> bool:
    """Settles a planned or asked occurrence: done, skipped, asked, failed. False if it is
    already settled."""
    given = {"of": key, "is": status, "because": reason, "at": now}
    return tx.execute(_SETTLE, given).rowcount == 1


def varied(tx: Connection, key: str, variant: str) -> None:
    """Which variant was carried out: who reads it later may find the plan changed."""
    tx.execute(update(_OCCURRENCE).where(_OCCURRENCE.c.key == key).values(variant=variant))


def override(
    tx: Connection,
    row: NewOccurrence,
    status: str,
    due_at: datetime,
    reason: str,
    by: str,
    now: datetime,
) -> bool:
    """A person skips (`skipped`) or postpones (`planned`, another `due_at`) an occurrence, also
    one that the planner has not listed yet. Its window keeps its length. False if it has run."""
    insert_new(tx, _OCCURRENCE, [_values(row, now)])
    known = lock(tx, row.key)
    if known is None or known.status not in _NOT_RUN:
        return False
    tx.execute(
        update(_OCCURRENCE)
        .where(_OCCURRENCE.c.key == row.key)
        .values(
            status=status,
            due_at=due_at,
            window_ends_at=due_at + (known.window_ends_at - known.due_at),
            reason=reason,
            changed_by=by,
            ran_at=None if status == "planned" else now,
        )
    )
    return True


def restore(tx: Connection, identity: str) -> bool:
    """Takes an override back: the plan's own time counts again. False if there is none, or it
    has run."""
    query = pick(_OCCURRENCE, OccurrenceRow).where(
        _OCCURRENCE.c.key == identity,
        _OCCURRENCE.c.changed_by.is_not(None),
        _OCCURRENCE.c.status.in_(_NOT_RUN),
    )
    row = one(tx, for_change(tx, query), OccurrenceRow)
    if row is None:
        return False
    tx.execute(
        update(_OCCURRENCE)
        .where(_OCCURRENCE.c.key == identity)
        .values(
            status="planned",
            due_at=row.planned_for,
            window_ends_at=row.planned_for + (row.window_ends_at - row.due_at),
            reason="",
            changed_by=None,
            ran_at=None,
        )
    )
    return True


def get(tx: Connection, identity: str) -> OccurrenceRow | None:
    """The running phase of an occurrence, if it is known yet."""
    return one(
        tx, pick(_OCCURRENCE, OccurrenceRow).where(_OCCURRENCE.c.key == identity), OccurrenceRow
    )


def confirm(tx: Connection, identity: str, by: str, now: datetime) -> bool:
    """The RM says that the script was sent; the first confirmation counts."""
    unconfirmed = (_OCCURRENCE.c.key == identity, _OCCURRENCE.c.confirmed_at.is_(None))
    confirmed = update(_OCCURRENCE).where(*unconfirmed)
    return tx.execute(confirmed.values(confirmed_at=now, confirmed_by=by)).rowcount == 1


def decline(tx: Connection, identity: str, by: str, reason: str, now: datetime) -> bool:
    """The RM decides against a script that was handed over: False if it was confirmed, or never
    handed over."""
    handed = (
        _OCCURRENCE.c.key == identity,
        _OCCURRENCE.c.status == "done",
        _OCCURRENCE.c.confirmed_at.is_(None),
    )
    declined = {"status": "skipped", "reason": reason, "changed_by": by, "ran_at": now}
    return tx.execute(update(_OCCURRENCE).where(*handed).values(**declined)).rowcount == 1


def sent_after_all(tx: Connection, identity: str, by: str, at: datetime) -> None:
    """The RM confirmed it at WeCom before a skip or a postponement could take effect."""
    tx.execute(
        update(_OCCURRENCE)
        .where(_OCCURRENCE.c.key == identity)
        .values(status="done", reason="", confirmed_at=at, confirmed_by=by)
    )


def reopen(tx: Connection, identity: str) -> None:
    """The RM decided for a script again that was handed over and skipped."""
    mine = (_OCCURRENCE.c.key == identity, _OCCURRENCE.c.status == "skipped")
    back = {"status": "done", "reason": "", "changed_by": None}
    tx.execute(update(_OCCURRENCE).where(*mine).values(**back))


def explain(tx: Connection, identity: str, reason: str) -> None:
    """Why it was skipped, in better words."""
    mine = (_OCCURRENCE.c.key == identity, _OCCURRENCE.c.status == "skipped")
    tx.execute(update(_OCCURRENCE).where(*mine).values(reason=reason))


def between(
    tx: Connection,
    from_: datetime,
    until: datetime,
    communities: Collection[str] | None = None,
) -> list[OccurrenceRow]:
    """Occurrences due in [from_, until), in order, of these communities or of all."""
    query = pick(_OCCURRENCE, OccurrenceRow).where(
        _OCCURRENCE.c.due_at >= from_, _OCCURRENCE.c.due_at < until
    )
    if communities is not None:
        query = query.where(_OCCURRENCE.c.community.in_(communities))
    return every(tx, query.order_by(_OCCURRENCE.c.due_at, _OCCURRENCE.c.key), OccurrenceRow)


def ran(tx: Connection, community: str, first: date, last: date) -> dict[tuple[str, str], int]:
    """How often each (plan, step) of these local days was carried out."""
    rows = tx.execute(_RAN, {"in_community": community, "first_day": first, "last_day": last})
    return {(plan_name, step): n for plan_name, step, n in rows}


def next_due(tx: Connection) -> datetime | None:
    """When the next planned occurrence is due; past instants mean now."""
    query = select(func.min(_OCCURRENCE.c.due_at)).where(_OCCURRENCE.c.status == "planned")
    at: datetime | None = tx.execute(query).scalar()
    return at


def watermark(tx: Connection, name: str) -> datetime | None:
    """Until when something has been looked at; None before the first time."""
    return tx.execute(_MARK, {"mark": name}).scalar()


def watermarks(tx: Connection, prefix: str) -> dict[str, datetime]:
    """The watermarks whose names begin so."""
    return dict(tx.execute(_MARKS, {"pattern": _SPECIAL.sub(r"#\g<0>", prefix) + "%"}).all())


def set_watermark(tx: Connection, name: str, at: datetime) -> None:
    """Moves a watermark."""
    insert = insert_for(tx, _WATERMARK).values(name=name, at=at)
    tx.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


def _values(row: NewOccurrence, now: datetime) -> dict[str, object]:
    return {
        "key": row.key,
        "identity": row.identity,
        "plan": row.plan,
        "step": row.step,
        "day": row.day,
        "community": row.community,
        "phase": row.phase,
        "planned_for": row.due_at,
        "due_at": row.due_at,
        "window_ends_at": row.window_ends_at,
        "listed_at": now,
    }


# Run for every occurrence, and a thousand may fall due in the same second: built once.
_BY_KEY = pick(_OCCURRENCE, OccurrenceRow).where(_OCCURRENCE.c.key == bindparam("of"))
_SETTLE = (
    update(_OCCURRENCE)
    .where(_OCCURRENCE.c.key == bindparam("of"), _OCCURRENCE.c.status.in_(_NOT_RUN))
    .values(status=bindparam("is"), reason=bindparam("because"), ran_at=bindparam("at"))
)
_RAN = (
    select(_OCCURRENCE.c.plan, _OCCURRENCE.c.step, func.count())
    .where(
        _OCCURRENCE.c.community == bindparam("in_community"),
        _OCCURRENCE.c.day >= bindparam("first_day"),
        _OCCURRENCE.c.day <= bindparam("last_day"),
        _OCCURRENCE.c.phase == _RUN,
        _OCCURRENCE.c.status == "done",
    )
    .group_by(_OCCURRENCE.c.plan, _OCCURRENCE.c.step)
)


# Asked at every tick, so built once: that costs more than to answer them.
_SPECIAL = re.compile("[#%_]")
_MARK = select(_WATERMARK.c.at).where(_WATERMARK.c.name == bindparam("mark"))
_MARKS = select(_WATERMARK.c.name, _WATERMARK.c.at).where(
    _WATERMARK.c.name.like(bindparam("pattern"), escape="#")
)
