"""Whether the daily rollups are what the raw actions add up to, and mending those that are not.

Rollups are kept in the transaction of the action (`storage.activity`), so they differ only where
somebody changed the rows by hand or a program was wrong. Raw actions are forgotten earlier than
rollups (`storage.retention`): older days cannot be proved, and are left alone.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, delete, except_, func, insert, select

from storage.retention import TERMS
from storage.tables.people import Activity, Daily
from storage.types import table

_ACTIVITY = table(Activity)
_DAILY = table(Daily)
_KEY = ("community", "day", "member", "kind")
_KEPT = next(term.keeps for term in TERMS if term.table == "activity")


@dataclass(frozen=True, slots=True, order=True)
class Wrong:
    """A day of a community whose rollups are not what its actions add up to."""

    community: str
    day: date
    missing: int
    """Rows (member and kind) that should be there: absent, or with another count or time."""
    extra: int
    """Rows that should not be there as they are."""


def provable_since(now: datetime) -> date:
    """The first local day, of whatever zone, of which no raw action has been forgotten yet."""
    return (now - _KEPT).date() + timedelta(days=2)


def differing(tx: Connection, since: date) -> list[Wrong]:
    """The days from `since` on that differ, by community; one community at a time, so that it
    takes little memory."""
    return [
        wrong
        for community in _communities(tx, since)
        for wrong in _differing_in(tx, community, since)
    ]


def rebuild(tx: Connection, community: str, day: date) -> int:
    """Makes the rollups of one day anew from its raw actions. Returns how many rows they are."""
    tx.execute(delete(_DAILY).where(_DAILY.c.community == community, _DAILY.c.day == day))
    sums = _sums(_ACTIVITY.c.community == community, _ACTIVITY.c.day == day)
    return tx.execute(insert(_DAILY).from_select([*_KEY, "n", "last_at"], sums)).rowcount


def _communities(tx: Connection, since: date) -> list[str]:
    named = select(_ACTIVITY.c.community).where(_ACTIVITY.c.day >= since)
    counted = select(_DAILY.c.community).where(_DAILY.c.day >= since)
    return sorted(tx.execute(named.union(counted)).scalars())


def _differing_in(tx: Connection, community: str, since: date) -> list[Wrong]:
    right = _sums(_ACTIVITY.c.community == community, _ACTIVITY.c.day >= since)
    kept = select(*(_DAILY.c[name] for name in (*_KEY, "n", "last_at"))).where(
        _DAILY.c.community == community, _DAILY.c.day >= since
    )
    missing, extra = _by_day(tx, right, kept), _by_day(tx, kept, right)
    return [
        Wrong(community, day, missing.get(day, 0), extra.get(day, 0))
        for day in sorted({*missing, *extra})
    ]


def _by_day(
    tx: Connection,
    one: "Select[str, date, str, str, int, datetime]",
    other: "Select[str, date, str, str, int, datetime]",
) -> dict[date, int]:
    only = except_(one, other).subquery()
    query = select(only.c.day, func.count()).group_by(only.c.day)
    return dict(tx.execute(query).all())


def _sums(
    *conditions: ColumnElement[bool],
) -> "Select[str, date, str, str, int, datetime]":
    """What the rollups of these actions must be."""
    key = [_ACTIVITY.c[name] for name in _KEY]
    return (
        select(*key, func.count().label("n"), func.max(_ACTIVITY.c.at).label("last_at"))
        .where(*conditions)
        .group_by(*key)
    )
