"""Who is behind a number of the week: the very sets that the counts are the sizes of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from storage.figures import members, play
from storage.figures.crowd import WEEK, Crowd
from storage.figures.scope import Scope
from storage.tables.people import Member, Membership
from storage.types import table

_MEMBER = table(Member)
_STAY = table(Membership)

LISTS = ("active", "silent", "new", "lost", "returned", "players")
_AT_ONCE = 500
"""Members to a query: a database takes only so many parameters."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One member of a list, with one of the communities they are, or were last, in."""

    member: str
    name: str
    community: str
    joined_at: datetime
    left_at: datetime | None


def behind(
    tx: Connection,
    communities: Sequence[str],
    monday: date,
    zone: ZoneInfo,
    *,
    staff: Collection[str],
    heard: Collection[str],
    silent_days: int,
    which: str,
) -> set[str]:
    """The members of one list of the week that begins on `monday`, over these communities
    together. Raises KeyError for a list that there is not."""
    week = Scope(tx, tuple(communities), monday, zone, tuple(sorted(staff)))
    if which == "players":
        return play.players(week)
    crowd = Crowd(tx, week.communities, monday, zone, staff)
    listened = [one for one in communities if one in heard]
    if which == "active":
        return crowd.week(monday).active(communities)
    if which == "silent":
        return set(members.silent(crowd, listened, monday + WEEK, silent_days))
    if which == "returned":
        before = members.silent(crowd, listened, monday, silent_days)
        return set(before & crowd.week(monday).active(listened))
    people = members.persons(crowd, week.communities, monday)
    return set({"new": people.new, "lost": people.lost}[which])


def with_names(
    tx: Connection, communities: Sequence[str], chosen: Sequence[str]
) -> Sequence[Listed]:
    """These members, in their order, each with the stay that says most: where they still are,
    else where they were last."""
    found: dict[str, Listed] = {}
    for start in range(0, len(chosen), _AT_ONCE):
        found |= _named(tx, communities, chosen[start : start + _AT_ONCE])
    return [found[one] for one in chosen if one in found]


def _named(
    tx: Connection, communities: Sequence[str], chosen: Sequence[str]
) -> Mapping[str, Listed]:
    query = (
        select(_MEMBER.c.id, _MEMBER.c.name, _STAY.c.community, _STAY.c.joined_at, _STAY.c.left_at)
        .join(_STAY, _STAY.c.member == _MEMBER.c.id)
        .where(_STAY.c.member.in_(chosen), _STAY.c.community.in_(communities))
        .order_by(_STAY.c.left_at.is_(None), _STAY.c.joined_at)
    )
    return {row[0]: Listed(*row) for row in tx.execute(query)}
