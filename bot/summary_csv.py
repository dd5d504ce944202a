"""The weekly summary as one CSV file for programs and analysts: a line for each number.

Every table of the summary in one shape: which table, row and column, the number (shares as parts
of one, money in yuan), and the same as people read it. UTF-8 with BOM, so that Excel reads it; no
cell begins a formula (`bot.workbook.neutral`).
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from itertools import takewhile

from bot.summary_paper import UNITS, amount
from bot.workbook import neutral
from sop.summary.metrics import Metric, Number, Unit
from sop.summary.summary import Summary
from sop.summary.table import Cell, Row, Table
from sop.summary.weeks import week_label
from sop.summary.wording import MEAN, averaged, parts, shown, told, written

HEAD = ("周", "范围", "表", "行", "列", "值", "单位", "写法")
_Line = tuple[str, str, Cell, str, str]
"""Row, column, value, unit, as people read it."""


def csv_of(summary: Summary) -> bytes:
    """The file: metrics, what is worth noticing, then every table in the order of the page."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    about = (week_label(summary.monday), neutral(summary.scope))
    for table, lines in _tables(summary):
        for row, column, value, unit, read in lines:
            cell = "" if value is None else neutral(value) if isinstance(value, str) else value
            words = (neutral(table), neutral(row), neutral(column))
            writer.writerow((*about, *words, cell, unit, neutral(read)))
    return out.getvalue().encode("utf-8-sig")


def _tables(summary: Summary) -> Iterator[tuple[str, Iterator[_Line]]]:
    yield "全部指标", (line for one in summary.metrics for line in _metric(one))
    yield "值得注意", _findings(summary)
    for section in summary.sections:
        for table in section.tables:
            yield table.title, (line for row in table.rows for line in _row(table, row))


def _metric(metric: Metric) -> Iterator[_Line]:
    def line(column: str, number: Number | None, unit: Unit, read: str) -> _Line:
        value = None if number is None else _plain(number, unit)
        return metric.name, column, value, UNITS[unit], read

    yield line("本周", metric.value, metric.unit, told(metric))
    for name, (number, unit) in zip(("分子", "分母"), parts(metric) or (), strict=False):
        yield line(name, number, unit, written(number, unit))
    yield line("上周", metric.previous, metric.unit, written(metric.previous, metric.unit))
    yield line(MEAN, metric.mean, metric.unit, averaged(metric))
    if metric.target is not None:
        yield line("目标", metric.target, metric.unit, written(metric.target, metric.unit))


def _findings(summary: Summary) -> Iterator[_Line]:
    for number, one in enumerate(summary.findings, start=1):
        yield str(number), "发现", one.text, "", one.text
        yield str(number), "建议", one.proposal, "", one.proposal


def _row(table: Table, row: Row) -> Iterator[_Line]:
    """The words that a row begins with are its name."""
    cells = list(zip(table.columns, row.cells, strict=True))
    leading = list(takewhile(lambda one: one[0].unit is None, cells))
    name = " ".join(shown(row, column, cell) for column, cell in leading)
    for column, cell in cells[len(leading) :]:
        value = cell
        if isinstance(cell, date):
            value = cell.isoformat()
        elif isinstance(cell, int | float):
            value = _plain(cell, column.unit)
        unit = "" if column.unit is None else UNITS[column.unit]
        yield name, column.name, value, unit, shown(row, column, cell)


def _plain(number: Number, unit: Unit | None) -> Number:
    """Yuan for fen; whole numbers without a point."""
    value = amount(number, unit)
    return int(value) if value == int(value) else value
