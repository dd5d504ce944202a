"""Variants of a step compared (A/B), as far as that can be said honestly.

A step to members gives each member one of its variants: they are compared as persons. Any other
gives whole communities one; members of a community act alike, so its persons count for fewer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from sop.summary.details import VariantFigures
from sop.summary.intervals import Interval, difference, enough, wilson

BASE, BETTER, WORSE = "对照", "明显更好", "明显更差"
SAME, TOO_FEW = "没有明显差别", "数据不足"
FEWEST_COMMUNITIES = 4
"""With fewer on one side nobody can tell a variant from the communities that happened to get it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One variant beside the first of its step, by name."""

    figures: VariantFigures
    rate: float | None
    interval: Interval | None
    """Of the rate, 95 %; None where nobody was reached."""
    gap: Interval | None
    """Of its rate minus the first's; None for the first, and where there is too little to say."""
    verdict: str


def compared(variants: Iterable[VariantFigures]) -> tuple[Compared, ...]:
    """Every variant of every step, by plan, step and name."""
    steps: dict[tuple[str, str], list[VariantFigures]] = {}
    for one in sorted(variants, key=lambda each: (each.plan, each.step, each.variant)):
        steps.setdefault((one.plan, one.step), []).append(one)
    return tuple(row for found in steps.values() for row in _step(found))


def _step(variants: Sequence[VariantFigures]) -> Iterable[Compared]:
    first, *others = variants
    yield Compared(first, *_rate(first), None, BASE if others else TOO_FEW)
    # Of several comparisons one looks clear by chance: the 95 % are for all of them together.
    z = NormalDist().inv_cdf(1 - 0.025 / max(len(others), 1))
    for one in others:
        if not comparable(one, first):
            yield Compared(one, *_rate(one), None, TOO_FEW)
            continue
        gap = difference(*independent(one), *independent(first), z)
        verdict = BETTER if gap[0] > 0 else WORSE if gap[1] < 0 else SAME
        yield Compared(one, *_rate(one), gap, verdict)


def independent(one: VariantFigures) -> tuple[float, float]:
    """(acted, reached) as if of persons who act independently."""
    return one.acted / one.spread, one.reached / one.spread


def comparable(one: VariantFigures, other: VariantFigures) -> bool:
    """Whether there is enough of both to say anything."""
    places = [each.communities for each in (one, other) if each.communities]
    if any(count < FEWEST_COMMUNITIES for count in places):
        return False
    return enough(independent(one)[1], independent(other)[1])


def _rate(one: VariantFigures) -> tuple[float | None, Interval | None]:
    if not one.reached:
        return None, None
    return one.acted / one.reached, wilson(*independent(one))
