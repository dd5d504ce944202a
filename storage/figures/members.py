"""Members of a week: who was there, who came and went, who did something."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from storage.figures.crowd import WEEK, Crowd, Stay
from storage.figures.scope import DAYS


@dataclass(frozen=True, slots=True)
class ViaNumbers:
    """Join events by one way; `present` are the persons among them still there at the end."""

    via: str
    joins: int
    present: int


@dataclass(frozen=True, slots=True)
class Persons:
    """The members of some communities in a week, each once."""

    daily: tuple[int, ...]
    """How many were there when each day began, and at the week's end: eight numbers."""
    present: frozenset[str]
    """Members at the week's end."""
    joins: Counter[str]
    """Events of the week per person."""
    leaves: Counter[str]
    new: frozenset[str]
    """Joined in the week, and had been in none of the communities before it."""
    lost: frozenset[str]
    """Left in the week, and are in none at its end."""
    vias: tuple[ViaNumbers, ...]
    """Most joins first."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One community in a week."""

    there: Mapping[str, int]
    """Of every member seen there, the midnights at which they were: a bit each, eight of them."""
    daily: tuple[int, ...]
    came: Sequence[Stay]
    left: Sequence[Stay]


_ALL = (1 << DAYS + 1) - 1
_LAST = 1 << DAYS


def persons(crowd: Crowd, communities: Collection[str], monday: date) -> Persons:
    """The week that begins on `monday`, for some of the crowd's communities together."""
    by_community = crowd.once(_places, monday)
    places = [by_community[one] for one in communities if one in by_community]
    there, daily = _together(places)
    joins = Counter(one.member for place in places for one in place.came)
    leaves = Counter(one.member for place in places for one in place.left)
    by_via: dict[str, list[str]] = defaultdict(list)
    for place in places:
        for one in place.came:
            by_via[one.via].append(one.member)
    present = frozenset(member for member, week in there.items() if week & _LAST)
    start = crowd.midnight(monday)
    known = {
        member
        for first in (crowd.first_joined.get(one, {}) for one in communities)
        for member in joins.keys() & first.keys()
        if first[member] <= start
    }
    return Persons(
        daily,
        present,
        joins,
        leaves,
        frozenset(joins.keys() - known),
        frozenset(leaves.keys() - present),
        _vias(by_via, present),
    )


def _places(crowd: Crowd, monday: date) -> dict[str, _Place]:
    start, end = crowd.midnight(monday), crowd.midnight(monday + WEEK)
    return {
        community: _place(crowd.stays((community,)), start, end) for community in crowd.communities
    }


def _place(stays: Sequence[Stay], start: int, end: int) -> _Place:
    there: dict[str, int] = {}
    for one in stays:
        if week := one.there >> start & _ALL:
            there[one.member] = there.get(one.member, 0) | week
    came = [one for one in stays if start < one.joined <= end]
    left = [one for one in stays if start < one.left <= end]
    return _Place(there, _daily(there.values()), came, left)


def _together(places: Sequence[_Place]) -> tuple[Mapping[str, int], tuple[int, ...]]:
    """Who was there when, and how many on each day: each person once."""
    there: dict[str, int] = {}
    for place in places:
        there.update(place.there)
    if len(there) == sum(len(place.there) for place in places):
        daily = zip(*(place.daily for place in places), strict=True)
        return there, tuple(map(sum, daily)) or (0,) * (DAYS + 1)
    there = dict.fromkeys(there, 0)
    for place in places:
        for member, week in place.there.items():
            there[member] |= week
    return there, _daily(there.values())


def _daily(weeks: Iterable[int]) -> tuple[int, ...]:
    """How many members at each of the eight midnights, from the midnights of each."""
    counted = Counter(weeks)
    return tuple(
        sum(times for week, times in counted.items() if week >> number & 1)
        for number in range(DAYS + 1)
    )


def _vias(by_via: Mapping[str, list[str]], present: frozenset[str]) -> tuple[ViaNumbers, ...]:
    return tuple(
        ViaNumbers(via, len(by_via[via]), len(present.intersection(by_via[via])))
        for via in sorted(by_via, key=lambda one: (-len(by_via[one]), one))
    )


def present(crowd: Crowd, communities: Collection[str], monday: date) -> set[str]:
    """Members at the end of the week that begins on `monday`."""
    places = crowd.once(_places, monday)
    return {
        member
        for one in communities
        for member, week in (places[one].there.items() if one in places else ())
        if week & _LAST
    }


def silent(crowd: Crowd, communities: Collection[str], monday: date, days: int) -> set[str]:
    """Members when a Monday began who had been there for more than `days` days and had done
    nothing in the last `days` of them. Raises ValueError unless these are whole weeks."""
    weeks, rest = divmod(days, DAYS)
    if rest:
        raise ValueError(f"{days} days are no whole weeks")
    staying = crowd.once(_staying, monday)
    first = crowd.midnight(monday - timedelta(days=days))
    there = {
        member for one in communities for member, joined in staying.get(one, ()) if joined <= first
    }
    for back in range(1, weeks + 1):
        for deeds in crowd.deeds(monday - back * WEEK, communities):
            there -= deeds.active
    return there


def _staying(crowd: Crowd, monday: date) -> dict[str, list[tuple[str, int]]]:
    """Who was in each community when a Monday began, and the midnight after they had joined."""
    bit = 1 << crowd.midnight(monday)
    return {
        one: [(stay.member, stay.joined) for stay in crowd.stays((one,)) if stay.there & bit]
        for one in crowd.communities
    }
