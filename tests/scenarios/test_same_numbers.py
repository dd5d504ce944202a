"""One week of real events, read back from every form: the same numbers everywhere.

What is read back is compared with the `Summary` itself; how a number is written is undone here by
other means than those that wrote it. Names of communities, colleagues and the scope are hostile.
"""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from bot.forms import all_forms
from bot.report import measured
from bot.summary_picture import svg
from sop.events import Left
from sop.summary.behind import behind
from sop.summary.card import render
from sop.summary.chart import Chart
from sop.summary.headlines import HEADLINES
from sop.summary.metrics import Metric, Unit
from sop.summary.summary import Summary
from sop.summary.table import Cell, Column, Row, Table
from tests.house import (
    CHATS,
    FESTIVAL,
    FIRST,
    GUIDED,
    HOOK,
    ONE_WEEK,
    POOL,
    SECOND,
    ZONE,
    House,
    library_of,
    opened,
)

NAMES = {
    FIRST: "=1+1",
    SECOND: "+cmd|' /C calc'!A0",
    GUIDED: "🎉<b>`*[x](y)\\*`</b>&amp;\u202eكلمة",
}
SCOPE = '=HYPERLINK("x")🎉|<i>'
MISSING = {"无数据", "无法统计"}


async def live(house: House) -> None:
    """A week of games, draws, talk, joins and one leave; the week before is quieter."""
    await house.join("wm1", "wm2", "wm3", "wm4", "wm5")
    await house.join("wm6", "wm7", community=SECOND)
    await house.join("wm8", "wm1", community=GUIDED)
    await house.until("11-17 19:31")
    for member in ("wm1", "wm2"):
        await house.say(member, "掷")
    await house.until("11-23 10:00")
    await house.join("wm9", "wm10")
    await house.say("wm9", "你好")
    await house.until("11-24 19:31")
    for member in ("wm1", "wm2", "wm9"):
        await house.say(member, "掷")
    await house.until("11-25 10:00")
    await house.say("wm9", "抽奖")
    await house.hear(Left(house.clock.now(), CHATS[FIRST], ("wm3",)))
    await house.until("11-27 20:05")
    for member in ("wm1", "wm2", "wm9"):
        await house.say(member, "抽奖")
    await house.until("11-30 00:00")


async def week(url: str) -> Summary:
    library = library_of(ONE_WEEK, POOL, FESTIVAL, HOOK)
    async with opened(url, "11-16 08:00", library) as house:
        await live(house)
        communities = [replace(one, name=NAMES[one.id]) for one in house.settings.communities]
        staff = {**house.settings.staff}
        staff["li"] = replace(staff["li"], name="@SUM(A1)|")
        return await house.database.read(
            lambda tx: measured(tx, library, staff, communities, date(2026, 11, 23), ZONE, SCOPE)
        )


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    folder = tmp_path_factory.mktemp("week")
    return asyncio.run(week(f"sqlite:///{folder}/week.db"))


def rendered(summary: Summary, form: str) -> bytes:
    return all_forms()[form].render(summary)


def tables_of(summary: Summary) -> list[Table]:
    return [table for section in summary.sections for table in section.tables]


def charts_of(summary: Summary) -> list[Chart]:
    return [chart for section in summary.sections for chart in section.charts]


# --- how a number was written, undone ------------------------------------------------------------


def read(text: str) -> float | None:
    """`≥ 1,234`, `52.3%`, `¥4.25`, `无数据` → the number; shares by hundred, money in yuan."""
    plain = text.removeprefix("≥ ").removeprefix("¥").removesuffix("%").replace(",", "")
    return None if plain in MISSING or not plain else float(plain)


def expected(value: Cell, unit: Unit | None) -> float | None:
    """What `read` finds if the number was written as its unit is."""
    if value is None or not isinstance(value, int | float):
        return None
    digits = {Unit.RATIO: 1, Unit.FEN: 2, Unit.MEAN: 2}.get(unit, 0) if unit else 0
    factor = {Unit.RATIO: 100, Unit.FEN: 0.01}.get(unit, 1) if unit else 1
    return float(f"{value * factor:.{digits}f}")


def numbers_of(metric: Metric) -> list[float | None]:
    """Value, previous, mean as they are read back."""
    wide = Unit.MEAN if metric.unit in (Unit.PERSONS, Unit.TIMES) else metric.unit
    fen = metric.unit is Unit.FEN and metric.mean is not None
    mean = int(metric.mean or 0) if fen else metric.mean
    return [
        expected(metric.value, metric.unit),
        expected(metric.previous, metric.unit),
        expected(mean, wide),
    ]


