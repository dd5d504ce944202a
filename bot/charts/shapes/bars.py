"""One horizontal bar for each label; a second series is the comparison, drawn behind."""

from bot.charts.ink import Ink, fitted, width_of
from bot.charts.scale import Scale, scale
from sop.summary.chart import Chart
from sop.summary.metrics import Number
from sop.summary.wording import NOTHING, written

_SMALL = 11
_LABEL = 140
"""Room for a label on the left: eleven characters."""


def draw(chart: Chart, ink: Ink) -> None:
    """Values stand at the bars' ends; below them an axis with round numbers."""
    theme = ink.theme
    now, *others = chart.series
    then = others[0] if others else None
    if then is not None:
        legend(ink, now.name, then.name)
    values = [one for series in chart.series[:2] for one in series.values if one is not None]
    axis = scale(values, now.unit)
    labels = [fitted(label, _LABEL) for label in chart.labels]
    left = max(map(width_of, labels)) + 10
    right = ink.width - max(width_of(written(one, now.unit)) for one in [*now.values, None]) - 6
    row_tall = 24 if ink.dense else 30
    top, base = ink.height, ink.height + row_tall * len(labels)
    _grid(ink, axis, (left, right), (top, base))
    for row, value in enumerate(now.values):
        y = top + row_tall * row
        before = then.values[row] if then is not None else None
        if before is not None and then is not None:
            said = f"{chart.labels[row]}　{then.name} {written(before, then.unit)}"
            _bar(ink, axis, (left, right), (y + 3, row_tall - 6), before, said)
        if value is not None:
            said = f"{chart.labels[row]}　{now.name} {written(value, now.unit)}"
            x, wide = _span(axis, (left, right), value)
            ink.rect(x, y + 7, wide, row_tall - 14, theme.part(0), said=said)
        end = max((one for one in (value, before) if one is not None), default=0)
        words = NOTHING if value is None else written(value, now.unit)
        at = axis.at(max(end, 0), left, right) + 6
        ink.text(0, y + row_tall / 2 + 4, labels[row])
        ink.text(at, y + row_tall / 2 + 4, words, fill=theme.dim if value is None else "")
    ink.height = base + 22


def legend(ink: Ink, now: str, then: str) -> None:
    """What is the bar, and what is behind it."""
    theme, y = ink.theme, 11.0
    shown = fitted(now, 140)
    ink.rect(0, y - 8, 16, 8, theme.part(0))
    ink.text(21, y, shown)
    x = 21 + width_of(shown) + 18
    ink.rect(x, y - 10, 16, 12, theme.soft, stroke=theme.strong)
    ink.text(x + 21, y, fitted(then, 140))
    ink.height = y + 10


def _grid(ink: Ink, axis: Scale, across: tuple[float, float], down: tuple[float, float]) -> None:
    theme, free = ink.theme, -1.0
    for tick in axis.ticks:
        x, words = axis.at(tick, *across), axis.written(tick)
        ink.line([(x, down[0]), (x, down[1])], theme.strong if tick == 0 else theme.line)
        half = width_of(words, _SMALL) / 2
        if x - half >= free:
            ink.text(x, down[1] + 14, words, size=_SMALL, anchor="middle", fill=theme.dim)
            free = x + half + 6


def _bar(
    ink: Ink,
    axis: Scale,
    across: tuple[float, float],
    down: tuple[float, float],
    value: Number,
    said: str,
) -> None:
    x, wide = _span(axis, across, value)
    ink.rect(x, down[0], wide, down[1], ink.theme.soft, stroke=ink.theme.strong, said=said)


def _span(axis: Scale, across: tuple[float, float], value: Number) -> tuple[float, float]:
    """From zero to the value: left edge and width; nothing is still a hair."""
    zero, end = axis.at(0, *across), axis.at(value, *across)
    return min(zero, end), max(abs(end - zero), 1)


DRAW = draw
