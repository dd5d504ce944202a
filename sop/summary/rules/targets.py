"""Targets of the plans that were clearly missed or clearly passed."""

from collections.abc import Iterator
from math import sqrt

from sop.summary.finding import Finding
from sop.summary.metrics import Metric, Unit, measure
from sop.summary.period import Period
from sop.summary.share import Share, z_of
from sop.summary.wording import told, written

SHARES = frozenset(
    {
        "active_rate",
        "game_participation",
        "funnel_played",
        "funnel_drew",
        "funnel_claimed",
        "sop_completion",
        "sop_on_time",
        "rm_confirmation",
        "follow_up_completion",
    }
)
"""Shares of persons or steps, of which more is better. Money is planned, not left to chance."""
COUNTS = frozenset({"new", "joins", "wau", "speakers", "returned"})
"""Counts of which more is better."""


def targets(period: Period) -> Iterator[Finding]:
    """The metric beside its target; what is within the metric's own interval is neither."""
    if not period.now.targets:
        return
    for one in measure(period.now, period.past):
        if one.target is None or one.value is None:
            continue
        low, high = _surely(one)
        if low >= one.target:
            text = f"{one.name} {told(one)}，超过目标 {written(one.target, one.unit)}。"
            yield Finding("targets", 42, text, "下周可以把目标提高一点。")
        elif high < one.target and not one.at_least:
            text = f"{one.name} {told(one)}，没有达到目标 {written(one.target, one.unit)}。"
            yield Finding("targets", 88, text, _chance(one))


def _surely(one: Metric) -> tuple[float, float]:
    """Between which values the metric lies beyond chance; without bounds where unknown."""
    nothing = float("-inf"), float("inf")
    if one.key in SHARES and one.numerator is not None and one.denominator is not None:
        if one.denominator < 1:
            return nothing
        return Share(round(one.numerator), round(one.denominator)).surely()
    if one.key in COUNTS and one.value is not None:
        spread = z_of() * sqrt(one.value)
        return one.value - spread, one.value + spread
    return nothing


def _chance(one: Metric) -> str:
    """Last weeks' mean tells whether it was within reach."""
    if one.mean is None or one.target is None or one.mean >= one.target:
        return ""
    unit = Unit.MEAN if one.unit in (Unit.PERSONS, Unit.TIMES) else one.unit
    mean = written(one.mean, unit)
    return f"前四周平均 {mean}，请先定一个够得着的目标，或者换一种做法。"


RULE = targets
