"""The sheet 图表 of the summary's workbook: each chart's numbers, beside them Excel's own chart.

Excel draws lines, bars and stacked bars; the depth of colour of a cohort table is a conditional
format; funnels and dots are shown as tables.
"""

from collections.abc import Sequence
from typing import Any

from bot.summary_paper import FORMATS, Paper, named
from bot.workbook import neutral
from sop.summary.behind import behind
from sop.summary.chart import Chart, Shape
from sop.summary.metrics import Unit

NAME = "图表"
_TYPES: dict[Shape, dict[str, str]] = {
    Shape.LINE: {"type": "line"},
    Shape.BARS: {"type": "bar"},
    Shape.STACK: {"type": "bar", "subtype": "stacked"},
}
_COLOURS = ("#1F6F54", "#C7832B", "#3B6EA8", "#8A5A9E", "#A34A3F", "#6B7A75")
_PIXELS_OF_ROW = 20
_WIDTH = 620
_LOWEST, _BAR = 300, 26
_LABEL_WIDTH, _NUMBER_WIDTH = 24, 12


def draw(paper: Paper, charts: Sequence[Chart]) -> None:
    """Adds the sheet, the charts one below another."""
    sheet = paper.sheet(NAME)
    sheet.set_column(0, 0, _LABEL_WIDTH)
    sheet.set_column(1, 40, _NUMBER_WIDTH)
    row = 0
    for chart in charts:
        height = _height(chart)
        below = _numbers(paper, sheet, row, chart)
        if chart.shape in _TYPES:
            sheet.insert_chart(row, len(chart.series) + 2, _picture(paper, row, chart, height))
        row = max(below, row + height // _PIXELS_OF_ROW) + 2


def _height(chart: Chart) -> int:
    if chart.shape not in _TYPES:
        return 0
    bars = len(chart.labels) * (len(chart.series) if chart.shape is Shape.BARS else 1)
    return _LOWEST if chart.shape is Shape.LINE else max(_LOWEST, bars * _BAR + 100)


def _numbers(paper: Paper, sheet: Any, top: int, chart: Chart) -> int:
    """Title, note, heads, rows; the last row. A missing value is an empty cell: Excel would draw
    words as nought."""
    table = behind(chart)
    sheet.write_string(top, 0, neutral(table.title), paper.format("title"))
    sheet.write_string(top + 1, 0, neutral(table.note), paper.format("note"))
    paper.head(sheet, top + 2, [named(column) for column in table.columns])
    for number, row in enumerate(table.rows, top + 3):
        for at, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            if cell is not None:
                paper.put(sheet, (number, at), cell, column.unit)
    last = top + 2 + len(table.rows)
    if chart.shape is Shape.HEAT:
        colours = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#7FB89F"}
        sheet.conditional_format(top + 3, 1, last, len(table.columns) - 1, colours)
    return last


def _picture(paper: Paper, top: int, chart: Chart, height: int) -> Any:
    drawn = paper.book.add_chart(dict(_TYPES[chart.shape]))
    first, last = top + 3, top + 2 + len(chart.labels)
    for number, _ in enumerate(chart.series, 1):
        colour = _COLOURS[(number - 1) % len(_COLOURS)]
        drawn.add_series(
            {
                "name": [NAME, top + 2, number],
                "categories": [NAME, first, 0, last, 0],
                "values": [NAME, first, number, last, number],
                "fill": {"color": colour},
                "line": {"color": colour},
            }
        )
    drawn.set_title({"name": neutral(chart.title), "name_font": {"size": 12}, "overlay": False})
    drawn.set_size({"width": _WIDTH, "height": height})
    drawn.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
    numbers = {"num_format": FORMATS[chart.series[0].unit], "major_gridlines": {"visible": True}}
    if chart.series[0].unit is Unit.RATIO:
        numbers["num_format"] = "0%"
    if chart.shape is Shape.LINE:
        values = [one for series in chart.series for one in series.values if one is not None]
        drawn.set_y_axis(numbers if min(values, default=0) < 0 else {**numbers, "min": 0})
    else:  # of bars, the first label stands on top
        drawn.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
        drawn.set_x_axis(numbers)
    return drawn
