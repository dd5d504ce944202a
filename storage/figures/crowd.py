"""Who was in some communities, and who did something there: read once for many weeks and many
groupings, so that every number of the summary is about the same rows.

The databases only pack: one row for each community and day, its members in one string. Sets in
Python do the rest, several times faster than a DISTINCT in SQL for each number.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from typing import NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, and_, bindparam, case, func, select

from storage.figures.money import Purse
from storage.figures.scope import DAYS, PACKED, Scope
from storage.tables.customers import GroupState
from storage.tables.people import Community, Daily, Membership
from storage.types import table

T = TypeVar("T")
_COMMUNITY = table(Community)
_GROUP = table(GroupState)
_STAY = table(Membership)
_DAILY = table(Daily)
WEEK = timedelta(days=DAYS)
TOLD = 5
"""The last week and the four before it, of which everything is known."""
LOOK_BACK = 11
"""How many weeks before the last one can be asked for: eight cohorts, of the week before, and the
two weeks of silence before them."""
_IN_WEEK = and_(_DAILY.c.day >= bindparam("since"), _DAILY.c.day < bindparam("until"))


class Stay(NamedTuple):
    """One stay; instants are counted in midnights of the crowd, as `bisect_right` gives them."""

    member: str
    joined: int
    """The first midnight after joining."""
    left: int
    """The first midnight after leaving; beyond all of them for who is still there."""
    there: int
    """A bit for each midnight at which they were members."""
    via: str


@dataclass(frozen=True, slots=True)
class Deeds:
    """What members of one community did in one week."""

    took_part: AbstractSet[str]
    """Did something other than joining or leaving."""
    active: AbstractSet[str]
    """These, and who joined: all counted actions but leaving."""
    spoke: AbstractSet[str]
    messages: int


@dataclass(slots=True)
class _Gathered:
    """The days of a week, of one community, put together."""

    spoke: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    messages: int = 0

    def add(
        self, spoke: str | None, other: str | None, joined: str | None, messages: int
    ) -> list[list[str]]:
        """Takes a day apart, and returns its members by what they did."""
        members = [one.split(PACKED) if one else [] for one in (spoke, other, joined)]
        self.spoke.update(members[0])
        self.other.update(members[1])
        self.joined.update(members[2])
        self.messages += int(messages)
        return members

    def deeds(self, staff: AbstractSet[str]) -> Deeds:
        """The whole week, of members."""
        spoke = self.spoke - staff
        took_part = spoke | (self.other - staff)
        return Deeds(took_part, took_part | (self.joined - staff), spoke, self.messages)


NOTHING = Deeds(frozenset(), frozenset(), frozenset(), 0)


@dataclass(frozen=True, slots=True)
class WeekDeeds:
    """What was done in one week."""

    by_community: Mapping[str, Deeds]
    daily_active: tuple[int, ...]
    """Distinct active members of all the crowd's communities on each of the seven days."""

    def of(self, communities: Iterable[str]) -> Iterator[Deeds]:
        """Those of some communities."""
        return (self.by_community.get(one, NOTHING) for one in communities)

    def active(self, communities: Iterable[str]) -> set[str]:
        """Who did something in one of them."""
        return set().union(*(one.active for one in self.of(communities)))

    def took_part(self, communities: Iterable[str]) -> set[str]:
        """Who did something there other than joining or leaving."""
        return set().union(*(one.took_part for one in self.of(communities)))


