"""The summary's workbook, opened by other libraries: numbers are numbers, nothing is a formula."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from bot.summary_workbook import xlsx
from sop.summary.chart import Chart, Series, Shape
from sop.summary.metrics import Unit
from sop.summary.summary import Section, Summary
from sop.summary.table import Column, Row, Table
from tests.summary_specimen import HOSTILE, specimen

HOSTILE_NAMES = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "＝1",
    "\t=1",
    '=HYPERLINK("http://x","y")',
)


@pytest.fixture(scope="module")
def summary() -> Summary:
    return specimen(unheard=1)


@pytest.fixture(scope="module")
def data(summary: Summary) -> bytes:
    return xlsx(summary)


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    """Every sheet's cells, as another library reads them."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def made(summary: Summary, *tables: Table, charts: tuple[Chart, ...] = ()) -> bytes:
    """The workbook of these tables and charts alone."""
    return xlsx(replace(summary, sections=(Section("s", "节", tables, charts),)))


def test_overview_has_every_metric_as_numbers(data: bytes) -> None:
    rows = {row[0]: row[1:] for row in sheets(data)["概览"]}
    chosen = ("成员数", "活跃率", "黏性", "预算执行率·已领取", "单客成本（每名新增）", "SOP 完成率")
    missing = "1 个群没有会话存档"
    assert [rows[name] for name in chosen] == [
        [1914, "人", "", "", 1860, 54, 1799, "", "完整"],
        [0.4151, "占比", 782, 1884, 0.3982, 1.7, 0.371, 0.45, missing],
        ["无法统计", "占比", "", "", "无数据", "", "无数据", "", missing],
        [0.3686, "占比", 1843.2, 5000, 0.3686, 0, 0.3686, "", "完整"],
        [19.2, "元", 1843.2, 96, 21.19, -1.99, 25.5625, "", "完整"],
        [0.9583, "占比", 23, 24, 0.9167, 4.2, 0.8542, 0.95, "完整"],
    ]


def test_sheets_in_reading_order(data: bytes) -> None:
    assert list(sheets(data)) == ["概览", "值得注意", "图表", "各社群", "定义"]


def test_table_is_read_back_whole(data: bytes) -> None:
    """Fen are yuan, days are days, what is missing is said in words."""
    assert sheets(data)["各社群"] == [
        ["各社群", *[""] * 7],
        ["私行沙龙群没有会话存档：活跃人数是下限。", *[""] * 7],
        ["社群", "成员", "新增", "流失", "周活跃", "活跃率", "已领取（元）", "最近一次活动"],
        ["财富体验一群", 412, 21, 6, 214, 0.523, 421.5, date(2026, 11, 20)],
        ["财富体验二群", 388, 18, 9, 187, 0.481, 388, date(2026, 11, 20)],
        ["私行沙龙群", 0, 0, 0, 0, "无数据", 0, "无数据"],
        [HOSTILE, 9, 1, 0, 4, 0.4444, 3, date(2026, 11, 19)],
    ]


def test_findings_and_definitions_have_their_sheets(data: bytes, summary: Summary) -> None:
    read = sheets(data)
    assert read["值得注意"][3:] == [
        [n, one.text, one.proposal] for n, one in enumerate(summary.findings, 1)
    ]
    assert read["定义"][3:] == [
        *(["概览", one.name, one.definition] for one in summary.metrics),
        ["各社群", "活跃率", "周活跃成员 ÷ 七天成员数的平均值"],
        ["各社群", "说明", "私行沙龙群没有会话存档：活跃人数是下限。"],
    ]


def test_quiet_week_says_so(summary: Summary) -> None:
    read = sheets(xlsx(replace(summary, findings=())))["值得注意"]
    assert read[1][0] == "本周没有超出平常波动的变化，也没有没做完的事。"


def test_numbers_are_formatted_by_their_unit(data: bytes) -> None:
    book = opened(data)
    formats = [cell.number_format for cell in book["各社群"][6]]
    assert formats == [
        "@", "#,##0", "#,##0", "#,##0", '"≥ "#,##0', "General", "#,##0.00", "General"
    ]  # fmt: skip
    assert [cell.number_format for cell in book["各社群"][4]][4:] == [
        "#,##0", "0.0%", "#,##0.00", "yyyy-mm-dd"
    ]  # fmt: skip
    overview = {row[0].value: row for row in book["概览"].iter_rows(min_row=4)}
    assert [overview["活跃率"][n].number_format for n in (1, 5, 6)] == [
        '"≥ "0.0%',
        "0.0%",
        '"↑ "0.0" 个百分点";"↓ "0.0" 个百分点";"持平"',
    ]


