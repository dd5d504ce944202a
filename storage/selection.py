"""Present members of a community chosen by what they did, from the daily rollups.

Every condition is one set of members made by one pass over the days that matter: an answer does
not grow with history.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, func, select

from storage.people import MembershipRow, stays
from storage.rows import every
from storage.tables.people import Daily, Membership, Tag
from storage.types import table

_STAY = table(Membership)
_DAILY = table(Daily)
_TAG = table(Tag)
_BESIDES = ("join", "leave")
"""Counted, but no sign that a member takes part."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions that must all hold; None and empty ask nothing. Instants are aware UTC."""

    joined_since: datetime | None = None
    joined_until: datetime | None = None
    active_since: datetime | None = None
    silent_since: datetime | None = None
    """No action since then, and a member before it."""
    active_days: tuple[date, int, int | None] | None = None
    """(first local day, at least, at most) different days with an action."""
    did: tuple[tuple[str, date, int, int | None], ...] = ()
    """(kind, first local day, at least, at most) times."""
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()


def choose(tx: Connection, community: str, wanted: Wanted) -> list[MembershipRow]:
    """The members, by name and id."""
    query = stays().where(_STAY.c.community == community, _STAY.c.left_at.is_(None))
    for condition in _conditions(community, wanted):
        query = query.where(condition)
    rows = every(tx, query, MembershipRow)
    return sorted(rows, key=lambda row: (row.name, row.member))


def _conditions(community: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.joined_since is not None:
        yield _STAY.c.joined_at >= wanted.joined_since
    if wanted.joined_until is not None:
        yield _STAY.c.joined_at <= wanted.joined_until
    if wanted.active_since is not None:
        since = wanted.active_since
        yield _STAY.c.member.in_(_acted(community, since, _DAILY.c.last_at >= since))
    if wanted.silent_since is not None:
        yield _STAY.c.joined_at <= wanted.silent_since
        since = wanted.silent_since
        yield _STAY.c.member.not_in(_acted(community, since, _DAILY.c.last_at > since))
    if wanted.active_days is not None:
        first, least, most = wanted.active_days
        days = func.count(_DAILY.c.day.distinct())
        yield from _between(_counted(community, first), days, least, most)
    for kind, first, least, most in wanted.did:
        times = func.sum(_DAILY.c.n)
        did = _counted(community, first).where(_DAILY.c.kind == kind)
        yield from _between(did, times, least, most)
    for tag in wanted.tags:
        yield _STAY.c.member.in_(_wearing(tag))
    for tag in wanted.without_tags:
        yield _STAY.c.member.not_in(_wearing(tag))


def _acted(community: str, since: datetime, recently: ColumnElement[bool]) -> Select[tuple[str]]:
    """Who did something recently; `since` bounds the days that are looked at."""
    # A local day may begin up to fourteen hours before the UTC one of the same date.
    return _counted(community, since.date() - timedelta(days=1)).where(recently)


def _counted(community: str, first: date) -> Select[tuple[str]]:
    return select(_DAILY.c.member).where(
        _DAILY.c.community == community,
        _DAILY.c.day >= first,
        _DAILY.c.kind.not_in(_BESIDES),
    )


def _between(
    rows: Select[tuple[str]], count: ColumnElement[int], least: int, most: int | None
) -> Iterator[ColumnElement[bool]]:
    """Who is nowhere in the rollups has a count of nought."""
    each = rows.group_by(_DAILY.c.member)
    if least > 0:
        yield _STAY.c.member.in_(each.having(count >= least))
    if most is not None:
        yield _STAY.c.member.not_in(each.having(count > most))


def _wearing(tag: str) -> Select[tuple[str]]:
    return select(_TAG.c.member).where(_TAG.c.tag == tag, _TAG.c.removed_at.is_(None))