class Crowd:
    """The members of some communities in the week that begins on `monday`, and in the
    `LOOK_BACK` weeks before it. Weeks are read when they are asked for."""

    def __init__(
        self,
        tx: Connection,
        communities: Collection[str],
        monday: date,
        zone: ZoneInfo,
        staff: Collection[str],
    ) -> None:
        self._last = Scope(tx, tuple(communities), monday, zone, tuple(sorted(staff)))
        self._first = monday - LOOK_BACK * WEEK
        days = (LOOK_BACK + 1) * DAYS
        self._midnights = [self._last.midnight(day + DAYS - days) for day in range(days + 1)]
        self._stays = self._read_stays()
        self._staff = frozenset(staff)
        self._weeks: dict[date, WeekDeeds] = {}
        self._earlier: dict[date, WeekDeeds] = {}
        self._found: dict[tuple[object, date], object] = {}

    @property
    def communities(self) -> tuple[str, ...]:
        """All of them."""
        return self._last.communities

    @cached_property
    def purse(self) -> Purse:
        """What could be won in these communities, in the same weeks."""
        return Purse(self._last)

    def midnight(self, day: date) -> int:
        """The number of the midnight at which a local day begins. Raises ValueError outside of
        the weeks that were read."""
        number = (day - self._first).days
        if not 0 <= number < len(self._midnights):
            raise ValueError(f"{day} is outside of the weeks since {self._first}")
        return number

    def stays(self, communities: Iterable[str]) -> list[Stay]:
        """All stays there, past ones included."""
        return list(chain.from_iterable(self._stays.get(one, ()) for one in communities))

    @cached_property
    def first_joined(self) -> Mapping[str, Mapping[str, int]]:
        """The first midnight after each member's first joining, by community."""
        first: dict[str, dict[str, int]] = {}
        for community, stays in self._stays.items():
            known = first[community] = {}
            for one in stays:
                known[one.member] = min(one.joined, known.get(one.member, one.joined))
        return first

    def once(self, find: "Callable[[Crowd, date], T]", monday: date) -> T:
        """What is asked for again and again about a week is found once."""
        key = (find, monday)
        if key not in self._found:
            self._found[key] = find(self, monday)
        return cast(T, self._found[key])

    def told(self, find: "Callable[[Crowd, date], Mapping[date, T]]", monday: date) -> T:
        """One of the last `TOLD` weeks of what `find` reads for all of them at once."""
        self._check(monday, TOLD)
        return self.once(find, self._last.monday)[monday]

    def scope(self, monday: date) -> Scope:
        """One of the weeks, for storage's queries."""
        return replace(self._last, monday=monday)

    def week(self, monday: date) -> WeekDeeds:
        """What was done in the week that begins on a Monday, one of the last `TOLD`. Raises
        ValueError for an earlier one."""
        self._check(monday, TOLD)
        if monday not in self._weeks:
            self._weeks[monday] = self._read_week(monday)
        return self._weeks[monday]

    def active(self, monday: date, communities: Iterable[str]) -> set[str]:
        """Who did something in a week, in one of these communities."""
        return self._any_week(monday).active(communities)

    def part_takers(self, monday: date) -> set[str]:
        """Who did something in a week other than joining or leaving; found once."""
        return self.once(_part_takers, monday)

    def deeds(self, monday: date, communities: Iterable[str]) -> Iterator[Deeds]:
        """What was done in a week in each of these communities; of a week before the last `TOLD`
        only who was active and who took part."""
        return self._any_week(monday).of(communities)

    def _any_week(self, monday: date) -> WeekDeeds:
        self._check(monday, LOOK_BACK + 1)
        if self._last.monday - monday < TOLD * WEEK:
            return self.week(monday)
        if monday not in self._earlier:
            self._earlier[monday] = self._read_earlier(monday)
        return self._earlier[monday]

    def _check(self, monday: date, weeks: int) -> None:
        since = self._last.monday - (weeks - 1) * WEEK
        if not since <= monday <= self._last.monday:
            raise ValueError(f"{monday} is not one of the {weeks} weeks since {since}")

    def _read_stays(self) -> Mapping[str, Sequence[Stay]]:
        query = select(
            *(_STAY.c[name] for name in ("community", "member", "joined_at", "left_at", "via"))
        ).where(self._last.members(Membership))
        borders, everywhere = self._midnights, (1 << len(self._midnights)) - 1
        closed = self._closed()
        found: dict[str, list[Stay]] = defaultdict(list)
        for community, member, joined_at, left_at, via in self._last.tx.execute(query).all():
            joined = bisect_right(borders, joined_at)
            left = len(borders) + 1 if left_at is None else bisect_right(borders, left_at)
            until = min(left, closed.get(community, left))
            there = ((1 << until) - 1) >> joined << joined & everywhere
            found[community].append(Stay(member, joined, left, there, via))
        return found

    def _closed(self) -> dict[str, int]:
        """The first midnight after its group was dismissed, by community. Its members are there no
        more, though nobody left it."""
        query = (
            select(_COMMUNITY.c.id, _GROUP.c.dismissed_at)
            .join(_GROUP, _GROUP.c.chat_id == _COMMUNITY.c.chat_id)
            .where(_COMMUNITY.c.id.in_(self._last.communities), _GROUP.c.dismissed_at.is_not(None))
        )
        rows = self._last.tx.execute(query).all()
        return {community: bisect_right(self._midnights, at) for community, at in rows}

    def _read_week(self, monday: date) -> WeekDeeds:
        done: dict[str, _Gathered] = defaultdict(_Gathered)
        daily: list[set[str]] = [set() for _ in range(DAYS)]
        week = {"since": monday, "until": monday + WEEK}
        rows = self._last.tx.execute(self._deeds, week)
        for community, day, spoke, other, joined, messages in rows.all():
            members = done[community].add(spoke, other, joined, messages)
            daily[(day - monday).days].update(*members)
        if not all(self._staff.isdisjoint(one.spoke) for one in done.values()):
            for community, messages in self._last.tx.execute(self._staff_messages, week):
                done[community].messages -= int(messages)
        return WeekDeeds(
            {community: one.deeds(self._staff) for community, one in done.items()},
            tuple(len(one - self._staff) for one in daily),
        )

    def _read_earlier(self, monday: date) -> WeekDeeds:
        """Only who was active: cohorts and silence ask for no more, and these weeks are many."""
        week = {"since": monday, "until": monday + WEEK}
        done: dict[str, _Gathered] = defaultdict(_Gathered)
        for community, took_part, joined in self._last.tx.execute(self._earlier_deeds, week):
            done[community].add(None, took_part, joined, 0)
        return WeekDeeds({community: one.deeds(self._staff) for community, one in done.items()}, ())

    @cached_property
    def _earlier_deeds(self) -> Select[str, str, str]:
        """As `_deeds`, of whole weeks, and of all that is no coming or going alike."""
        kind, member = _DAILY.c.kind, _DAILY.c.member
        came, went = kind == "join", kind == "leave"
        return (
            select(
                _DAILY.c.community,
                func.aggregate_strings(case((~(came | went), member)), PACKED),
                func.aggregate_strings(case((came, member)), PACKED),
            )
            .where(self._last.here(Daily), _IN_WEEK)
            .group_by(_DAILY.c.community)
        )

    @cached_property
    def _deeds(self) -> Select[str, date, str, str, str, int]:
        """Who spoke, who did something else, who joined, each packed; and how many messages.
        What is a message is not packed again among the rest: there is less to take apart.

        Staff are among them: telling them apart here would cost every row a look-up.
        """
        kind, member = _DAILY.c.kind, _DAILY.c.member
        spoke, came, went = kind == "message", kind == "join", kind == "leave"
        return (
            select(
                _DAILY.c.community,
                _DAILY.c.day,
                func.aggregate_strings(case((spoke, member)), PACKED),
                func.aggregate_strings(case((~(spoke | came | went), member)), PACKED),
                func.aggregate_strings(case((came, member)), PACKED),
                func.sum(case((spoke, _DAILY.c.n), else_=0)),
            )
            .where(self._last.here(Daily), _IN_WEEK)
            .group_by(_DAILY.c.community, _DAILY.c.day)
        )

    @cached_property
    def _staff_messages(self) -> Select[str, int]:
        """What colleagues wrote themselves; rarely asked for."""
        return (
            select(_DAILY.c.community, func.sum(_DAILY.c.n))
            .where(
                self._last.here(Daily),
                _IN_WEEK,
                _DAILY.c.kind == "message",
                _DAILY.c.member.in_(self._last.staff),
            )
            .group_by(_DAILY.c.community)
        )


def _part_takers(crowd: Crowd, monday: date) -> set[str]:
    return set().union(*(one.took_part for one in crowd.deeds(monday, crowd.communities)))