def row_of(columns: tuple[Column, ...], row: Row) -> list[Any]:
    """A row as it is read back from words."""
    return [
        cell if isinstance(cell, str) else cell.isoformat() if isinstance(cell, date)
        else expected(cell, column.unit)
        for column, cell in zip(columns, row.cells, strict=True)
    ]  # fmt: skip


def read_row(columns: tuple[Column, ...], row: Row, texts: list[str]) -> list[Any]:
    """The texts of a row, numbers where the table has numbers or nothing."""
    assert len(texts) == len(columns)
    return [
        text if isinstance(cell, str | date) else read(text)
        for text, cell in zip(texts, row.cells, strict=True)
    ]


# --- the forms -----------------------------------------------------------------------------------


def test_week_is_rich_enough_to_prove_something(summary: Summary) -> None:
    values = {one.key: one.value for one in summary.metrics}
    keys = ("members", "new", "lost", "wau", "game_participation", "sop_completion", "stickiness")
    assert [values[key] for key in keys] == [9, 2, 1, 4, 0.375, 1.0, None]
    assert {one.key for one in tables_of(summary)} >= {
        "communities",
        "rms",
        "labels",
        "games",
        "rounds",
        "sop_steps",
        "activity_days",
    }
    assert min(len(one.rows) for one in tables_of(summary)) > 0


def test_json_has_the_summarys_numbers(summary: Summary) -> None:
    found = json.loads(rendered(summary, "json"))
    fields = ("value", "numerator", "denominator", "previous", "mean", "target", "at_least")
    assert {key: [one[name] for name in fields] for key, one in found["metrics"].items()} == {
        one.key: [getattr(one, name) for name in fields] for one in summary.metrics
    }
    tables, charts = found["tables"].items(), found["charts"].items()
    assert {key: [list(row.values()) for row in one["rows"]] for key, one in tables} == {
        one.key: [
            [cell.isoformat() if isinstance(cell, date) else cell for cell in row.cells]
            for row in one.rows
        ]
        for one in tables_of(summary)
    }
    assert {key: [one["values"] for one in chart["series"]] for key, chart in charts} == {
        chart.key: [list(one.values) for one in chart.series] for chart in charts_of(summary)
    }
    assert found["scope"]["name"] == SCOPE


def in_excel(cell: Cell, unit: Unit | None, ahead: bool = False) -> Any:
    """A cell as another library reads it: numbers exact, money in yuan."""
    if cell is None:
        return "" if ahead else "无数据"
    if isinstance(cell, str):
        return f"'{cell}" if cell[:1] in "=+-@" and cell else cell
    if isinstance(cell, date):
        return cell
    return cell / 100 if unit is Unit.FEN else cell


def test_excel_has_the_summarys_numbers_and_no_formula(summary: Summary) -> None:
    data = rendered(summary, "xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    overview = book.get_sheet_by_name("概览").to_python()[3:]
    assert [[row[0], row[1], row[5], row[7]] for row in overview] == [
        [
            one.name,
            "无法统计" if one.unknown else in_excel(one.value, one.unit),
            in_excel(one.previous, one.unit),
            in_excel(one.mean, one.unit),
        ]
        for one in summary.metrics
    ]
    for table in tables_of(summary):
        rows = book.get_sheet_by_name(table.title).to_python()[3:]
        assert rows == [
            [
                in_excel(cell, one.unit, one.may_be_ahead)
                for one, cell in zip(table.columns, row.cells, strict=True)
            ]
            for row in table.rows
        ]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        cells = b"".join(parts.read(one) for one in parts.namelist() if "worksheets/" in one)
    assert re.findall(rb"<f[ />]", cells) == []


def test_sums_in_excel_equal_the_metrics(summary: Summary) -> None:
    """SOP by step adds up to the metric's fraction; money by source to the budgets'."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(rendered(summary, "xlsx")))

    def total(sheet: str, head: str) -> float:
        _, _, heads, *rows = book.get_sheet_by_name(sheet).to_python()
        return round(sum(float(row[heads.index(head)]) for row in rows), 2)

    completion, budget = summary.metric("sop_completion"), summary.metric("budget_committed")
    assert [total("每一步", head) for head in ("已执行", "应执行")] == [
        completion.numerator,
        completion.denominator,
    ]
    money = next(one.title for one in tables_of(summary) if one.key == "campaigns")
    assert [total(money, head) for head in ("已发出（元）", "投放（元）")] == [
        float(budget.numerator or 0) / 100,
        float(budget.denominator or 0) / 100,
    ]


def cells_of(line: str) -> list[str]:
    """A row of a Markdown table, without its escapes."""
    found = re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]
    return [re.sub(r"\\(.)", r"\1", one.strip()) for one in found]


def in_markdown(text: str) -> dict[str, list[list[str]]]:
    """Rows of each table, by its title."""
    found: dict[str, list[list[str]]] = {}
    title = ""
    for line in text.splitlines():
        if line.startswith("#"):
            title = re.sub(r"\\(.)", r"\1", line.lstrip("# "))
        elif line.startswith("|"):
            found.setdefault(title, []).append(cells_of(line))
    return {title: rows[2:] for title, rows in found.items()}


def test_markdown_has_the_summarys_numbers(summary: Summary) -> None:
    found = in_markdown(rendered(summary, "md").decode())
    assert [[row[0], *(read(row[n]) for n in (1, 3, 5))] for row in found["指标"]] == [
        [one.name, *numbers_of(one)] for one in summary.metrics
    ]
    for table in tables_of(summary):
        words = (one for row in table.rows for one in row.cells if isinstance(one, str))
        rows = [
            read_row(table.columns, row, texts)
            for row, texts in zip(table.rows, found[table.title], strict=True)
        ]
        wanted = [row_of(table.columns, row) for row in table.rows]
        assert [[one for one in row if not isinstance(one, str)] for row in rows] == [
            [one for one in row if not isinstance(one, str)] for row in wanted
        ]
        told = {one.replace("\u202e", " ") for one in words}
        assert told <= {text for texts in found[table.title] for text in texts}


class Tables(HTMLParser):
    """Every table of a page by its caption, as rows of texts; scripts are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self.tags: list[str] = []
        self._rows: list[list[str]] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th", "caption"):
            self._into = []

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "caption") and self._into is not None:
            text = "".join(self._into).strip()
            if tag == "caption":
                self.found[text] = self._rows
            else:
                self._rows[-1].append(text)
            self._into = None


