"""The weekly summary as one phone screen: a PNG for the chat.

Drawn as SVG and rendered by resvg with the fonts of `bot/fonts`, never the system's: the same
summary gives the same bytes on every machine. No number is computed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import resvg_py

from bot.charts import drawn
from bot.charts.ink import MISSING, Ink, fitted, width_of, wrapped
from bot.charts.theme import PICTURE, Theme
from sop.summary.chart import Chart, Shape
from sop.summary.finding import Finding
from sop.summary.headlines import headlines, made_of
from sop.summary.metrics import Metric
from sop.summary.summary import Summary
from sop.summary.weeks import week_title
from sop.summary.wording import change, told, unheard_line, why_missing, written

FONTS = Path(__file__).parent / "fonts"
WIDTH = 375
ZOOM = 2
"""Two pixels for a user unit: 750 pixels wide."""
_HEIGHT = 835
"""A phone's screen (9 : 20). What is left below the findings is the charts'."""
_EDGE = 16
_PAD = 14
_PAPER = "#f3f2ee"
_SOFT = "#dcedea"
_MOST_FINDINGS = 3
_MOST_CHARTS = 2
_TALL = 76
_ROWS = (2, 3)
"""The five numbers."""
_TILE = 76


@dataclass(slots=True)
class _Screen:
    """The picture in the making, from the top down."""

    ink: Ink
    y: float = 0

    def card(self, tall: float) -> float:
        """Puts an empty card; its upper edge."""
        top = self.y
        wide = WIDTH - 2 * _EDGE
        theme = self.ink.theme
        self.ink.rect(_EDGE, top, wide, tall, theme.surface, stroke=theme.line, round=10)
        self.y = top + tall + 10
        return top


def png(summary: Summary) -> bytes:
    """The picture, 750 pixels wide and about a phone's screen high."""
    picture: bytes = resvg_py.svg_to_bytes(
        svg_string=svg(summary),
        skip_system_fonts=True,
        font_files=[str(path) for path in sorted(FONTS.glob("*.otf"))],
        font_family=PICTURE.family,
        zoom=ZOOM,
    )
    return picture


def svg(summary: Summary) -> str:
    """What is rendered."""
    screen = _Screen(Ink(_theme(), WIDTH))
    _head(screen, summary)
    _tiles(screen, summary)
    _findings(screen, summary.findings[:_MOST_FINDINGS])
    _charts(screen, summary)
    _foot(screen, summary)
    tall = max(screen.y, 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{tall:.0f}" '
        f'viewBox="0 0 {WIDTH} {tall:.0f}"><rect width="100%" height="100%" fill="{_PAPER}"/>'
        f"{screen.ink.marks}</svg>"
    )


@cache
def _theme() -> Theme:
    """Fixed colours, and what the fonts can write."""
    known = (FONTS / "characters.txt").read_text(encoding="utf-8")
    return replace(PICTURE, glyphs=frozenset(known))


def _head(screen: _Screen, summary: Summary) -> None:
    ink, room = screen.ink, WIDTH - 2 * _EDGE
    ink.text(_EDGE, 36, fitted(f"{summary.scope} · 周报", room, 21), size=21, bold=True)
    ink.text(_EDGE, 57, week_title(summary.monday), size=12.5, fill=ink.theme.dim)
    screen.y = 70


def _tiles(screen: _Screen, summary: Summary) -> None:
    ink, theme = screen.ink, screen.ink.theme
    top = screen.card(_TILE * len(_ROWS))
    numbers = iter(headlines(summary))
    for row, count in enumerate(_ROWS):
        wide = (WIDTH - 2 * _EDGE) / count
        y = top + _TILE * row
        if row:
            ink.line([(_EDGE, y), (WIDTH - _EDGE, y)], theme.line)
        for column in range(count):
            x = _EDGE + wide * column
            if column:
                ink.line([(x, y), (x, y + _TILE)], theme.line)
            _tile(ink, x + _PAD, y, wide - _PAD - 4, summary, next(numbers))


