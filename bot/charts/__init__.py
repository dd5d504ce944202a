"""Charts of the summary as SVG: one file of `bot/charts/shapes` per shape, found by scanning.

A chart needs neither script nor style sheet: paints are attributes, which on a page name the
page's variables (light, dark and print without a second drawing) and in the picture are colours.
"""

from collections.abc import Callable
from functools import cache
from html import escape

from bot.charts.ink import TALL, Ink, plain
from bot.charts.theme import Theme
from sop.summary.chart import Chart

WIDTH = 360
Draw = Callable[[Chart, Ink], None]
"""Draws from the top, and moves `Ink.height` to the lower edge of what it has drawn."""


def svg(chart: Chart, theme: Theme) -> str:
    """The chart without its title, `WIDTH` wide, which the page scales."""
    ink = drawn(chart, theme)
    said = escape(plain(f"{chart.title}。{chart.note}" if chart.note else chart.title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {ink.height:.0f}" '
        f'role="img" aria-label="{said}">{ink.marks}</svg>'
    )


def drawn(chart: Chart, theme: Theme, width: float = WIDTH, tall: float = TALL) -> Ink:
    """What `svg` shows, to be put into another drawing; `tall` is the plot of lines and dots."""
    ink = Ink(theme, width, tall)
    some = any(value is not None for one in chart.series for value in one.values)
    if some and chart.labels:
        _shapes()[chart.shape.value](chart, ink)
    else:
        ink.text(width / 2, 28, "无数据", anchor="middle", fill=theme.dim)
        ink.height = 44
    return ink


@cache
def _shapes() -> dict[str, Draw]:
    """By the shape's value, which is the name of the file."""
    from bot.charts import shapes
    from sop.discovery import find

    found: dict[str, Draw] = find(shapes, "DRAW", lambda one: one.__module__.rpartition(".")[2])
    return found
