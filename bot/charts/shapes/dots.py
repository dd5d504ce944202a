"""A dot for each label: the first series across, the second upwards, medians as quadrants."""

from collections.abc import Sequence
from statistics import median

from bot.charts.ink import Ink, fitted, width_of
from bot.charts.scale import Scale, scale
from sop.summary.chart import Chart
from sop.summary.metrics import Number
from sop.summary.wording import written

_SMALL = 11
_RADIUS = 5.5
_TALLER = 1.3
_QUADRANTS_FROM = 4
"""With fewer dots a median divides nothing."""
Box = tuple[float, float, float, float]


def draw(chart: Chart, ink: Ink) -> None:
    """Names stand beside their dots where there is room."""
    theme = ink.theme
    across, upwards = chart.series[0], chart.series[1]
    found = [
        (label, x, y)
        for label, x, y in zip(chart.labels, across.values, upwards.values, strict=True)
        if x is not None and y is not None
    ]
    columns = scale([x for _, x, _ in found], across.unit)
    rows = scale([y for _, _, y in found], upwards.unit)
    left = max(width_of(rows.written(tick), _SMALL) for tick in rows.ticks) + 8
    right, top, base = ink.width - 12, 26.0, 26.0 + ink.tall * _TALLER
    ink.text(0, 12, fitted(f"↑ {upwards.name}", ink.width / 2, _SMALL), size=_SMALL)
    for tick in rows.ticks:
        y = rows.at(tick, base, top)
        ink.line([(left, y), (right, y)], theme.strong if tick == 0 else theme.line)
        ink.text(left - 8, y + 4, rows.written(tick), size=_SMALL, anchor="end", fill=theme.dim)
    free = 0.0
    for tick in columns.ticks:
        x, words = columns.at(tick, left, right), columns.written(tick)
        half = width_of(words, _SMALL) / 2
        x_text = min(x, ink.width - half)
        if x_text - half >= free:
            ink.text(x_text, base + 16, words, size=_SMALL, anchor="middle", fill=theme.dim)
            free = x_text + half + 8
    name = fitted(f"{across.name} →", ink.width - left, _SMALL)
    ink.text(ink.width, base + 32, name, size=_SMALL, anchor="end")
    span = (left, right, top, base)
    if len(found) >= _QUADRANTS_FROM:
        _quadrants(ink, columns, rows, found, span)
    places = [(columns.at(x, left, right), rows.at(y, base, top)) for _, x, y in found]
    for (label, x_value, y_value), at in zip(found, places, strict=True):
        said = (
            f"{label}　{across.name} {written(x_value, across.unit)}，"
            f"{upwards.name} {written(y_value, upwards.unit)}"
        )
        ink.dot(*at, _RADIUS, theme.part(0), said)
    _names(ink, [label for label, _, _ in found], places, (left, ink.width, top - 8, base))
    ink.height = base + 38


def _quadrants(
    ink: Ink,
    columns: Scale,
    rows: Scale,
    found: Sequence[tuple[str, Number, Number]],
    span: Box,
) -> None:
    left, right, top, base = span
    x = columns.at(median(x for _, x, _ in found), left, right)
    y = rows.at(median(y for _, _, y in found), base, top)
    for points in ([(x, top), (x, base)], [(left, y), (right, y)]):
        ink.line(points, ink.theme.strong, dash="3 3")
    words = "虚线：中位数"
    ink.text(ink.width, 12, words, size=_SMALL, anchor="end", fill=ink.theme.dim)


def _names(
    ink: Ink, labels: Sequence[str], places: Sequence[tuple[float, float]], span: Box
) -> None:
    """Right of the dot, or left, above, below; where all is taken, only the pointer tells."""
    taken: list[Box] = [(x - _RADIUS, x + _RADIUS, y - _RADIUS, y + _RADIUS) for x, y in places]
    for label, (x, y) in zip(labels, places, strict=True):
        words = fitted(label, 110)
        wide = width_of(words)
        for start, line in (
            (x + 9, y + 4),
            (x - 9 - wide, y + 4),
            (x - wide / 2, y - 10),
            (x - wide / 2, y + 19),
        ):
            box = (start, start + wide, line - 11, line + 3)
            if _inside(box, span) and not any(_touch(box, other) for other in taken):
                taken.append(box)
                ink.text(start, line, words, halo=True)
                break


def _inside(box: Box, span: Box) -> bool:
    return span[0] <= box[0] and box[1] <= span[1] and span[2] <= box[2] and box[3] <= span[3]


def _touch(one: Box, other: Box) -> bool:
    across = one[0] < other[1] and other[0] < one[1]
    return across and one[2] < other[3] and other[2] < one[3]


DRAW = draw
