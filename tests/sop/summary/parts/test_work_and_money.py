"""Games, newcomers, money, SOP and follow-ups as tables and charts: whole expected values."""

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import (
    Details,
    NpsFigures,
    OutcomeFigures,
    PlanFigures,
    RecallFigures,
    RmWork,
    RoundFigures,
    VariantFigures,
)
from sop.summary.figures import FunnelFigures, WeekFigures
from sop.summary.metrics import Unit
from sop.summary.parts import all_parts
from sop.summary.period import Period
from sop.summary.table import Table

SHANGHAI = ZoneInfo("Asia/Shanghai")
PARTS = {part.key: part for part in all_parts()}
MINE = ("play", "funnel", "money", "work", "follow_ups", "recalls", "experiments", "nps")


def period(now: WeekFigures, before: WeekFigures, **more: Any) -> Period:
    return Period(now, before, (), SHANGHAI, "全部社群", **more)


def tables(part: str, of: Period) -> dict[str, Table]:
    return {table.key: table for table in PARTS[part].tables(of)}


def charts(part: str, of: Period) -> list[Chart]:
    return list(PARTS[part].charts(of))


def rows(table: Table) -> list[tuple[Any, ...]]:
    return [row.cells for row in table.rows]


@pytest.mark.parametrize("part", MINE)
def test_part_of_an_empty_week_shows_nothing(part: str, empty: WeekFigures) -> None:
    quiet = period(empty, empty)

    assert (tables(part, quiet), charts(part, quiet)) == ({}, [])


@pytest.mark.parametrize("part", MINE)
def test_ratio_comes_after_its_fraction_and_rows_fit_the_columns(
    part: str, now: WeekFigures, before: WeekFigures, details: Details
) -> None:
    found = tables(part, period(now, before, details=details, details_before=details))

    assert found != {}
    for table in found.values():
        numbers = [column for column in table.columns if column.unit is not None]
        assert {len(row.cells) for row in table.rows} == {len(table.columns)}
        assert len({column.key for column in table.columns}) == len(table.columns)
        assert numbers[0].unit is not Unit.RATIO
        assert {c.key for c in numbers if c.unit is Unit.RATIO and "÷" not in c.definition} <= {
            "low", "high", "gap_low", "gap_high",
        }  # fmt: skip


def test_games_with_participation(now: WeekFigures, before: WeekFigures) -> None:
    (games,) = tables("play", period(now, before)).values()

    assert rows(games) == [
        ("掷骰子", 2, 18, 128, 0.1406, 0, 20, 2500),
        ("知识问答", 2, 22, 128, 0.1719, 0, 25, 3000),
    ]
    assert {row.opens for row in games.rows} == {"members:players"}


def test_games_of_nobody_have_no_rate(now: WeekFigures, before: WeekFigures) -> None:
    (games,) = tables("play", period(replace(now, members_at_start=0), before)).values()

    assert [cells[4] for cells in rows(games)] == [None, None]


def test_rounds_beside_the_same_game_on_the_same_day_last_week(
    now: WeekFigures, before: WeekFigures
) -> None:
    of = period(
        now,
        before,
        details=Details(
            rounds=(
                RoundFigures("dice", "掷骰子", date(2026, 11, 24), "p", "tue", 2, 31, 100),
                RoundFigures("lyric", "猜歌词", date(2026, 11, 26), "p", "thu", 2, 9, 100),
                RoundFigures("dice", "掷骰子", date(2026, 11, 27), "", "", 1, 0, 0),
            )
        ),
        details_before=Details(
            rounds=(
                RoundFigures("dice", "掷骰子", date(2026, 11, 17), "p", "tue", 2, 22, 100),
                RoundFigures("dice", "掷骰子", date(2026, 11, 19), "p", "thu", 2, 50, 100),
            )
        ),
    )

    assert rows(tables("play", of)["rounds"]) == [
        (date(2026, 11, 24), "周二", "掷骰子", 2, 31, 100, 0.31),
        (date(2026, 11, 26), "周四", "猜歌词", 2, 9, 100, 0.09),
        (date(2026, 11, 27), "周五", "掷骰子", 1, 0, 0, None),
    ]
    assert charts("play", of) == [
        Chart(
            "participation",
            "每天游戏的参与率",
            Shape.BARS,
            ("周二 掷骰子", "周四 猜歌词", "周五 掷骰子"),
            (
                Series("本周", Unit.RATIO, (0.31, 0.09, None)),
                Series("上周", Unit.RATIO, (0.22, None, None)),
            ),
            "参与人数 ÷ 当天在场成员；上周是同一天的同一个游戏。",
            "游戏",
        )
    ]


def test_funnel_with_its_drops(now: WeekFigures, before: WeekFigures) -> None:
    of = period(now, before)

    assert rows(tables("funnel", of)["newcomer_funnel"]) == [
        ("入群 → 玩过游戏", 12, 15, 0.8, 3),
        ("玩过游戏 → 抽过奖", 11, 12, 0.9167, 1),
        ("抽过奖 → 已到账", 4, 11, 0.3636, 7),
    ]
    (chart,) = charts("funnel", of)
    assert (chart.shape, chart.labels, chart.series) == (
        Shape.FUNNEL,
        ("入群", "玩过游戏", "抽过奖", "已到账"),
        (Series("本周新人", Unit.PERSONS, (15, 12, 11, 4)),),
    )


