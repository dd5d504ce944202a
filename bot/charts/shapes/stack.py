"""Horizontal bars of several parts: what a whole consists of, label by label."""

from collections.abc import Sequence

from bot.charts.ink import Ink, fitted, width_of
from bot.charts.scale import scale
from sop.summary.chart import Chart
from sop.summary.metrics import Number
from sop.summary.wording import NOTHING, written

_SMALL = 11
_LABEL = 140


def draw(chart: Chart, ink: Ink) -> None:
    """The value is written into each part that has room for it."""
    theme = ink.theme
    ink.legend([series.name for series in chart.series])
    unit = chart.series[0].unit
    longest = max(sum(_parts(chart, row)) for row in range(len(chart.labels)))
    axis = scale([longest], unit)
    labels = [fitted(label, _LABEL) for label in chart.labels]
    left = max(map(width_of, labels)) + 10
    right = ink.width - width_of(axis.written(axis.ticks[-1]), _SMALL) / 2
    tall = 24 if ink.dense else 30
    top, base = ink.height, ink.height + tall * len(labels)
    for tick in axis.ticks:
        x = axis.at(tick, left, right)
        ink.line([(x, top), (x, base)], theme.strong if tick == 0 else theme.line)
    for tick in (axis.ticks[0], axis.ticks[-1]):
        words = axis.written(tick)
        x = max(axis.at(tick, left, right), width_of(words, _SMALL) / 2)
        ink.text(x, base + 14, words, size=_SMALL, anchor="middle", fill=theme.dim)
    for row, label in enumerate(labels):
        y = top + tall * row
        ink.text(0, y + tall / 2 + 4, label)
        parts = _parts(chart, row)
        if all(series.values[row] is None for series in chart.series):
            ink.text(left + 6, y + tall / 2 + 4, NOTHING, fill=theme.dim)
        x = left
        for number, value in enumerate(parts):
            wide = axis.at(value, 0, right - left)
            if wide > 0:
                _part(chart, ink, (row, number), (x, y + 4, wide, tall - 8))
            x += wide
    ink.height = base + 22


def _part(
    chart: Chart, ink: Ink, cell: tuple[int, int], place: tuple[float, float, float, float]
) -> None:
    (row, number), (x, y, wide, tall) = cell, place
    series = chart.series[number]
    words = written(series.values[row], series.unit)
    said = f"{chart.labels[row]}　{series.name} {words}"
    gap = 1 if wide > 3 else 0
    ink.rect(x, y, wide - gap, tall, ink.theme.part(number), said=said)
    if width_of(words, _SMALL) + 6 <= wide:
        at = (x + (wide - gap) / 2, y + tall / 2 + 4)
        ink.text(*at, words, size=_SMALL, anchor="middle", fill=ink.theme.surface)


def _parts(chart: Chart, row: int) -> Sequence[Number]:
    """What is drawn of each series: a part of a whole is not below zero."""
    return [max(series.values[row] or 0, 0) for series in chart.series]


DRAW = draw
