"""Lines over days or weeks. A missing value breaks the line; names stand at the lines' ends."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.charts.ink import Ink, fitted, width_of
from bot.charts.scale import Scale, scale
from sop.summary.chart import Chart, Series
from sop.summary.metrics import Number
from sop.summary.wording import written

_SMALL = 11
_ROW = 15
_LONGEST_NAME = 90
_DASHES = ("", "7 4", "2 4", "9 3 2 3", "5 2", "1 3")
"""So that lines are told apart without colour."""
_FEW = 16
"""Of more points only those without neighbours are marked."""
_FLAT = 0.25
"""Where all values lie so close together, the axis does not begin at zero, and says so."""


def draw(chart: Chart, ink: Ink) -> None:
    """Axis on the left, one label below each point that has room for it."""
    theme = ink.theme
    values = [one for series in chart.series for one in series.values if one is not None]
    flat = min(values) > 0 and max(values) - min(values) < _FLAT * max(values)
    zoomed = flat and max(values) > min(values)
    axis = scale(values, chart.series[0].unit, from_zero=not zoomed)
    names = [fitted(_end_name(series), _LONGEST_NAME) for series in chart.series]
    left = max(width_of(axis.written(tick), _SMALL) for tick in axis.ticks) + 8
    right = ink.width - max(map(width_of, names)) - 12
    top, base = 10.0, 10.0 + ink.tall
    for tick in axis.ticks:
        y = axis.at(tick, base, top)
        ink.line([(left, y), (right, y)], theme.strong if tick == 0 else theme.line)
        ink.text(left - 8, y + 4, axis.written(tick), size=_SMALL, anchor="end", fill=theme.dim)
    places = _places(len(chart.labels), left + 6, right - 6)
    _labels(chart.labels, places, base + 18, ink)
    for number in reversed(range(len(chart.series))):
        _series(chart, number, places, axis, (base, top), ink)
    _names(chart.series, names, axis, (base, top), right + 10, ink)
    ink.height = base + 26
    if zoomed:
        ink.text(left, base + 34, "纵轴不从 0 开始", size=_SMALL, fill=theme.dim)
        ink.height += 16


def _end_name(series: Series) -> str:
    """The name and the last value."""
    last = series.values[-1] if series.values else None
    return series.name if last is None else f"{series.name} {written(last, series.unit)}"


def _places(count: int, start: float, end: float) -> list[float]:
    if count == 1:
        return [(start + end) / 2]
    return [start + (end - start) * number / (count - 1) for number in range(count)]


def _labels(labels: Sequence[str], places: Sequence[float], y: float, ink: Ink) -> None:
    """As many as do not touch, the last one always."""
    shown = [fitted(label, 80, _SMALL) for label in labels]
    room = places[1] - places[0] if len(places) > 1 else ink.width
    widest = max(width_of(one, _SMALL) for one in shown) + 6
    every = max(1, int(-(-widest // max(room, 0.1))))
    for place, label in list(zip(places, shown, strict=True))[::-1][::every][::-1]:
        half = width_of(label, _SMALL) / 2
        x = min(max(place, half), ink.width - half)
        ink.text(x, y, label, size=_SMALL, anchor="middle", fill=ink.theme.dim)


def _series(
    chart: Chart,
    number: int,
    places: Sequence[float],
    axis: Scale,
    span: tuple[float, float],
    ink: Ink,
) -> None:
    series, colour = chart.series[number], ink.theme.part(number)
    points = [
        None if value is None else (x, axis.at(value, *span))
        for x, value in zip(places, series.values, strict=True)
    ]
    alone = set()
    for piece in _pieces(points):
        if len(piece) > 1:
            dash = _DASHES[number % len(_DASHES)]
            ink.line(piece, colour, wide=2 if number else 2.5, dash=dash)
        else:
            alone.update(piece)
    few = len(points) <= _FEW
    for at, label, value in zip(points, chart.labels, series.values, strict=True):
        if at is not None and value is not None and (few or at in alone):
            said = f"{label}　{series.name} {written(value, series.unit)}"
            ink.dot(*at, 3.5 if few else 2.5, colour, said)


def _pieces(
    points: Sequence[tuple[float, float] | None],
) -> Iterator[list[tuple[float, float]]]:
    """What lies between two missing values."""
    piece: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point is None:
            if piece:
                yield piece
            piece = []
        else:
            piece.append(point)


def _names(
    series: Sequence[Series],
    names: Sequence[str],
    axis: Scale,
    span: tuple[float, float],
    x: float,
    ink: Ink,
) -> None:
    """Beside the last value of each line, moved apart where they would touch."""
    wanted = {
        number: axis.at(_last(one), *span)
        for number, one in enumerate(series)
        if any(value is not None for value in one.values)
    }
    order = sorted(wanted, key=lambda number: (wanted[number], number))
    places = dict(zip(order, _apart([wanted[number] for number in order], span), strict=True))
    for number, y in places.items():
        bold = number == 0 and len(series) > 1
        ink.text(x, y + 4, names[number], fill=ink.theme.part(number), bold=bold)


def _last(series: Series) -> Number:
    return next(value for value in reversed(series.values) if value is not None)


def _apart(wanted: Sequence[float], span: tuple[float, float]) -> list[float]:
    """The same places in the same order, at least a row apart, within the drawing if possible."""
    places = list(wanted)
    for number, (above, below) in enumerate(pairwise(wanted), start=1):
        places[number] = max(below, above, places[number - 1] + _ROW)
    over = places[-1] - span[0] if places else 0
    return [max(place - max(over, 0), _ROW * number + 4) for number, place in enumerate(places)]


DRAW = draw
