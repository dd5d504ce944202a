"""Tables and charts about people, written out for a constructed week."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import (
    ChannelFlow,
    CohortFigures,
    Details,
    GroupFigures,
    MoveFigures,
)
from sop.summary.figures import ChannelFigures, WeekFigures
from sop.summary.metrics import Unit
from sop.summary.parts import activity, channels, cohorts, moves, people, scopes
from sop.summary.period import Period
from sop.summary.table import Row, Table

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
UNHEARD = "无法统计：1 个群没有会话存档，那里的聊天不在数字里"
Make = Callable[..., Period]


@pytest.fixture
def period(now: WeekFigures, before: WeekFigures) -> Make:
    """The busy week, broken down as the test says."""

    def make(details: Details | None = None, **more: object) -> Period:
        made = Period(now, before, (), ZONE, "全部社群", (), details or Details())
        return replace(made, **more)  # type: ignore[arg-type]

    return make


def keys(table: Table) -> list[str]:
    return [one.key for one in table.columns]


def test_people_are_told_by_week_oldest_first(period: Make) -> None:
    (table,) = people.tables(period())
    assert keys(table) == ["week", "members", "new", "lost", "net", "joins", "leaves"]
    assert table.rows == (
        Row(("2026-W47", 128, 28, 0, 28, 28, 0)),
        Row(("2026-W48", 140, 15, 3, 12, 16, 4)),
    )
    assert [(one.key, one.labels) for one in people.charts(period())] == [
        ("members", ("2026-W47", "2026-W48")),
        ("new_and_lost", ("2026-W47", "2026-W48")),
    ]


def test_activity_is_told_by_day_beside_last_week(period: Make) -> None:
    (table,) = activity.tables(period())
    assert table.rows[0] == Row((MONDAY, "周一", 20, 128, 0.1562, 5))
    assert table.rows[6] == Row((date(2026, 11, 29), "周日", 5, 140, 0.0357, 1))
    assert (len(table.rows), table.note) == (7, "")
    (chart,) = activity.charts(period())
    assert chart == Chart(
        "daily_active",
        "每天的活跃成员（人）",
        Shape.LINE,
        ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        (
            Series("本周", Unit.PERSONS, (20, 31, 22, 30, 41, 9, 5)),
            Series("上周", Unit.PERSONS, (5, 6, 7, 8, 9, 3, 1)),
        ),
        "",
        "星期",
    )


def test_a_day_of_which_nothing_is_known_is_not_nought(
    period: Make, now: WeekFigures, empty: WeekFigures
) -> None:
    quiet = replace(now, unheard=1, dau=(0, 3, 0, 0, 0, 0, 0))
    (table,) = activity.tables(period(now=quiet, before=empty))
    assert table.rows[0] == Row((MONDAY, "周一", None, 128, None, 0), at_least=True)
    assert table.rows[1].cells[2:5] == (3, 130, 0.0231)
    assert table.note == UNHEARD


def test_days_without_members_have_no_share(period: Make, empty: WeekFigures) -> None:
    (table,) = activity.tables(period(now=empty, before=empty))
    assert table.rows[0].cells[2:] == (0, 0, None, 0)


def group(kind: str, id: str, **counts: int) -> GroupFigures:
    return replace(GroupFigures(kind, id, id.upper(), 1), **counts)  # type: ignore[arg-type]


BUSY = {
    "members_at_start": 10,
    "members_at_end": 12,
    "member_days": 77,
    "new": 3,
    "lost": 1,
    "wau": 6,
    "silent": 2,
    "players": 4,
    "due": 5,
    "executed": 4,
    "on_time": 3,
    "settled_fen": 880,
}


def test_groups_are_ranked_with_their_numbers(period: Make) -> None:
    details = Details(groups=(group("rm", "x"), group("rm", "y", **BUSY)))
    earlier = Details(groups=(group("rm", "y", wau=2, member_days=70),))
    (table,) = scopes.tables(period(details, details_before=earlier))
    assert (table.key, table.title) == ("rms", "各客户经理")
    assert keys(table) == [
        *("name", "communities", "members", "new", "lost", "wau", "mean_members", "active_rate"),
        *("active_rate_before", "silent", "players", "members_at_start", "participation", "due"),
        *("executed", "completion", "on_time", "punctuality", "settled"),
    ]
    busy = ("Y", 1, 12, 3, 1, 6, 11.0, 0.5455, 0.2, 2, 4, 10, 0.4, 5, 4, 0.8, 3, 0.75, 880)
    nobody = ("X", 1, 0, 0, 0, 0, 0.0, None, None, 0, 0, 0, None, 0, 0, None, 0, None, 0)
    assert table.rows == (Row(busy, "rm:y"), Row(nobody, "rm:x"))


def test_a_community_that_is_not_heard_is_not_called_inactive(
    period: Make, now: WeekFigures
) -> None:
    quiet = group("community", "q", unheard=1, members_at_end=9, member_days=63, silent=0)
    heard = group("community", "h", **BUSY)
    details = Details(groups=(quiet, heard))
    (table,) = scopes.tables(period(details, now=replace(now, unheard=1)))
    row = dict(zip(keys(table), table.rows[1].cells, strict=True))
    assert (row["name"], row["wau"], row["active_rate"], row["silent"]) == ("Q", None, None, None)
    assert (row["members"], table.rows[1].at_least, table.rows[0].at_least) == (9, True, False)
    assert table.note == f"一个人可以在几个群，各行不能相加。{UNHEARD}。"


def test_rates_are_drawn_while_they_fit(period: Make) -> None:
    few = tuple(group("community", f"c{one}", **BUSY) for one in range(12))
    many = (*few, group("community", "last"))
    managers = (group("rm", "x"), group("rm", "y", **BUSY))
    (chart,) = scopes.charts(period(Details(groups=(*managers, *few))))
    assert (chart.title, len(chart.labels)) == ("各社群的活跃率", 12)
    (chart,) = scopes.charts(period(Details(groups=(*managers, *many))))
    assert (chart.title, chart.labels) == ("各客户经理的活跃率", ("Y", "X"))
    assert chart.series == (
        Series("本周", Unit.RATIO, (0.5455, None)),
        Series("上周", Unit.RATIO, (None, None)),
    )
    assert list(scopes.charts(period(Details(groups=many)))) == []


COHORTS = (
    CohortFigures(date(2026, 11, 9), 0, (0, 0, 0), (0, 0, 0)),
    CohortFigures(date(2026, 11, 16), 3, (2, 1), (3, 2)),
    CohortFigures(MONDAY, 8, (5,), (8,)),
)


def test_cohorts_are_persons_in_tables_and_shares_in_charts(period: Make) -> None:
    made = period(Details(cohorts=COHORTS))
    present, active = cohorts.tables(made)
    assert keys(present) == ["monday", "size", "week_0", "week_1", "week_2"]
    assert present.rows == (
        Row((date(2026, 11, 16), 3, 3, 2, None)),
        Row((MONDAY, 8, 8, None, None)),
    )
    assert active.rows[0] == Row((date(2026, 11, 16), 3, 2, 1, None))
    assert present.title == "留存：各周新人周末还在群的人数"
    heat, _ = cohorts.charts(made)
    assert heat == Chart(
        "cohorts_present_rate",
        "留存：各周新人周末还在群的比例",
        Shape.HEAT,
        ("第 0 周", "第 1 周", "第 2 周"),
        (
            Series("11-16 起（3 人）", Unit.RATIO, (1.0, 0.6667, None)),
            Series("11-23 起（8 人）", Unit.RATIO, (1.0, None, None)),
        ),
        "第 0 周是第一次入群的那一周，一直按那时的人算；还没到的周是空的。",
        "入群的那周",
    )


def test_weeks_without_newcomers_show_no_cohorts(period: Make) -> None:
    made = period(Details(cohorts=COHORTS[:1]))
    assert (list(cohorts.tables(made)), list(cohorts.charts(made))) == ([], [])


def test_moves_have_chinese_names(period: Make) -> None:
    found = (
        MoveFigures("stage", "growing", "established", 5),
        MoveFigures("stage", "", "newcomer", 3),
        MoveFigures("value", "active", "", 2),
    )
    (table,) = moves.tables(period(Details(moves=found)))
    assert [row.cells for row in table.rows] == [
        ("生命周期", "成长成员", "稳定成员", 5),
        ("生命周期", "刚入群", "新成员", 3),
        ("价值分层", "活跃", "已离开", 2),
    ]
    (chart,) = moves.charts(period(Details(moves=found)))
    assert chart.labels == ("成长成员 → 稳定成员", "刚入群 → 新成员")
    assert chart.series == (Series("人数", Unit.PERSONS, (5, 3)),)


def test_no_moves_show_nothing(period: Make) -> None:
    assert (list(moves.tables(period())), list(moves.charts(period()))) == ([], [])


FLOWS = (
    ChannelFlow("phone", "电话外呼", 8, 6, 3, 4, 1001),
    ChannelFlow("=1+1🎉", "", 2, 1, 1, 0, 0),
    ChannelFlow("", "", 1, 0, 0, 0, 0),
)


def test_channels_show_volume_quality_and_cost(period: Make, now: WeekFigures) -> None:
    made = period(Details(channels=FLOWS), now=replace(now, channels=(ChannelFigures("", 6, 5),)))
    flows, ways = channels.tables(made)
    assert [row.cells for row in flows.rows] == [
        ("电话外呼", 8, 4, 0.5, 6, 3, 0.5, 1001, 125),
        ("=1+1🎉", 2, 0, 0.0, 1, 1, 1.0, 0, 0),
        ("未知", 1, 0, 0.0, 0, 0, None, 0, 0),
    ]
    assert ways.rows == (Row(("未知", 6, 5)),)
    (chart,) = channels.charts(made)
    assert chart.labels == ("电话外呼", "=1+1🎉")
    assert chart.series == (
        Series("入群", Unit.PERSONS, (8, 2)),
        Series("7 天留存率", Unit.RATIO, (0.5, 1.0)),
    )


def test_channels_of_unheard_groups_have_no_activity_of_nought(
    period: Make, now: WeekFigures
) -> None:
    made = period(Details(channels=FLOWS), now=replace(now, unheard=1))
    flows, _ = channels.tables(made)
    assert [row.cells[2:4] for row in flows.rows] == [(4, 0.5), (None, None), (None, None)]
    assert flows.note == f"{UNHEARD}。"
