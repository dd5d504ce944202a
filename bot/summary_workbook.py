"""The weekly summary as an Excel workbook: every number a number, every day a date.

Sheets: 概览 (the metrics), 值得注意, 图表 (native charts beside their numbers), one for each table,
定义. Money is in yuan, shares are formatted as percentages. No cell can become a formula
(`bot.workbook.neutral`), and the same summary gives the same bytes.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any

from xlsxwriter import Workbook

from bot.summary_charts import draw
from bot.summary_paper import FORMATS, UNITS, Paper, amount, named
from bot.workbook import NEVER_FORMULAS, neutral
from sop.summary.metrics import Metric, Unit
from sop.summary.summary import Summary
from sop.summary.table import Column, Table
from sop.summary.weeks import week_title
from sop.summary.wording import MEAN, QUIET, UNKNOWN, cut, parts, state, unheard_line

_POINTS = '"↑ "0.0" 个百分点";"↓ "0.0" 个百分点";"持平"'
_OVERVIEW = ("指标", "本周", "单位", "分子", "分母", "上周", "变化", MEAN, "目标", "数据")
_HEAD_ROW = 2
_WIDEST = 48


def xlsx(summary: Summary) -> bytes:
    """The bytes of an .xlsx file."""
    out = io.BytesIO()
    paper = Paper(Workbook(out, NEVER_FORMULAS))
    title = f"{cut(summary.scope)} · 周报"
    paper.book.set_properties({"title": title, "created": datetime.combine(summary.monday, time())})
    _overview(paper, summary, title)
    _findings(paper, summary)
    every = (chart for section in summary.sections for chart in section.charts)
    charts = [chart for chart in every if chart.labels and chart.series]
    if charts:
        draw(paper, charts)
    for section in summary.sections:
        for table in section.tables:
            _table(paper, table)
    _definitions(paper, summary)
    paper.book.close()
    return out.getvalue()


def _begin(paper: Paper, sheet: Any, title: str, note: str, head: Sequence[str]) -> None:
    """Title, note and heads; they stay in sight, as does the first column."""
    sheet.write_string(0, 0, neutral(title), paper.format("title"))
    sheet.write_string(1, 0, neutral(note), paper.format("note"))
    paper.head(sheet, _HEAD_ROW, head)
    sheet.freeze_panes(_HEAD_ROW + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD_ROW)


def _overview(paper: Paper, summary: Summary, title: str) -> None:
    sheet = paper.sheet("概览")
    missing = unheard_line(summary.figures.unheard)
    note = "。".join(one for one in (week_title(summary.monday), missing) if one)
    _begin(paper, sheet, title, note, _OVERVIEW)
    for row, metric in enumerate(summary.metrics, _HEAD_ROW + 1):
        _metric(paper, sheet, row, metric)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 8, 13)
    sheet.set_column(9, 9, 32)


def _metric(paper: Paper, sheet: Any, row: int, metric: Metric) -> None:
    paper.put(sheet, (row, 0), metric.name, None)
    paper.put(
        sheet, (row, 1), UNKNOWN if metric.unknown else metric.value, metric.unit, metric.at_least
    )
    paper.put(sheet, (row, 2), UNITS[metric.unit], None)
    for column, (number, unit) in enumerate(parts(metric) or (), 3):
        paper.put(sheet, (row, column), number, unit)
    paper.put(sheet, (row, 5), metric.previous, metric.unit)
    if metric.change is not None:
        _change(paper, sheet, row, metric)
    mean_unit = Unit.MEAN if metric.unit in (Unit.PERSONS, Unit.TIMES) else metric.unit
    paper.put(sheet, (row, 7), metric.mean, mean_unit)
    if metric.target is not None:
        paper.put(sheet, (row, 8), metric.target, metric.unit)
    paper.put(sheet, (row, 9), state(metric), None)


def _change(paper: Paper, sheet: Any, row: int, metric: Metric) -> None:
    """Shares change by percentage points."""
    by = metric.change or 0
    if metric.unit is Unit.RATIO:
        number, format = round(by * 100, 1), _POINTS
    else:
        plain = FORMATS[metric.unit]
        number, format = amount(by, metric.unit), f'"↑ "{plain};"↓ "{plain};"持平"'
    sheet.write_number(row, 6, number, paper.format("", format))


def _findings(paper: Paper, summary: Summary) -> None:
    sheet = paper.sheet("值得注意")
    note = "" if summary.findings else QUIET
    _begin(paper, sheet, "值得注意", note, ("序号", "发现", "建议"))
    for n, one in enumerate(summary.findings, 1):
        paper.put(sheet, (_HEAD_ROW + n, 0), n, None)
        paper.put(sheet, (_HEAD_ROW + n, 1), one.text, None)
        paper.put(sheet, (_HEAD_ROW + n, 2), one.proposal, None)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 2, 70)


def _table(paper: Paper, table: Table) -> None:
    sheet = paper.sheet(table.title)
    heads = [named(column) for column in table.columns]
    _begin(paper, sheet, table.title, table.note, heads)
    for number, row in enumerate(table.rows, _HEAD_ROW + 1):
        for at, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            if cell is None and column.may_be_ahead:
                continue
            least = row.at_least and column.counts_actions
            paper.put(sheet, (number, at), cell, column.unit, least)
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, _width(table, number, column))
    if table.rows:
        last = _HEAD_ROW + len(table.rows)
        sheet.autofilter(_HEAD_ROW, 0, last, len(table.columns) - 1)


def _width(table: Table, number: int, column: Column) -> int:
    """For the longest words in it; Chinese letters are two wide."""
    words = [row.cells[number] for row in table.rows]
    longest = max((len(one) for one in words if isinstance(one, str)), default=5)
    return min(max(longest, len(column.name), 5) * 2 + 2, _WIDEST)


def _definitions(paper: Paper, summary: Summary) -> None:
    sheet = paper.sheet("定义")
    _begin(paper, sheet, "定义", "每个数字的口径。", ("在哪里", "名称", "定义"))
    for row, words in enumerate(_defined(summary), _HEAD_ROW + 1):
        for column, one in enumerate(words):
            paper.put(sheet, (row, column), one, None)
    sheet.set_column(0, 1, 26)
    sheet.set_column(2, 2, 90)


def _defined(summary: Summary) -> Iterator[tuple[str, str, str]]:
    for metric in summary.metrics:
        yield "概览", metric.name, metric.definition
    for section in summary.sections:
        for table in section.tables:
            for column in table.columns:
                if column.definition:
                    yield table.title, column.name, column.definition
            if table.note:
                yield table.title, "说明", table.note
