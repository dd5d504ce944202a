"""The sentences: only what the numbers carry, at most three."""

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from sop.summary.figures import CampaignFigures, StepFigures, WeekFigures
from sop.summary.findings import clearly_differs, findings
from sop.summary.period import Period


def told(now: WeekFigures, before: WeekFigures) -> tuple[str, ...]:
    found = findings(Period(now, before, (), ZoneInfo("Asia/Shanghai"), "全部社群"))
    return tuple(one.sentence for one in found)


def test_findings_of_a_busy_week_are_the_three_most_urgent(
    now: WeekFigures, before: WeekFigures
) -> None:
    assert told(now, before) == (
        "有 1 项到期未执行：周三内容 wed-tip。",
        "交给客户经理的 3 条话术，还有 1 条没有确认已发。",
        "有 1 项晚于执行窗口：周二掷骰子。",
    )


def test_findings_of_an_empty_week_are_none(empty: WeekFigures) -> None:
    assert told(empty, empty) == ()


def test_findings_tell_a_clear_change_of_activity(now: WeekFigures, before: WeekFigures) -> None:
    calm = replace(now, steps=())
    assert told(calm, before) == ("活跃率明显上升：26.2% → 47.6%。",)
    assert told(before, replace(calm, steps=())) == ("活跃率明显下降：47.6% → 26.2%。",)


def test_findings_say_nothing_of_chance_differences(now: WeekFigures, before: WeekFigures) -> None:
    assert told(replace(now, steps=(), wau=36), before) == ()


def test_findings_name_the_budget_that_is_nearly_gone(
    now: WeekFigures, before: WeekFigures
) -> None:
    pool = CampaignFigures("pool/games", "游戏奖池", 10000, 8000, 0, 0, 7)
    calm = replace(now, steps=(), wau=36, campaigns=(pool,))
    assert told(calm, before) == ("“游戏奖池”的预算已用 80%，还剩 ¥20.00。",)


def test_findings_tell_losses_and_silence(now: WeekFigures, before: WeekFigures) -> None:
    calm = replace(now, steps=(), wau=36, new=2, lost=9, silent=70)
    assert told(calm, before) == (
        "流失 9 人，多于新增的 2 人。",
        "沉默成员占 50.0%（70/140）。",
    )


def test_findings_name_two_steps_and_count_the_rest(
    now: WeekFigures, before: WeekFigures, make_step: Callable[..., StepFigures]
) -> None:
    missed = tuple(make_step(day, f"s{day}", f"步骤{day}", 1, 0, 0, 0, 0, 0) for day in range(4))
    calm = replace(now, steps=missed, wau=36)
    assert told(calm, before) == ("有 4 项到期未执行：周一步骤0、周二步骤1等 4 个步骤。",)


@pytest.mark.parametrize(
    ("hits", "of", "hits_before", "of_before", "clear"),
    [
        (50, 100, 30, 100, True),
        (50, 100, 37, 100, False),  # z = 1.85
        (50, 100, 36, 100, True),  # z = 2.00
        (19, 19, 0, 100, False),  # too small a group
        (20, 20, 0, 20, True),
        (0, 100, 0, 100, False),
        (100, 100, 100, 100, False),
    ],
)
def test_clearly_differs(hits: int, of: int, hits_before: int, of_before: int, clear: bool) -> None:
    assert clearly_differs(hits, of, hits_before, of_before) is clear
