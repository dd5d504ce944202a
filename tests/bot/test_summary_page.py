"""The summary as a page: every number in words, escaped, with its table behind each picture."""

import re
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from bot.summary_page import body, html, page_of
from sop.summary.chart import Chart
from sop.summary.summary import Section, Summary
from tests.summary_specimen import BARS, COMMUNITIES, HEAT, HOSTILE, LINE, specimen


@pytest.fixture(scope="module")
def summary() -> Summary:
    return specimen()


def parsed(summary: Summary) -> Element:
    """The part without a frame, which is well-formed but for what HTML lets stand alone."""
    root: Element = fromstring(re.sub(r" open>", ' open="">', body(summary)))
    return root


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_five_numbers_stand_at_the_top(summary: Summary) -> None:
    tiles = [
        [words(cell) for cell in one]
        for one in parsed(summary).iter("div")
        if "data-headline" in one.attrib
    ]
    assert tiles == [
        ["成员数", "1,914", "↑ 54", "上周 1,860前四周平均 1,799"],
        ["净增", "54", "↑ 8", "新增 96，流失 42上周 46前四周平均 34"],
        [
            "活跃率",
            "41.5%",
            "↑ 1.7 个百分点",
            "782/1,884上周 39.8%前四周平均 37.1%目标 45.0%，未达到",
        ],
        ["游戏参与率", "30.9%", "↑ 2.2 个百分点", "574/1,860上周 28.6%前四周平均 25.1%"],
        [
            "SOP 完成率",
            "95.8%",
            "↑ 4.2 个百分点",
            "23/24上周 91.7%前四周平均 85.4%目标 95.0%，已达到",
        ],
    ]


def test_every_metric_has_a_row_with_its_definition(summary: Summary) -> None:
    rows = {
        one.attrib["data-metric"]: [words(cell) for cell in one]
        for one in parsed(summary).iter("tr")
        if "data-metric" in one.attrib
    }
    assert [*rows] == [one.key for one in summary.metrics]
    assert rows["active_rate"] == [
        "活跃率",
        "41.5%",
        "782/1,884",
        "39.8%",
        "37.1%",
        "45.0%",
        "完整",
        "周活跃成员 ÷ 七天成员数的平均值",
    ]


def test_number_that_is_not_known_says_why_and_is_never_zero() -> None:
    summary = specimen(unheard=12)
    rows = {one.key: [cell.text for cell in one.cells] for one in page_of(summary).metrics.rows}
    assert rows["speakers"][:3] + rows["speakers"][6:7] == [
        "发言人数",
        "无法统计",
        "",
        "12 个群没有会话存档",
    ]


def test_page_tells_what_is_missing_from_the_numbers() -> None:
    pages = [page_of(specimen()), page_of(specimen(unheard=3))]
    assert [(one.complete, one.quality) for one in pages] == [
        (True, "数据完整"),
        (False, "无法统计：3 个群没有会话存档，那里的聊天不在数字里"),
    ]


def test_chart_has_its_numbers_behind_it(summary: Summary) -> None:
    shown = page_of(replace(summary, sections=(Section("s", "节", (), (LINE,)),)))
    (figure,) = shown.sections[0].charts
    rows = [[cell.text for cell in row.cells] for row in figure.table.rows]
    assert rows[2:5] == [["周三", "298", "287"], ["周四", "366", "无数据"], ["周五", "421", "398"]]
    assert [head.name for head in figure.table.heads] == ["项目", "本周", "上周"]


@pytest.mark.parametrize(
    ("charts", "alone"), [((LINE,), [True]), ((LINE, BARS, HEAT), [False, False, True])]
)
def test_chart_without_a_neighbour_stands_beside_its_numbers(
    charts: tuple[Chart, ...], alone: list[bool], summary: Summary
) -> None:
    shown = page_of(replace(summary, sections=(Section("s", "节", (), charts),)))
    assert [one.alone for one in shown.sections[0].charts] == alone


def test_table_shows_words_numbers_days_and_lower_bounds(summary: Summary) -> None:
    shown = page_of(replace(summary, sections=(Section("s", "节", (COMMUNITIES,), ()),)))
    (table,) = shown.sections[0].tables
    assert [[cell.text for cell in row.cells] for row in table.rows[:3:2]] == [
        ["财富体验一群", "412", "21", "6", "214", "52.3%", "¥421.50", "2026-11-20"],
        ["私行沙龙群", "0", "0", "0", "≥ 0", "无数据", "¥0.00", "无数据"],
    ]
    assert table.open


@pytest.mark.parametrize(
    ("opens", "charts", "open"),
    [("", (), True), ("", (LINE,), False), ("community:a", (LINE,), True)],
)
def test_table_is_open_where_nothing_else_shows_it(
    opens: str, charts: tuple[Chart, ...], open: bool, summary: Summary
) -> None:
    rows = tuple(replace(row, opens=opens) for row in COMMUNITIES.rows)
    section = Section("s", "节", (replace(COMMUNITIES, rows=rows),), charts)
    shown = page_of(replace(summary, sections=(section,)))
    assert [one.open for one in shown.sections[0].tables] == [open]


def test_long_table_is_folded(summary: Summary) -> None:
    many = replace(COMMUNITIES, rows=COMMUNITIES.rows * 4)
    shown = page_of(replace(summary, sections=(Section("s", "节", (many,), ()),)))
    assert [one.open for one in shown.sections[0].tables] == [False]


def test_links_are_those_that_the_reader_may_follow(summary: Summary) -> None:
    shown = page_of(summary, {"community:wealth-01": "/summary/one"}.get)
    table = next(one for section in shown.sections for one in section.tables)
    assert [row.href for row in table.rows] == ["/summary/one", None, None, None]
    assert [one.href for one in shown.findings] == [None, "#communities", None, None]


def test_section_with_nothing_to_show_is_left_out(summary: Summary) -> None:
    shown = page_of(replace(summary, sections=(Section("s", "节", (), ()),)))
    assert shown.sections == ()


def test_week_without_findings_says_so(summary: Summary) -> None:
    assert "没有超出平常波动的变化" in body(replace(summary, findings=()))


def test_hostile_names_are_text() -> None:
    page = html(specimen(HOSTILE))
    assert page.count("<script") == 0
    assert page.count("&lt;script&gt;") >= 3


def test_file_has_no_script_and_asks_for_nothing(summary: Summary) -> None:
    page = html(summary)
    found = re.findall(r"(?:\b(?:src|href)=|url\(|@import).{0,40}", page)
    assert [one for one in found if not one.startswith('href="#')] == []
    assert re.findall(r'Policy" content="([^"]*)"', page) == [
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]
