"""Who did something after something was said to them, from the daily rollups.

A rollup knows a day and the instant of the last action on it. So "after an instant, until the end
of a later local day" is exact, where "within 24 hours" would not be.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Date, and_, literal, select, union_all

from storage.figures.scope import Scope
from storage.tables.people import Daily
from storage.types import UtcDateTime, table

_DAILY = table(Daily)
BESIDES = ("join", "leave")
"""Counted, but no sign that a member takes part."""
_DAY = timedelta(days=1)


def local_days(week: Scope, instants: Iterable[datetime], days: int) -> CTE:
    """The local days on which something was said, a row each: when it begins (`since`) and ends
    (`until`), itself and the `days` after it (`d0`, `d1` …)."""
    names = ("since", "until", *(f"d{n}" for n in range(days + 1)))
    rows = []
    for day in sorted({one.astimezone(week.zone).date() for one in instants}):
        named: list[ColumnElement[Any]] = [
            *(literal(_begins(week, each), UtcDateTime) for each in (day, day + _DAY)),
            *(literal(day + n * _DAY, Date) for n in range(days + 1)),
        ]
        rows.append(select(*map(ColumnElement.label, named, names)))
    return union_all(*rows).cte("local_day")  # VALUES would be compiled anew each time


def within(days: CTE, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """The local day on which an instant lies."""
    return and_(at >= days.c.since, at < days.c.until)


def did(
    days: CTE,
    community: ColumnElement[str],
    at: ColumnElement[datetime],
    besides: Collection[str] = BESIDES,
) -> ColumnElement[bool]:
    """Rollups of what was done in a community after an instant that lies in one of the `days`,
    until the last of those that follow. `besides` are the kinds of action that do not count."""
    return and_(
        _DAILY.c.community == community,
        _DAILY.c.day.in_([one for one in days.c if one.name.startswith("d")]),
        _DAILY.c.last_at > at,
        _DAILY.c.kind.not_in(sorted(besides)),
    )


def _begins(week: Scope, day: date) -> datetime:
    return datetime.combine(day, time(), week.zone).astimezone(UTC)
