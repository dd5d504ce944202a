"""Shares and counts compared for the findings: what differs beyond chance, and enough to matter.

Every week some twenty rules look for something, over several games, RMs or hundreds of communities.
At the customary 95 % a week in which nothing happened would find a sentence. So the level is that
of three standard deviations (0.27 %) for a whole rule, divided among its comparisons (Bonferroni):
all rules together are wrong in fewer than one quiet week of twenty (tests/sop/summary/rules).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import sqrt
from statistics import NormalDist

from sop.summary.division import ratio
from sop.summary.intervals import difference, enough, wilson
from sop.summary.metrics import Unit
from sop.summary.wording import written

LEVEL = 0.0027
"""How often a rule may be wrong in a quiet week."""
SMALLEST_CHANGE = 0.02
"""Two percentage points. Of many members even less is certain, but nothing to act upon."""
SMALLEST_GAP = 0.1
"""Ten percentage points between communities, RMs or channels: these always differ somewhat."""


@cache
def z_of(comparisons: int = 1) -> float:
    """How many standard deviations a difference must exceed, as one of so many comparisons."""
    return NormalDist().inv_cdf(1 - LEVEL / (2 * max(comparisons, 1)))


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. No share at all where `hits` exceeds `of`, or `of` is 0: then nothing
    is ever said of it."""

    hits: int
    of: int | Fraction
    """A fraction where it is a mean, as of seven days' members."""

    @property
    def value(self) -> float:
        """0 to 1; 0 where there is nothing to divide by, which no comparison lets through."""
        return float(self.hits / self.of) if self.of else 0.0

    @property
    def percent(self) -> str:
        """`31.2%`."""
        return written(ratio(self.hits, self.of), Unit.RATIO)

    @property
    def told(self) -> str:
        """`31.2%（5/16）`, rounded as the metrics and tables are."""
        whole = self.of.denominator == 1
        of = written(float(self.of), Unit.PERSONS if whole else Unit.MEAN)
        return f"{self.percent}（{self.hits:,}/{of}）"

    def above(self, other: "Share", comparisons: int = 1, least: float = SMALLEST_CHANGE) -> bool:
        """Whether it is clearly bigger, by `least` at least, both groups being big enough."""
        low, _ = difference(
            self.hits, float(self.of), other.hits, float(other.of), z_of(comparisons)
        )
        return (
            enough(float(self.of), float(other.of))
            and low > 0
            and self.value - other.value >= least
        )

    def apart(self, other: "Share", comparisons: int = 1, least: float = SMALLEST_CHANGE) -> bool:
        """Whether one of the two is clearly above the other."""
        return self.above(other, comparisons, least) or other.above(self, comparisons, least)

    def surely(self) -> tuple[float, float]:
        """Between which values the true share lies; everything possible of a small group."""
        of = float(self.of)
        return wilson(self.hits, of, z_of()) if enough(of, of) else (0.0, 1.0)

    def without(self, part: "Share") -> "Share":
        """What is left of a sum without one of its parts."""
        return Share(self.hits - part.hits, self.of - part.of)


def total(shares: Iterable[Share]) -> Share:
    """All of them as one group."""
    found = list(shares)
    return Share(sum(one.hits for one in found), sum((one.of for one in found), 0))


def exceeds(count: int, other: int) -> bool:
    """Whether a count of chance events is clearly bigger than another of an equal time."""
    return count > other and (count - other) / sqrt(count + other) >= z_of()
