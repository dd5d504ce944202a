"""Stages of a way: how many arrive at each, and how many are lost in between."""

from bot.charts.ink import Ink, fitted, width_of
from sop.summary.chart import Chart
from sop.summary.metrics import Number, Unit
from sop.summary.wording import NOTHING, written

_SMALL = 11
_LABEL = 112


def draw(chart: Chart, ink: Ink) -> None:
    """Bars from the left, as long as the share of the widest stage; the drop between them."""
    theme, stages = ink.theme, chart.series[0]
    bar, gap = (18, 18) if ink.dense else (26, 22)
    labels = [fitted(label, _LABEL) for label in chart.labels]
    left = max(map(width_of, labels)) + 10
    most = max((value for value in stages.values if value is not None), default=0)
    room = ink.width - left - max(width_of(written(one, stages.unit)) for one in stages.values) - 8
    for number, value in enumerate(stages.values):
        y = (bar + gap) * number
        ink.text(0, y + bar / 2 + 4, labels[number])
        if value is None:
            ink.text(left, y + bar / 2 + 4, NOTHING, fill=theme.dim)
        else:
            words = written(value, stages.unit)
            wide = max(room * max(value, 0) / most if most > 0 else 0, 2)
            said = f"{chart.labels[number]} {words}"
            ink.rect(left, y, wide, bar, theme.part(0), said=said)
            ink.text(left + wide + 6, y + bar / 2 + 4, words, bold=True)
        if number and (drop := _drop(chart, number)):
            drop = fitted(drop, ink.width - left, _SMALL)
            ink.text(left, y - (gap - 8) / 2, drop, size=_SMALL, fill=theme.dim)
    ink.height = (bar + gap) * len(labels) - gap + 4


def _drop(chart: Chart, number: int) -> str:
    """`↓ 3，到这一步 80.0%`; the share is the second series where there is one."""
    stages = chart.series[0]
    before, here = stages.values[number - 1], stages.values[number]
    if before is None or here is None:
        return ""
    change = f"{'↓' if here <= before else '↑'} {written(abs(before - here), stages.unit)}"
    share = _share(chart, number, before, here)
    return change if share is None else f"{change}，到这一步 {written(share, Unit.RATIO)}"


def _share(chart: Chart, number: int, before: Number, here: Number) -> Number | None:
    shares = [one for one in chart.series[1:] if one.unit is Unit.RATIO]
    if shares:
        return shares[0].values[number]
    return round(here / before, 4) if before > 0 else None


DRAW = draw
