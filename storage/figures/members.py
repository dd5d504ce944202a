"""Members of a week: who was there, who came and went, who did something."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from storage.figures.crowd import WEEK, Crowd
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


def persons(crowd: Crowd, communities: Collection[str], monday: date) -> Persons:
    """The week that begins on `monday`, for some of the crowd's communities together."""
    start, end = crowd.midnight(monday), crowd.midnight(monday + WEEK)
    stays = crowd.stays(communities)
    # One pass for each question: most stays matter to the first only, and there are hundreds of
    # groups to be asked.
    weeks = [(one.member, week) for one in stays if (week := one.there >> start & _EIGHT_BITS)]
    there = dict(weeks)
    if len(there) < len(weeks):  # somebody is in two communities, or came twice
        there = dict.fromkeys(there, 0)
        for member, week in weeks:
            there[member] |= week
    came = [one for one in stays if start < one.joined <= end]
    joins = Counter(one.member for one in came)
    leaves = Counter(one.member for one in stays if start < one.left <= end)
    known = {one.member for one in stays if one.joined <= start} if came else set()
    by_via: dict[str, list[str]] = {}
    for one in came:
        by_via.setdefault(one.via, []).append(one.member)
    present = frozenset(member for member, week in there.items() if week & _LAST)
    return Persons(
        _daily(Counter(there.values())),
        present,
        joins,
        leaves,
        frozenset(joins.keys() - known),
        frozenset(leaves.keys() - present),
        _vias(by_via, present),
    )


_EIGHT_BITS = (1 << DAYS + 1) - 1
_LAST = 1 << DAYS


def _daily(weeks: Counter[int]) -> tuple[int, ...]:
    """How many members at each of the eight midnights, from how many had which of them."""
    return tuple(
        sum(times for week, times in weeks.items() if week >> number & 1)
        for number in range(DAYS + 1)
    )


def _vias(by_via: dict[str, list[str]], present: frozenset[str]) -> tuple[ViaNumbers, ...]:
    return tuple(
        ViaNumbers(via, len(by_via[via]), len(present.intersection(by_via[via])))
        for via in sorted(by_via, key=lambda one: (-len(by_via[one]), one))
    )


def silent(crowd: Crowd, communities: Collection[str], monday: date, days: int) -> set[str]:
    """Members when a Monday began who had been there for more than `days` days and had done
    nothing in the last `days` of them. Raises ValueError unless these are whole weeks."""
    weeks, rest = divmod(days, DAYS)
    if rest:
        raise ValueError(f"{days} days are no whole weeks")
    at = crowd.midnight(monday)
    both = 1 << at | 1 << crowd.midnight(monday - timedelta(days=days))
    there = {stay.member for stay in crowd.stays(communities) if stay.there & both == both}
    for back in range(1, weeks + 1):
        there -= crowd.active(monday - back * WEEK, communities)
    return there