def test_heads_stay_in_sight_and_rows_can_be_filtered(data: bytes) -> None:
    book = opened(data)
    assert {sheet.title: sheet.freeze_panes for sheet in book} == {
        "概览": "B4",
        "值得注意": "B4",
        "图表": None,
        "各社群": "B4",
        "定义": "B4",
    }
    assert book["各社群"].auto_filter.ref == "A3:H7"


def test_charts_stand_beside_their_numbers(data: bytes) -> None:
    """Lines, bars and stacks are Excel's own; funnel, cohorts and dots are tables."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        drawn = sorted(name for name in parts.namelist() if name.startswith("xl/charts/chart"))
        texts = [parts.read(name).decode() for name in drawn]
    kinds = [re.findall(r"<c:(lineChart|barChart)>", text) for text in texts]
    assert kinds == [["lineChart"], ["lineChart"], ["barChart"], ["barChart"]]
    assert ['<c:grouping val="stacked"/>' in text for text in texts] == [False, False, True, False]
    rows = sheets(data)["图表"]
    top = next(n for n, row in enumerate(rows) if row[0] == "每天的活跃成员（人）")
    assert [row[:3] for row in rows[top + 2 : top + 7]] == [
        ["项目", "本周", "上周"],
        ["周一", 312, 301],
        ["周二", 405, 352],
        ["周三", 298, 287],
        ["周四", 366, ""],  # a gap, not nought
    ]


def test_chart_of_negative_values_is_not_cut_at_nought(summary: Summary) -> None:
    net = Chart("net", "净增", Shape.LINE, ("一", "二"), (Series("净增", Unit.PERSONS, (-5, 3)),))
    with zipfile.ZipFile(io.BytesIO(made(summary, charts=(net,)))) as parts:
        assert "<c:min " not in parts.read("xl/charts/chart1.xml").decode()


def test_nothing_is_a_formula(summary: Summary, data: bytes) -> None:
    rows = tuple(Row((name, 1)) for name in HOSTILE_NAMES)
    columns = (Column("name", "=名字"), Column("n", "+数", Unit.PERSONS))
    hostile = made(
        replace(summary, scope="=1+1"),
        Table("t", "=HYPERLINK(1)", columns, rows, "@注"),
        charts=(
            Chart(
                "c", "=图", Shape.BARS, HOSTILE_NAMES,
                (Series("=系列", Unit.PERSONS, (1,) * len(HOSTILE_NAMES)),), "+注",
            ),
        ),
    )  # fmt: skip
    for one in (data, hostile):
        with zipfile.ZipFile(io.BytesIO(one)) as parts:
            cells = [parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name]
            links = [name for name in parts.namelist() if "externalLink" in name]
        assert (sum(len(re.findall(rb"<f[ >]", cell)) for cell in cells), links) == (0, [])
    read = [row[0] for row in sheets(hostile)["=HYPERLINK(1)"]]
    assert read[3:] == [f"'{name}" for name in HOSTILE_NAMES]


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (("各社群", "各社群"), ["各社群", "各社群 2"]),
        (("a/b\\c?*[d]:e",), ["a b c   d  e"]),
        (("长" * 40, "长" * 40), ["长" * 31, "长" * 29 + " 2"]),
        (("概览", "Rm", "RM"), ["概览 2", "Rm", "RM 2"]),
        (("''", ""), ["表", "表 2"]),
    ],
)
def test_sheets_have_legal_names_of_their_own(
    summary: Summary, titles: tuple[str, ...], names: list[str]
) -> None:
    tables = (Table(f"t{n}", title, (Column("a", "甲"),), ()) for n, title in enumerate(titles))
    assert list(sheets(made(summary, *tables)))[2:-1] == names


def test_same_summary_gives_the_same_bytes(data: bytes) -> None:
    assert xlsx(specimen(unheard=1)) == data


def test_file_tells_its_week_and_no_clock(data: bytes) -> None:
    properties = opened(data).properties
    assert (properties.title, properties.created.isoformat()) == (
        "华东分行全部社群 · 周报",
        "2026-11-16T00:00:00",
    )
