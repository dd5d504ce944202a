"""Variants and NPS as tables: how sure, and nothing where there is too little."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sop.steps.nps import net
from sop.summary.chart import Series
from sop.summary.details import Details, NpsFigures, VariantFigures
from sop.summary.figures import WeekFigures
from sop.summary.metrics import Unit
from sop.summary.parts import all_parts
from sop.summary.parts.nps import points
from sop.summary.period import Period

PARTS = {part.key: part for part in all_parts()}
VARIANTS = (
    VariantFigures("p", "tip", "小知识", "brief", 80, 48),
    VariantFigures("p", "tip", "小知识", "long", 70, 56),
    VariantFigures("p", "hi", "问候", "a", 0, 0, 2),
    VariantFigures("p", "hi", "问候", "b", 30, 10, 2, 1.5),
)


def period(week: WeekFigures, details: Details, before: Details | None = None) -> Period:
    return Period(
        week, week, (), ZoneInfo("Asia/Shanghai"), "全部社群", (), details, before or Details()
    )


def test_experiments_with_intervals_and_verdict(now: WeekFigures) -> None:
    of = period(now, Details(variants=VARIANTS))
    (table,) = PARTS["experiments"].tables(of)
    (chart,) = PARTS["experiments"].charts(of)

    nothing: tuple[Any, ...] = (None, None)
    assert [row.cells for row in table.rows] == [
        ("问候", "a", 2, 0, 0, None, *nothing, *nothing, "对照"),
        ("问候", "b", 2, 10, 30, 0.3333, 0.1691, 0.5513, *nothing, "数据不足"),
        ("小知识", "brief", 0, 48, 80, 0.6, 0.4905, 0.7004, *nothing, "对照"),
        ("小知识", "long", 0, 56, 70, 0.8, 0.6918, 0.877, 0.0524, 0.3339, "明显更好"),
    ]
    assert table.rows[3].opens == "step:p/tip"
    assert chart.labels == ("问候 · b", "小知识 · brief", "小知识 · long")
    assert chart.series == (Series("行为率", Unit.RATIO, (0.3333, 0.6, 0.8)),)


def test_experiments_tell_which_communities_are_left_out(now: WeekFigures) -> None:
    of = period(replace(now, unheard=3), Details(variants=VARIANTS))
    (table,) = PARTS["experiments"].tables(of)

    assert table.note.endswith("否则是数据不足。3 个群没有会话存档，不参加比较。")


def test_nps_beside_last_week(now: WeekFigures) -> None:
    of = period(now, Details(nps=NpsFigures(20, 10, 4)), Details(nps=NpsFigures(5, 0, 24)))
    (table,) = PARTS["nps"].tables(of)

    assert [row.cells for row in table.rows] == [
        ("本周", 20, 10, 4, 34, 47, "足够"),
        ("上周", 5, 0, 24, 29, None, "数据不足"),
    ]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (NpsFigures(30, 0, 0), 100),
        (NpsFigures(0, 0, 30), -100),
        (NpsFigures(15, 10, 15), 0),
        (NpsFigures(1, 199, 0), 1),  # half a point goes up,
        (NpsFigures(0, 199, 1), -1),  # and down alike
        (NpsFigures(0, 30, 0), 0),
        (NpsFigures(29, 0, 0), None),
        (NpsFigures(), None),
    ],
)
def test_points_are_those_of_the_step(scores: NpsFigures, expected: int | None) -> None:
    assert points(scores) == expected
    if expected is not None:
        assert int(net(scores.n, scores.promoters, scores.detractors)) == expected