def test_funnel_that_nobody_went_on_in_has_no_rate(now: WeekFigures, before: WeekFigures) -> None:
    of = period(replace(now, funnel=FunnelFigures(5, 0, 0, 0)), before)

    assert rows(tables("funnel", of)["newcomer_funnel"]) == [
        ("入群 → 玩过游戏", 0, 5, 0.0, 5),
        ("玩过游戏 → 抽过奖", 0, 0, None, 0),
        ("抽过奖 → 已到账", 0, 0, None, 0),
    ]


def test_money_in_four_columns_and_what_is_left(now: WeekFigures, before: WeekFigures) -> None:
    of = period(now, before)

    assert rows(tables("money", of)["campaigns"]) == [
        ("入群礼", 11, 500000, 31250, 6400, 0, 468750, 0.0625, 0.0128),
        ("游戏奖池", 7, 10000, 5500, 0, 0, 4500, 0.55, 0.0),
    ]
    (chart,) = charts("money", of)
    assert (chart.shape, chart.labels) == (Shape.STACK, ("入群礼", "游戏奖池"))
    assert chart.series == (
        Series("已领取", Unit.FEN, (6400, 0)),
        Series("待领取", Unit.FEN, (24850, 5500)),
        Series("剩余", Unit.FEN, (468750, 4500)),
    )


def test_sop_by_step_plan_and_rm(now: WeekFigures, before: WeekFigures, details: Details) -> None:
    of = period(now, before, details=details)
    found = tables("work", of)

    assert rows(found["sop_steps"])[1:3] == [
        (date(2026, 11, 24), "周二", "掷骰子", 2, 2, 1.0, 1, 0.5, 0, 1, 1, 1.0),
        (date(2026, 11, 25), "周三", "内容 wed-tip", 1, 2, 0.5, 1, 1.0, 0, 0, 1, 0.0),
    ]
    # Called off: nothing was due, so nothing can be said of it.
    assert rows(found["sop_steps"])[4] == (
        date(2026, 11, 27), "周五", "周五抽奖", 0, 0, None, 0, None, 2, 0, 0, None,
    )  # fmt: skip
    assert rows(found["sop_plans"]) == [("财富周", 7, 8, 0.875, 6, 0.8571, 2, 3, 4, 0.75)]
    assert rows(found["sop_rms"]) == [("林悦", 2, 7, 8, 0.875, 6, 0.8571, 2, 3, 0.6667)]
    assert rows(found["rm_tasks"]) == [("林悦", 4, 2, 3, 0.6667, 1, 1, 2, 0.5, 1, 1, 1)]
    assert {
        table: found[table].rows[0].opens for table in ("sop_steps", "sop_rms", "rm_tasks")
    } == {
        "sop_steps": "step:wealth-weekly/mon-brief",
        "sop_rms": "rm:linyue",
        "rm_tasks": "rm:linyue",
    }
    (chart,) = charts("work", of)
    assert (chart.labels, chart.series) == (
        ("林悦",),
        (
            Series("准时", Unit.TIMES, (6,)),
            Series("晚了", Unit.TIMES, (1,)),
            Series("未执行", Unit.TIMES, (1,)),
        ),
    )


def test_follow_ups_by_rm_and_by_what_they_came_from(
    now: WeekFigures, before: WeekFigures, details: Details
) -> None:
    found = tables("follow_ups", period(now, before, details=details))

    assert rows(found["follow_up_rms"]) == [("林悦", 2, 3, 0.6667, 1), ("王强", 0, 0, None, 2)]
    assert rows(found["follow_up_outcomes"]) == [("沉默 14 天", 5, 2, 1, 2)]


def test_recalls_of_nobody_known_have_no_rates(
    now: WeekFigures, before: WeekFigures, details: Details
) -> None:
    (found,) = tables("recalls", period(now, before, details=details)).values()

    assert rows(found) == [
        ("好久不见", 40, 10, 0.25, 6, 0.15),
        ("老朋友", 0, 0, None, 0, None),
    ]


@pytest.fixture
def details() -> Details:
    """A week of one RM who has communities and one who only follows up."""
    return Details(
        rms=(
            RmWork("linyue", "林悦", 4, 3, 2, 2, 1, 1, 1, 1, 1, 3, 2, 1),
            RmWork("wangqiang", "王强", follow_ups_overdue=2),
        ),
        plans=(PlanFigures("wealth-weekly", "财富周", 8, 7, 6, 2, 4, 3),),
        rounds=(RoundFigures("dice", "掷骰子", date(2026, 11, 24), "p", "tue", 2, 31, 100),),
        outcomes=(OutcomeFigures("rule/quiet", "沉默 14 天", 5, 2, 1, 2),),
        recalls=(
            RecallFigures("recall", "warm", "好久不见", 40, 10, 6),
            RecallFigures("recall", "old", "老朋友"),
        ),
        variants=(
            VariantFigures("p", "tip", "小知识", "brief", 80, 48),
            VariantFigures("p", "tip", "小知识", "long", 70, 56),
        ),
        nps=NpsFigures(20, 10, 4),
    )