def _tile(ink: Ink, x: float, y: float, wide: float, summary: Summary, metric: Metric) -> None:
    theme, missing = ink.theme, metric.value is None
    ink.text(x, y + 20, fitted(metric.name, wide, 11.5), size=11.5, fill=theme.dim)
    value, fill = told(metric), theme.dim if missing else ""
    size = min(16.0 if missing else 23.0, wide / width_of(value, 1))
    ink.text(x, y + 45, value, size=size, bold=True, fill=fill)
    if missing:
        why = fitted(why_missing(metric), wide, 10.5)
        ink.text(x, y + 64, why, size=10.5, fill=theme.dim)
        return
    if part := made_of(summary, metric):
        left = x + width_of(value, size) + 8
        if left + width_of(part, 10.5) <= x + wide:
            ink.text(left, y + 45, part, size=10.5, fill=theme.dim)
    moved = change(metric)
    colour = {"↑": theme.good, "↓": theme.bad}.get(moved[:1], theme.dim)
    words = moved or "上周无数据"
    small = min(11.5, wide / width_of(words, 1))
    ink.text(x, y + 64, words, size=small, fill=colour, bold=True)
    past = f"上周 {written(metric.previous, metric.unit)}"
    left = x + width_of(moved, 11.5) + 8
    if moved and left + width_of(past, 10.5) <= x + wide:
        ink.text(left, y + 64, past, size=10.5, fill=theme.dim)


def _findings(screen: _Screen, findings: tuple[Finding, ...]) -> None:
    if not findings:
        return
    ink, theme = screen.ink, screen.ink.theme
    room = WIDTH - 2 * _EDGE - 2 * _PAD - 26
    told_ = [
        (wrapped(one.text, room, 13, 2), wrapped(one.proposal, room, 12, 1) if one.proposal else [])
        for one in findings
    ]
    tall = sum(19 * len(text) + 18 * len(next_) + 9 for text, next_ in told_)
    y = screen.card(tall + 13) + 8
    for number, (text, next_) in enumerate(told_, start=1):
        x = _EDGE + _PAD
        ink.rect(x, y + 4, 18, 18, _SOFT, round=9)
        figure = {"size": 11.0, "anchor": "middle", "fill": theme.part(0), "bold": True}
        ink.text(x + 9, y + 17, f"{number}", **figure)  # type: ignore[arg-type]
        for line in text:
            ink.text(x + 26, y + 17.5, line, size=13, bold=True)
            y += 19
        for line in next_:
            ink.text(x + 26, y + 16.5, line, size=12, fill=theme.part(0))
            y += 18
        y += 9


def _charts(screen: _Screen, summary: Summary) -> None:
    """The first charts that fit, of different shapes."""
    wide = WIDTH - 2 * _EDGE - 2 * _PAD
    for chart, drawing in _fitting(summary, screen.y, wide):
        top = screen.card(drawing.height + 40)
        title = fitted(chart.title, wide, 13)
        screen.ink.text(_EDGE + _PAD, top + 23, title, size=13, bold=True)
        screen.ink.put(drawing, _EDGE + _PAD, top + 32)


def _fitting(summary: Summary, y: float, wide: float) -> Iterator[tuple[Chart, Ink]]:
    charts = [chart for section in summary.sections for chart in section.charts]
    shapes: set[Shape] = set()
    for chart in charts:
        if chart.shape in shapes or len(shapes) == _MOST_CHARTS:
            continue
        drawing = drawn(chart, _theme(), wide, _TALL)
        if not shapes or y + drawing.height + 76 <= _HEIGHT:
            shapes.add(chart.shape)
            y += drawing.height + 50
            yield chart, drawing


def _foot(screen: _Screen, summary: Summary) -> None:
    """What is missing from the numbers, and what stands for characters the font does not have."""
    lines = [unheard_line(summary.figures.unheard)]
    lines += [f"{MISSING} 是图片里写不出的字，网页和表格里是完整的"] * screen.ink.missing
    for line in filter(None, lines):
        screen.ink.text(_EDGE, screen.y + 10, line, size=10.5, fill=screen.ink.theme.dim)
        screen.y += 16
    screen.y += 6
