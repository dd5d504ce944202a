"""A table whose cells are the deeper the more: rows are series, columns are labels."""

from collections.abc import Sequence

from bot.charts.ink import Ink, fitted, width_of
from sop.summary.chart import Chart, Series
from sop.summary.metrics import Number, Unit
from sop.summary.wording import written

_ROW = 26
_SMALL = 11
_LABEL = 112
_DEPTHS = (0.1, 0.25, 0.4, 0.55, 1.0)
"""Between the last two, text on the cell changes its colour: on each it is readable."""


def draw(chart: Chart, ink: Ink) -> None:
    """The value is written into each cell; a missing one leaves it empty."""
    theme = ink.theme
    names = [fitted(series.name, _LABEL) for series in chart.series]
    left = max(map(width_of, names)) + 8
    wide = (ink.width - left) / len(chart.labels)
    widest = max(width_of(label, _SMALL) for label in chart.labels) + 4
    every = max(1, int(-(-min(widest, 60) // wide)))
    for number, label in enumerate(chart.labels):
        if number % every == 0:
            words = fitted(label, max(wide * every - 2, 14), _SMALL)
            half = width_of(words, _SMALL) / 2
            at = min(left + wide * (number + 0.5), ink.width - half)
            ink.text(at, 12, words, size=_SMALL, anchor="middle", fill=theme.dim)
    values = [one for series in chart.series for one in series.values if one is not None]
    for row, series in enumerate(chart.series):
        y = 20 + _ROW * row
        ink.text(0, y + _ROW / 2 + 4, names[row])
        for number, value in enumerate(series.values):
            if value is not None:
                place = (left + wide * number, y, wide)
                said = f"{series.name}　{chart.labels[number]} {written(value, series.unit)}"
                _cell(ink, place, series, value, _depth(value, values), said)
    ink.height = 20 + _ROW * len(names) + 4


def _cell(
    ink: Ink,
    place: tuple[float, float, float],
    series: Series,
    value: Number,
    depth: float,
    said: str,
) -> None:
    x, y, wide = place
    gap = min(2, wide / 4)
    ink.rect(x, y, wide - gap, _ROW - 2, ink.theme.part(0), opacity=depth, said=said)
    fill = ink.theme.surface if depth == 1 else ink.theme.ink
    for words in (written(value, series.unit), _short(value, series.unit)):
        if width_of(words, _SMALL) <= wide - gap:
            at = (x + (wide - gap) / 2, y + _ROW / 2 + 3)
            ink.text(*at, words, size=_SMALL, anchor="middle", fill=fill)
            return


def _short(value: Number, unit: Unit) -> str:
    """For narrow cells: percent without decimals."""
    return f"{value:.0%}" if unit is Unit.RATIO else written(value, unit)


def _depth(value: Number, values: Sequence[Number]) -> float:
    """One of five. From zero to the greatest value; where all are above half of it, from the least
    value on: else they would all look alike."""
    low, high = min(values), max(values)
    low = low if high > 0 and low > high / 2 else 0
    if high <= low or value <= low:
        return _DEPTHS[-1] if value == high > 0 else _DEPTHS[0]
    share = (value - low) / (high - low)
    return _DEPTHS[min(int(share * len(_DEPTHS)), len(_DEPTHS) - 1)]


DRAW = draw
