"""The weekly summary as a Markdown document: findings, every number with its definition, and all
tables; behind each chart its table, unless its numbers are in the tables beside it."""

import re
from collections.abc import Iterable, Sequence

from sop.summary.behind import behind
from sop.summary.chart import Chart
from sop.summary.summary import Section, Summary
from sop.summary.table import Table
from sop.summary.weeks import week_title
from sop.summary.wording import (
    MEAN,
    averaged,
    change,
    cut,
    fraction,
    shown,
    state,
    target_lines,
    told,
    unheard_line,
    written,
)

_MARKUP = re.compile(r"([\\|<>`*\[\]&])")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
"""Line breaks, and what turns the direction of the words that follow."""
_HEAD = ("指标", "本周", "分子/分母", "上周", "变化", MEAN, "数据", "定义")
_RIGHT, _LEFT = "---:", "---"
_NUMBERS = frozenset({1, 2, 3, 4, 5})


def document(summary: Summary) -> str:
    """The whole summary."""
    sections = (
        f"# {cut(summary.scope)} · 周报\n\n{week_title(summary.monday)}，共 "
        f"{summary.figures.communities} 个社群。",
        _note(summary),
        _findings(summary),
        _targets(summary),
        _metrics(summary),
        *(_section(one) for one in summary.sections),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def escaped(text: str) -> str:
    """Words in one line that no reader of Markdown takes for markup."""
    return _MARKUP.sub(r"\\\1", _UNSEEN.sub(" ", text))


def _note(summary: Summary) -> str:
    line = unheard_line(summary.figures.unheard)
    return f"> {line}。" if line else ""


def _findings(summary: Summary) -> str:
    if not summary.findings:
        return ""
    lines = [f"- {escaped(one.sentence)}" for one in summary.findings]
    return "\n".join(("## 值得注意", "", *lines))


def _targets(summary: Summary) -> str:
    lines = [f"- {line}" for line in target_lines(summary.metrics)]
    return "\n".join(("## 目标", "", *lines)) if lines else ""


def _metrics(summary: Summary) -> str:
    rows = [
        (
            metric.name,
            told(metric),
            fraction(metric),
            written(metric.previous, metric.unit),
            change(metric),
            averaged(metric),
            state(metric),
            metric.definition,
        )
        for metric in summary.metrics
    ]
    return "\n".join(("## 指标", "", *_lines(_HEAD, _NUMBERS, rows)))


def _section(section: Section) -> str:
    pictures = (behind(one) for one in section.charts if not _is_told(one, section.tables))
    written_out = [_table(one) for one in (*section.tables, *pictures) if one.rows]
    return "\n\n".join((f"## {escaped(section.title)}", *written_out)) if written_out else ""


def _is_told(chart: Chart, tables: Sequence[Table]) -> bool:
    """Whether each of its series is a column of a table beside it."""
    columns = {
        tuple(row.cells[at] for row in table.rows)
        for table in tables
        for at in range(len(table.columns))
    }
    return all(series.values in columns for series in chart.series)


def _table(table: Table) -> str:
    rows = [
        [shown(row, column, cell) for column, cell in zip(table.columns, row.cells, strict=True)]
        for row in table.rows
    ]
    numbers = frozenset(n for n, column in enumerate(table.columns) if column.unit is not None)
    head = [column.name for column in table.columns]
    note = (f"{escaped(table.note)}", "") if table.note else ()
    return "\n".join((f"### {escaped(table.title)}", "", *note, *_lines(head, numbers, rows)))


def _lines(
    head: Sequence[str], numbers: Iterable[int], rows: Iterable[Sequence[str]]
) -> Iterable[str]:
    """A table; numbers stand on the right."""
    marks = [_RIGHT if n in numbers else _LEFT for n in range(len(head))]
    yield _row([escaped(one) for one in head])
    yield _row(marks)
    for row in rows:
        yield _row([escaped(cell) for cell in row])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
