"""Members of a week: who was there, who came and went, who did something."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select

from storage.figures.scope import DAYS, Scope
from storage.tables.people import Daily, Membership
from storage.types import table

_STAY = table(Membership)
_DAILY = table(Daily)


@dataclass(frozen=True, slots=True)
class ViaNumbers:
    """Join events by one way; `present` are the persons among them still there at the end."""

    via: str
    joins: int
    present: int


def _present(at: datetime) -> ColumnElement[bool]:
    stays_on = or_(_STAY.c.left_at.is_(None), _STAY.c.left_at >= at)
    return and_(_STAY.c.joined_at < at, stays_on)


def present(week: Scope, at: datetime) -> set[str]:
    """Who was a member at an instant."""
    return week.persons(Membership, _present(at))


def count_present(week: Scope, at: datetime) -> int:
    """How many were."""
    query = select(func.count(_STAY.c.member.distinct())).where(
        week.members(Membership), _present(at)
    )
    return int(week.tx.execute(query).scalar_one())


def moves(week: Scope, column: str) -> Counter[str]:
    """Events of the week per person: `joined_at` or `left_at`."""
    query = (
        select(_STAY.c.member, func.count())
        .where(week.members(Membership), week.during(Membership, column))
        .group_by(_STAY.c.member)
    )
    return Counter(week.pairs(query))


def present_before(week: Scope) -> set[str]:
    """Those who joined in the week and had been in one of the communities before it."""
    earlier = _STAY.alias()
    query = (
        select(_STAY.c.member)
        .distinct()
        .join(earlier, earlier.c.member == _STAY.c.member)
        .where(
            week.members(Membership),
            week.during(Membership, "joined_at"),
            earlier.c.community.in_(week.communities),
            earlier.c.joined_at < week.start,
        )
    )
    return week.set(query)


def _days(week: Scope, first: int, last: int) -> ColumnElement[bool]:
    since, until = week.day(first), week.day(last)
    # Leaving is counted, but who does nothing else has not taken part.
    within = and_(_DAILY.c.day >= since, _DAILY.c.day < until, _DAILY.c.kind != "leave")
    return and_(week.members(Daily), within)


def active(week: Scope, first: int, last: int, *, only: str | None = None) -> set[str]:
    """Who did something on the days [first, last), counted from Monday; of all kinds of action,
    or of one."""
    query = select(_DAILY.c.member).distinct().where(_days(week, first, last))
    if only is not None:
        query = query.where(_DAILY.c.kind == only)
    return week.set(query)


def daily_active(week: Scope) -> tuple[int, ...]:
    """Distinct active members of each of the seven days."""
    query = (
        select(_DAILY.c.day, func.count(_DAILY.c.member.distinct()))
        .where(_days(week, 0, DAYS))
        .group_by(_DAILY.c.day)
    )
    counts = week.pairs(query)
    return tuple(counts.get(week.day(offset), 0) for offset in range(DAYS))


def messages(week: Scope) -> int:
    """How many messages members wrote."""
    query = select(func.coalesce(func.sum(_DAILY.c.n), 0)).where(
        _days(week, 0, DAYS), _DAILY.c.kind == "message"
    )
    return int(week.tx.execute(query).scalar_one())


def silent(week: Scope, day: date, days: int) -> set[str]:
    """Members when `day` began who had been there for more than `days` days and had done nothing
    in the last `days` of them."""
    offset = (day - week.monday) // timedelta(days=1)
    settled = _STAY.c.joined_at < week.midnight(offset - days)
    there = week.persons(Membership, _present(week.midnight(offset)), settled)
    return there - active(week, offset - days, offset)


def vias(week: Scope, still_there: set[str]) -> tuple[ViaNumbers, ...]:
    """Joins by way, most first. `still_there` are the members at the week's end."""
    query = select(_STAY.c.via, _STAY.c.member).where(
        week.members(Membership), week.during(Membership, "joined_at")
    )
    joins: Counter[str] = Counter()
    persons: dict[str, set[str]] = {}
    for via, member in week.tx.execute(query):
        joins[via] += 1
        persons.setdefault(via, set()).add(member)
    return tuple(
        ViaNumbers(via, joins[via], len(persons[via] & still_there))
        for via in sorted(joins, key=lambda one: (-joins[one], one))
    )
