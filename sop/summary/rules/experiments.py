"""Variants of a step of which one is clearly better."""

from collections import defaultdict
from collections.abc import Iterator

from sop.summary.details import VariantFigures
from sop.summary.experiments import comparable, independent
from sop.summary.finding import Finding
from sop.summary.intervals import difference
from sop.summary.period import Period
from sop.summary.share import SMALLEST_CHANGE, Share, z_of
from sop.summary.step_names import short


def experiments(period: Period) -> Iterator[Finding]:
    """The best against the second best, over four weeks.

    It is looked at every week, and of several variants one always leads: hence the strict level,
    divided by all pairs.
    """
    steps: dict[tuple[str, str], list[VariantFigures]] = defaultdict(list)
    for one in period.details.variants:
        steps[one.plan, one.step].append(one)
    pairs = sum(len(each) * (len(each) - 1) // 2 for each in steps.values())
    for _, variants in sorted(steps.items()):
        if len(variants) < 2:
            continue
        ranked = sorted(variants, key=lambda one: (-_share(one).value, one.variant))
        best, second = ranked[0], ranked[1]
        if comparable(best, second) and _clearly(best, second, pairs):
            yield _won(best, second)


def _clearly(best: VariantFigures, second: VariantFigures, comparisons: int) -> bool:
    """As persons who act independently, which members of one community do not."""
    low, _ = difference(*independent(best), *independent(second), z_of(comparisons))
    return low > 0 and _share(best).value - _share(second).value >= SMALLEST_CHANGE


def _share(one: VariantFigures) -> Share:
    return Share(one.acted, one.reached)


def _won(best: VariantFigures, second: VariantFigures) -> Finding:
    return Finding(
        "experiments",
        64,
        f"“{short(best.title)}”的版本 {best.variant} 让 {_share(best).told}的人有了行动，"
        f"版本 {second.variant} 只有 {_share(second).told}。",
        f"下周起建议只用版本 {best.variant}。",
    )


RULE = experiments
