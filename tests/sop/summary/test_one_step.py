"""One step as a page: what stands at its head, in its tables and in its pictures."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sop.summary.chart import Chart
from sop.summary.one_step import Counts, Number, Part, StepView, added, numbers, section
from sop.summary.table import Table

MONDAY = date(2026, 11, 23)
BEFORE = MONDAY - timedelta(days=7)
NOW = Counts(3, 2, 1, 1, 2, 1, 1, 1, 40, {"played": 10, "paid": 0})
THEN = Counts(3, 3, 3, 0, 2, 2, 3, 0, 40, {"played": 8})
GAME = StepView(
    "weekly",
    "dice",
    "掷骰子",
    "标准周",
    MONDAY,
    "全部社群",
    ((MONDAY, NOW), (BEFORE, THEN)),
    (
        Part("李静", Counts(2, 1, 1, 1, 1, 0, 1, 0, 25, {"played": 7}), "rm:li"),
        Part("陈明", Counts(1, 1, 0, 0, 1, 1, 0, 0, 15, {"played": 3}), "rm:chen"),
    ),
    (
        Part("二群", Counts(1, 0, 0), "community:b", "李静", outcome="没有执行：下雨"),
        Part("一群", Counts(1, 1, 1, 0, 0, 0, 1), "community:a", "李静", outcome="19:30 准时"),
    ),
)
POST = StepView(
    "weekly",
    "brief",
    "早报",
    "标准周",
    MONDAY,
    "一群",
    ((MONDAY, Counts(1, 1, 1, 0, 0, 0, 1)),),
    runs=(Part("", Counts(1, 1, 1, 0, 0, 0, 1), day=MONDAY, outcome="09:30 准时"),),
)


def test_head_of_a_game() -> None:
    assert numbers(GAME) == [
        Number("已执行", "2/3", ("完成率 66.7%", "上周 3/3")),
        Number("准时", "1/2", ("准时率 50.0%", "上周 3/3")),
        Number("已确认", "1/2", ("确认率 50.0%", "上周 2/2")),
        Number("跳过", "1", ("已发出 1，晚发 1", "上周 0")),
        Number("玩过", "10 人", ("在场 40 人，参与率 25.0%", "上周 8 人"), "members:played"),
        Number("到账", "0 人", ("上周 无数据",)),
    ]


def test_head_of_a_post_that_was_never_there_before() -> None:
    assert numbers(POST) == [
        Number("已执行", "1/1", ("完成率 100.0%", "上周没有这一步")),
        Number("准时", "1/1", ("准时率 100.0%", "上周没有这一步")),
        Number("跳过", "0", ("已发出 1，晚发 0", "上周没有这一步")),
    ]


def test_nothing_is_divided_by_zero() -> None:
    empty = replace(POST, weeks=((MONDAY, Counts(took={"played": 0})),), runs=())
    assert [(one.value, one.lines[0]) for one in numbers(empty)] == [
        ("0/0", "完成率 无数据"),
        ("0/0", "准时率 无数据"),
        ("0", "已发出 0，晚发 0"),
        ("0 人", "在场 0 人，参与率 无数据"),
    ]


def _written(table: Table) -> list[tuple[object, ...]]:
    return [tuple(one.name for one in table.columns), *(row.cells for row in table.rows)]


def test_tables_of_a_game() -> None:
    rms, communities, weeks = section(GAME).tables
    counted = (
        "应执行",
        "已提醒",
        "已确认",
        "已发出",
        "晚发",
        "跳过",
        "玩过",
        "到账",
        "在场成员",
        "参与率",
    )
    assert _written(rms) == [
        ("客户经理", *counted),
        ("李静", 2, 1, 0, 1, 0, 1, 7, None, 25, 0.28),
        ("陈明", 1, 1, 1, 0, 0, 0, 3, None, 15, 0.2),
    ]
    assert [row.opens for row in rms.rows] == ["rm:li", "rm:chen"]
    assert _written(communities) == [
        ("社群", "客户经理", "结果", *counted),
        ("二群", "李静", "没有执行：下雨", 1, 0, 0, 0, 0, 0, None, None, 0, None),
        ("一群", "李静", "19:30 准时", 1, 0, 0, 1, 0, 0, None, None, 0, None),
    ]
    assert [row.opens for row in communities.rows] == ["community:b", "community:a"]
    assert _written(weeks) == [
        ("周", *counted),
        ("2026-W48", 3, 2, 1, 1, 1, 1, 10, 0, 40, 0.25),
        ("2026-W47", 3, 2, 2, 3, 0, 0, 8, None, 40, 0.2),
    ]


def test_table_of_a_post_in_one_community() -> None:
    (runs,) = section(POST).tables
    assert _written(runs) == [
        ("日期", "星期", "结果", "应执行", "已发出", "晚发", "跳过"),
        (MONDAY, "周一", "09:30 准时", 1, 1, 0, 0),
    ]


def _lines(chart: Chart) -> list[tuple[object, ...]]:
    return [chart.labels, *((one.name, one.values) for one in chart.series)]


def test_pictures_go_back_in_time() -> None:
    done, rate = section(GAME).charts
    labels = ("11-16", "11-23")
    assert _lines(done) == [labels, ("完成率", (1.0, 0.6667)), ("准时率", (1.0, 0.5))]
    assert _lines(rate) == [labels, ("参与率", (0.2, 0.25))]


def test_one_week_has_no_picture() -> None:
    assert section(POST).charts == ()


@pytest.mark.parametrize(
    ("taken", "compared"),
    [
        ({"drew": 1, "entered": 2}, "drew"),
        ({"answered": 1}, "answered"),
        ({"written": 3, "opened": 1}, None),
        ({}, None),
    ],
)
def test_what_is_compared_with_who_was_there(taken: dict[str, int], compared: str | None) -> None:
    assert replace(POST, weeks=((MONDAY, Counts(took=taken)),)).compared == compared


def test_runs_are_added_up_and_persons_are_not() -> None:
    one = Counts(1, 1, 0, 0, 1, 0, 1, 1, 5, {"played": 2})
    two = Counts(1, 1, 1, 0, 0, 0, 1, 0, 5, {"played": 2})
    assert added([one, two], {"played": {"wm1", "wm2", "wm3"}}, 9) == Counts(
        2, 2, 1, 0, 1, 0, 2, 1, 9, {"played": 3}
    )
