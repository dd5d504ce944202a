"""Those who joined in one week, followed through the weeks since."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from storage.figures.crowd import WEEK, Crowd

COHORTS = 8


@dataclass(frozen=True, slots=True)
class CohortNumbers:
    """Persons whose first stay began in the week of `monday`; the first number of the others is
    that week's."""

    monday: date
    size: int
    active: tuple[int, ...]
    """Did something in the week other than joining or leaving."""
    present: tuple[int, ...]
    """Members at the week's end."""


def cohorts(crowd: Crowd, monday: date) -> tuple[CohortNumbers, ...]:
    """The last eight weeks up to the one that begins on `monday`, oldest first."""
    weeks = [monday - back * WEEK for back in reversed(range(COHORTS))]
    ends = [crowd.midnight(one + WEEK) for one in weeks]
    first: dict[str, int] = {}
    there: dict[str, int] = defaultdict(int)
    for stay in crowd.stays(crowd.communities):
        first[stay.member] = min(stay.joined, first.get(stay.member, stay.joined))
        there[stay.member] |= stay.there
    members: list[set[str]] = [set() for _ in weeks]
    for member, joined in first.items():
        if crowd.midnight(weeks[0]) < joined <= ends[-1]:
            members[bisect_left(ends, joined)].add(member)
    took_part = [crowd.part_takers(one) for one in weeks]
    return tuple(
        CohortNumbers(
            one,
            len(cohort),
            tuple(len(cohort & active) for active in took_part[number:]),
            tuple(sum(there[who] >> at & 1 for who in cohort) for at in ends[number:]),
        )
        for number, (one, cohort) in enumerate(zip(weeks, members, strict=True))
    )
