"""The weekly summary as a web page: a file that needs nothing else, or a part of `/summary/`.

No number is computed here: everything is written from a `Summary` in the words of
`sop.summary.wording`. Pictures are `bot.charts`, each with its table behind it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.charts import svg
from bot.charts.theme import PAGE
from sop.summary.behind import behind
from sop.summary.finding import Finding
from sop.summary.headlines import headlines, made_of
from sop.summary.metrics import Metric
from sop.summary.summary import Section, Summary
from sop.summary.table import Row, Table
from sop.summary.weeks import week_label, week_title
from sop.summary.wording import (
    MEAN,
    QUIET,
    aim,
    averaged,
    change,
    fraction,
    shown,
    state,
    told,
    unheard_line,
    why_missing,
    written,
)

Links = Callable[[str], str | None]
"""What a row or a finding `opens` → where that is; None: nowhere for this reader."""
PAGES = Path(__file__).parent / "pages"
FOOT = "一周从周一 00:00 到周日 24:00。人数跨群去重，不含同事；分母为 0 写“无数据”，不写成 0%。"
_DAYS = ("day", "weekday")
"""Columns that say when; what a row is about, and leads to, comes after them."""
_BRIEF = 10
"""Words that are no longer stay in one line."""
_FOLDED_FROM = 13
"""Tables with so many rows are folded; shorter ones too, where a picture tells the same."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; `definition` is shown where a pointer rests on it."""

    name: str
    right: bool = True
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A cell; `kind` is its class."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; the first cell is its head."""

    cells: tuple[Written, ...]
    href: str | None = None
    link_at: int = 0
    """The cell that is the link."""
    key: str = ""
    """Of the metric, if the row is one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A table, ready to be set."""

    key: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[Line, ...]
    note: str = ""
    open: bool = True


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the five numbers."""

    key: str
    name: str
    value: str
    missing: bool
    moved: str
    direction: str
    lines: tuple[str, ...]
    target: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with its link."""

    text: str
    proposal: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with the table behind it; alone: both side by side."""

    key: str
    title: str
    svg: Markup
    table: Shown
    note: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A section."""

    key: str
    title: str
    charts: tuple[Figure, ...]
    tables: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """What the templates `summary_*.html` set."""

    title: str
    heading: str
    about: str
    quality: str
    complete: bool
    tiles: tuple[Tile, ...]
    findings: tuple[Told, ...]
    sections: tuple[Block, ...]
    metrics: Shown
    quiet: str = QUIET
    foot: str = FOOT


def html(summary: Summary, links: Links | None = None) -> str:
    """The page as one file without script, for light and dark screens, phones and A4."""
    return environment().get_template("summary_file.html").render(page=page_of(summary, links))


def body(summary: Summary, links: Links | None = None) -> Markup:
    """The same without a frame, for a page that loads `summary.css`."""
    template = environment().get_template("summary_body.html")
    return Markup(template.render(page=page_of(summary, links)))  # noqa: S704


def page_of(summary: Summary, links: Links | None = None) -> SummaryPage:
    """The summary in words and pictures."""
    tables = {table.key for section in summary.sections for table in section.tables}
    charts = {chart.key for section in summary.sections for chart in section.charts}

    def leads(opens: str) -> str | None:
        """A key of a table or a chart is on this page."""
        if opens in tables:
            return f"#{opens}"
        if opens in charts:
            return f"#chart-{opens}"
        return links(opens) if links is not None and opens else None

    unheard = unheard_line(summary.figures.unheard)
    count = len(summary.communities)
    return SummaryPage(
        title=f"{summary.scope} 周报 {week_label(summary.monday)}",
        heading=f"{summary.scope} · 周报",
        about=f"{week_title(summary.monday)}，{count} 个社群",
        quality=unheard or "数据完整",
        complete=not unheard,
        tiles=tuple(_tile(summary, one) for one in headlines(summary)),
        findings=tuple(_told(one, leads) for one in summary.findings),
        sections=tuple(
            block(section, leads)
            for section in summary.sections
            if section.tables or section.charts
        ),
        metrics=_metrics(summary.metrics),
    )


def _tile(summary: Summary, metric: Metric) -> Tile:
    moved = change(metric)
    missing = metric.value is None
    lines = [why_missing(metric) if missing else made_of(summary, metric)]
    lines.append(f"上周 {written(metric.previous, metric.unit)}")
    lines.append(f"{MEAN} {averaged(metric)}")
    target = ""
    if metric.target is not None:
        verdict = "已达到" if metric.reached else "未达到"
        target = f"{aim(metric)}，{verdict}"
    return Tile(
        metric.key,
        metric.name,
        told(metric),
        missing,
        moved,
        {"↑": "up", "↓": "down"}.get(moved[:1], ""),
        tuple(filter(None, lines)),
        target,
        metric.reached,
    )


def _told(finding: Finding, leads: Links) -> Told:
    return Told(finding.text, finding.proposal, leads(finding.opens))


def block(section: Section, leads: Links) -> Block:
    """A section, ready to be set; `leads` says where its rows lead."""
    count = len(section.charts)
    return Block(
        section.key,
        section.title,
        tuple(
            Figure(
                chart.key,
                chart.title,
                Markup(svg(chart, PAGE)),  # noqa: S704
                _shown(behind(chart), leads, open=False),
                chart.note,
                alone=number == count and count % 2 == 1,
            )
            for number, chart in enumerate(section.charts, start=1)
        ),
        tuple(_shown(table, leads, open=not section.charts) for table in section.tables),
    )


def _shown(table: Table, leads: Links, *, open: bool) -> Shown:
    """Open: also where its rows lead on."""
    heads = tuple(Head(one.name, one.unit is not None, one.definition) for one in table.columns)
    rows = tuple(_line(table, row, leads) for row in table.rows)
    leads_on = any(row.opens for row in table.rows)
    opened = (open or leads_on) and len(rows) < _FOLDED_FROM
    return Shown(table.key, table.title, heads, rows, table.note, opened)


def _line(table: Table, row: Row, leads: Links) -> Line:
    cells = []
    for cell, column in zip(row.cells, table.columns, strict=True):
        text = shown(row, column, cell)
        kind = "right" if column.unit is not None else "brief" if len(text) <= _BRIEF else "words"
        kind += " none" if cell is None else ""
        cells.append(Written(text, kind.strip()))
    at = next(n for n, column in enumerate(table.columns) if column.key not in _DAYS)
    return Line(tuple(cells), leads(row.opens), at)


def _metrics(metrics: Sequence[Metric]) -> Shown:
    names = ("指标", "本周", "分子/分母", "上周", MEAN, "目标")
    heads = [Head(name, right=bool(place)) for place, name in enumerate(names)]
    return Shown(
        "metrics",
        "全部指标",
        (*heads, Head("数据", right=False), Head("口径", right=False)),
        tuple(_metric(one) for one in metrics),
    )


def _metric(metric: Metric) -> Line:
    missing = metric.value is None
    target = "" if metric.target is None else written(metric.target, metric.unit)
    return Line(
        (
            Written(metric.name),
            Written(told(metric), "right none" if missing else "right"),
            Written(fraction(metric), "right"),
            Written(written(metric.previous, metric.unit), "right"),
            Written(averaged(metric), "right"),
            Written(target, "right"),
            Written(state(metric), "words none" if missing or metric.quality else "words"),
            Written(metric.definition, "means"),
        ),
        key=metric.key,
    )


@cache
def environment() -> Environment:
    """Where the templates `summary_*.html` are."""
    return Environment(
        loader=FileSystemLoader([PAGES / "templates", PAGES / "static"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