def tables_in(page: bytes) -> Tables:
    tables = Tables()
    tables.feed(page.decode())
    return tables


def test_html_has_the_summarys_numbers(summary: Summary) -> None:
    page = tables_in(rendered(summary, "html"))
    assert set(page.tags) & {"script", "b", "i", "iframe"} <= {"b"}
    (metrics,) = [rows for title, rows in page.found.items() if title.startswith("全部指标")]
    assert [[row[0], *(read(row[n]) for n in (1, 3, 4))] for row in metrics[1:]] == [
        [one.name, *numbers_of(one)] for one in summary.metrics
    ]
    pictures = [behind(chart) for chart in charts_of(summary)]
    for table in (*tables_of(summary), *pictures):
        heads, *rows = page.found[table.title]
        assert heads == [one.name for one in table.columns]
        assert [
            read_row(table.columns, row, texts) for row, texts in zip(table.rows, rows, strict=True)
        ] == [row_of(table.columns, row) for row in table.rows]


def headlines_in(card: str) -> Iterator[tuple[str, float | None]]:
    for name, value in re.findall(r"^(\S.*?) \*\*([^*]+)\*\*", card, re.MULTILINE):
        yield name, read(value)


def test_card_has_the_summarys_numbers(summary: Summary) -> None:
    card = render(summary)
    found = dict(headlines_in(card.split("\n\n")[1]))
    metrics = [summary.metric(key) for key in HEADLINES]
    assert found == {one.name: expected(one.value, one.unit) for one in metrics}
    talk = re.search(r"周活跃 (.+?) 人，日均 (.+?)，黏性 (.+?)（", card)
    assert talk is not None
    assert [read(one) for one in talk.groups()] == [
        expected(summary.metric(key).value, summary.metric(key).unit)
        for key in ("wau", "dau", "stickiness")
    ]
    assert card.split("\n")[0] == '## =HYPERLINK("x")🎉| i · 周报'


def test_picture_has_the_summarys_headlines(summary: Summary) -> None:
    """Its pixels are drawn from these texts."""
    texts = re.findall(r"<text[^>]*>([^<]*)<", svg(summary))
    at = {text: n for n, text in enumerate(texts)}
    metrics = [summary.metric(key) for key in HEADLINES]
    assert [read(texts[at[one.name] + 1]) for one in metrics] == [
        expected(one.value, one.unit) for one in metrics
    ]


def test_every_form_names_the_same_findings(summary: Summary) -> None:
    assert "budget_gone" in {one.rule for one in summary.findings}
    page = re.sub(r"<[^>]+>", "", rendered(summary, "html").decode())
    document = re.sub(r"\\(.)", r"\1", rendered(summary, "md").decode())
    book = CalamineWorkbook.from_filelike(io.BytesIO(rendered(summary, "xlsx")))
    sheet = [row[1] for row in book.get_sheet_by_name("值得注意").to_python()[3:]]
    card = render(summary)
    found = json.loads(rendered(summary, "json"))["findings"]
    for n, one in enumerate(summary.findings):
        seen = [
            one.text in page,
            one.text in document,
            sheet[n] == one.text,
            found[n] == one.sentence,
        ]
        assert (seen, n >= 3 or one.text in card) == ([True] * 4, True)
