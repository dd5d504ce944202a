"""How far a share can be trusted: 95 % intervals of proportions and of their differences.

Wilson's score interval, and Newcombe's hybrid of two of them: both hold their level with small
groups and shares near 0 or 1, where the textbook's interval leaves [0, 1]. Newcombe, Statistics in
Medicine 17 (1998), 857-872 (method 3) and 873-890 (method 10). Pure arithmetic.
"""

from collections.abc import Sequence
from math import hypot, sqrt

Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""
SMALLEST_GROUP = 20
"""Below it a share is not compared with another: one person more or less would be the news."""

Interval = tuple[float, float]


def wilson(hits: float, of: float, z: float = Z) -> Interval:
    """Between which shares the true one lies, in [0, 1]; `z`: a stricter level than 95 %.

    What is no share of anything (nobody asked, more hits than persons) says nothing: (0, 1).
    """
    if not 0 <= hits <= of or of == 0:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = share + square / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    shrunk = 1 + square / of
    # At the borders the formula gives exactly 0 and 1; floats miss them by a hair.
    low = 0.0 if hits == 0 else (middle - spread) / shrunk
    high = 1.0 if hits == of else (middle + spread) / shrunk
    return low, high


def difference(hits: float, of: float, hits2: float, of2: float, z: float = Z) -> Interval:
    """Between which values the first share minus the second lies, in [-1, 1]; `z` as of `wilson`.

    Where one of them is no share: (-1, 1).
    """
    if not (0 <= hits <= of and 0 <= hits2 <= of2 and of and of2):
        return -1.0, 1.0
    share, share2 = hits / of, hits2 / of2
    (low, high), (low2, high2) = wilson(hits, of, z), wilson(hits2, of2, z)
    apart = share - share2
    return apart - hypot(share - low, high2 - share2), apart + hypot(high - share, share2 - low2)


def enough(of: float, of2: float) -> bool:
    """Whether both groups are big enough to be compared at all."""
    return min(of, of2) >= SMALLEST_GROUP


def differs(hits: int, of: int, hits2: int, of2: int) -> bool:
    """Whether two shares of groups that are big enough differ beyond chance."""
    low, high = difference(hits, of, hits2, of2)
    return enough(of, of2) and not low <= 0 <= high


def design_effect(groups: Sequence[tuple[int, int]]) -> float:
    """How many times wider the chance of a share is because its persons come in groups that act
    alike: hits and size of each. Dividing both of the share by it makes the intervals honest
    (Rao and Scott, Biometrics 48 (1992), 577-585). At least 1; 1 where nothing can be said.
    """
    hits, of = sum(one for one, _ in groups), sum(size for _, size in groups)
    if len(groups) < 2 or not 0 < hits < of:
        return 1.0
    share = hits / of
    between = sum((one - share * size) ** 2 for one, size in groups)
    ratio = len(groups) / (len(groups) - 1) * between / (of * share * (1 - share))
    return max(ratio, 1.0)
