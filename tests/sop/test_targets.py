"""Weekly targets of plans: as written, as kept, and what several plans agree on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sop.community import Community
from sop.loader import load
from sop.plan import Plan
from sop.target import targets_of

Read = Callable[[str], Plan]

PLAN = """
plan: {name}
title: 一周
applies_to: {{labels: [wealth]}}
targets: {targets}
week:
  monday:
    - {{id: brief, at: "09:30", content: {{text: 早上好}}}}
"""


def test_targets_are_kept_in_the_unit_of_their_metric(plan: Read) -> None:
    written = '{活跃率: 40%, wau: 30, 单客成本（每名新增）: 0.75, game_participation: "12.5 %"}'
    assert plan(PLAN.format(name="a", targets=written)).targets == {
        "active_rate": 0.4,
        "wau": 30.0,
        "cost_per_new": 75.0,
        "game_participation": 0.125,
    }


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        (
            "{active_rat: 40%}",
            (4, 11, "周报里没有“active_rat”这个指标。", "您是想写 active_rate 吗？"),
        ),
        ("{active_rate: 0.4}", (4, 24, "看不懂目标“0.4”。", "比率写成百分数，例如 40%。")),
        ("{active_rate: 140%}", (4, 24, "看不懂目标“140%”。", "比率写成百分数，例如 40%。")),
        ("{wau: 很多}", (4, 16, "看不懂目标“很多”。", "请写一个数，例如 30。")),
    ],
)
def test_unreadable_target_is_told_at_its_place(
    write: Callable[[dict[str, str]], Path], targets: str, problem: tuple[int, int, str, str]
) -> None:
    (one,) = load([write({"p.yaml": PLAN.format(name="a", targets=targets)})])[1]
    assert (one.line, one.column, one.message, one.hint) == problem


def test_plans_that_disagree_set_no_target(plan: Read, communities: list[Community]) -> None:
    first = plan(PLAN.format(name="a", targets="{wau: 30, silent: 5}"))
    second = plan(PLAN.format(name="b", targets="{wau: 40}"))
    assert targets_of([first, second], communities) == (("silent", 5.0),)
    youth = [one for one in communities if one.id == "youth-01"]
    assert targets_of([first, second], youth) == ()
