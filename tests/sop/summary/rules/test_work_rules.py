"""What was to be done: steps, scripts, follow-ups, lost callbacks, targets."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sop.summary.details import Details, GroupFigures, RmWork
from sop.summary.figures import RmFigures, StepFigures
from sop.summary.period import Period

Build = Callable[..., Period]
Told = Callable[[str, Period], list[tuple[str, str]]]

TUESDAY = date(2026, 11, 24)


def step(name: str, due: int, executed: int, on_time: int, *scripts: int) -> StepFigures:
    """`scripts`: reminded, confirmed."""
    reminded, confirmed = scripts or (0, 0)
    return StepFigures("w", name, name, TUESDAY, due, executed, on_time, 0, reminded, confirmed)


def rm(name: str, *counts: int) -> RmFigures:
    """reminded, confirmed, follow-ups due, follow-ups done."""
    return RmFigures(name, name, 1, 5, 5, 5, *counts)


def test_undone_steps_are_counted(week: Build, told: Told) -> None:
    steps = (step("掷骰子", 3, 1, 1), step("早报", 2, 2, 2))
    assert told("undone", week({"steps": steps})) == [("有 2 项到期未执行：周二掷骰子。", "")]
    assert told("undone", week({"steps": steps[1:]})) == []


def test_undone_steps_name_two_and_what_was_undone_before(week: Build, told: Told) -> None:
    steps = tuple(step(f"步骤{n}", 1, 0, 0) for n in range(4))
    before = (step("步骤2", 1, 0, 0), step("步骤3", 1, 1, 1))
    assert told("undone", week({"steps": steps}, {"steps": before})) == [
        (
            "有 4 项到期未执行：周二步骤0、周二步骤1等 4 个步骤。",
            "“步骤2”上周也没执行，建议改时间或者拿掉。",
        )
    ]


def test_a_step_undone_or_late_in_few_communities_is_not_to_be_changed(
    week: Build, told: Told
) -> None:
    few = {"steps": (step("掷骰子", 12, 11, 9),)}
    assert told("undone", week(few, few)) == [("有 1 项到期未执行：周二掷骰子。", "")]
    assert told("late", week(few, few)) == [("有 2 项晚于执行窗口：周二掷骰子。", "")]


def test_late_steps_are_counted(week: Build, told: Told) -> None:
    slow = {"steps": (step("掷骰子", 2, 2, 1),)}
    assert told("late", week(slow)) == [("有 1 项晚于执行窗口：周二掷骰子。", "")]
    assert told("late", week(slow, slow)) == [
        (
            "有 1 项晚于执行窗口：周二掷骰子。",
            "“掷骰子”上周也晚了，建议换一个钟点或放宽窗口。",
        )
    ]
    assert told("late", week({"steps": (step("掷骰子", 2, 1, 1),)})) == []


def test_unconfirmed_scripts_name_the_rm_who_has_most(week: Build, told: Told) -> None:
    steps = {"steps": (step("早报", 5, 5, 5, 5, 2),)}
    text = "交给客户经理的 5 条话术，还有 3 条没有确认已发。"
    rms = (rm("林悦", 2, 1, 0, 0), rm("李静", 3, 1, 0, 0))
    assert told("unconfirmed", week(steps | {"rms": rms})) == [
        (text, "最多的是李静（2 条），先问是没看到任务，还是话术不合适。")
    ]
    assert told("unconfirmed", week(steps | {"rms": rms[:1]})) == [(text, "")]
    confirmed = {"steps": (step("早报", 5, 5, 5, 5, 5),)}
    assert told("unconfirmed", week(confirmed | {"rms": rms})) == []


@pytest.mark.parametrize(
    ("overdue", "text"),
    [
        ((0, 0), None),
        ((2, 0), "有 2 位客户的跟进过了日期还没做，都是林悦的。"),
        ((2, 3), "有 5 位客户的跟进过了日期还没做，最多的是李静（3 位）。"),
        ((2, 2), "有 4 位客户的跟进过了日期还没做，最多的是李静（2 位）。"),
    ],
)
def test_overdue_follow_ups_name_the_rm(
    week: Build, told: Told, overdue: tuple[int, int], text: str | None
) -> None:
    rms = (
        RmWork("yue", "林悦", follow_ups_overdue=overdue[0]),
        RmWork("jing", "李静", follow_ups_overdue=overdue[1]),
    )
    expected = [(text, "先做最久的；做不过来的转交给同事。")] if text else []
    assert told("overdue", week(details=Details(rms=rms))) == expected


@pytest.mark.parametrize(("count", "found"), [(4, False), (5, True)])
def test_lost_callbacks_are_told_from_five_on(
    week: Build, told: Told, count: int, found: bool
) -> None:
    expected = (
        "有 5 次进群、退群等变化企业微信没有通知到，是后来核对时补上的。",
        "请运维检查回调地址和本周的停机时间。",
    )
    assert told("callbacks", week(details=Details(repairs=count))) == [expected] * found


TASKS = "下周建议一起过一遍名单：做不过来的转交，不该有的放弃并写明原因。"
SCRIPTS = "请当面问一句：是没看到任务，还是话术不合适。"
ACTIVE = "下周建议由活跃率高的同事带着办一次活动。"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0, 30, 12), [("林悦的跟进完成 40.0%（12/30），其他客户经理 90.0%。", TASKS)]),
        ((0, 0, 30, 21), []),  # 70 % and 90 %: chance, among so many comparisons
        ((0, 0, 19, 0), []),  # too few
        ((40, 16, 0, 0), [("林悦确认已发的话术 40.0%（16/40），其他客户经理 80.0%。", SCRIPTS)]),
        # One sentence for one RM: of the wider gap.
        ((40, 16, 30, 3), [("林悦的跟进完成 10.0%（3/30），其他客户经理 90.0%。", TASKS)]),
    ],
)
def test_an_rm_clearly_below_the_others_needs_help(
    week: Build, told: Told, counts: tuple[int, ...], expected: list[Any]
) -> None:
    rms = (rm("林悦", *counts), rm("李静", 50, 40, 30, 27), rm("王芳", 50, 40, 30, 27))
    assert told("managers", week({"rms": rms})) == expected


def test_an_rm_whose_communities_are_less_active_needs_help(week: Build, told: Told) -> None:
    rms = tuple(rm(name, 0, 0, 0, 0) for name in ("林悦", "李静"))
    groups = (
        GroupFigures("rm", "林悦", "林悦", member_days=700, wau=10),
        GroupFigures("rm", "李静", "李静", member_days=700, wau=40),
        GroupFigures("rm", "前同事", "前同事", member_days=700, wau=99),
    )
    assert told("managers", week({"rms": rms}, details=Details(groups=groups))) == [
        ("林悦的社群活跃率 10.0%（10/100），其他客户经理 40.0%。", ACTIVE)
    ]


def test_an_rm_whose_communities_are_not_heard_is_not_judged(week: Build, told: Told) -> None:
    rms = tuple(rm(name, 0, 0, 0, 0) for name in ("林悦", "李静"))
    groups = (
        GroupFigures("rm", "林悦", "林悦", member_days=700, wau=10, unheard=1),
        GroupFigures("rm", "李静", "李静", member_days=700, wau=40),
    )
    assert told("managers", week({"rms": rms}, details=Details(groups=groups))) == []


MISSED = "前四周平均 40.0%，请先定一个够得着的目标，或者换一种做法。"
PASSED = "下周可以把目标提高一点。"


@pytest.mark.parametrize(
    ("target", "changes", "expected"),
    [
        (("active_rate", 0.6), {}, [("活跃率 40.0%，没有达到目标 60.0%。", MISSED)]),
        (("active_rate", 0.5), {}, []),  # 40 % of 200 may be 50 % by chance
        (("active_rate", 0.25), {}, [("活跃率 40.0%，超过目标 25.0%。", PASSED)]),
        (("active_rate", 0.35), {}, []),
        (("active_rate", 0.6), {"unheard": 1}, []),  # at least 40 %: nobody knows
        (("active_rate", 0.25), {"unheard": 1}, [("活跃率 ≥ 40.0%，超过目标 25.0%。", PASSED)]),
        (
            ("new", 30),
            {},
            [
                (
                    "新增 6，没有达到目标 30。",
                    "前四周平均 6.00，请先定一个够得着的目标，或者换一种做法。",
                )
            ],
        ),
        (("new", 12), {}, []),
        (("lost", 90), {}, []),  # less of it is better: no target of this kind
        (("budget_committed", 0.9), {}, []),  # planned, not left to chance
        (("sop_completion", 1.0), {}, []),  # no steps
    ],
)
def test_targets_are_told_beyond_chance(
    week: Build,
    told: Told,
    target: tuple[str, float],
    changes: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    assert told("targets", week({"targets": (target,)} | changes)) == expected


def test_a_target_that_was_within_reach_asks_for_no_other(week: Build, told: Told) -> None:
    now = {"targets": (("active_rate", 0.4),), "wau": 40}
    assert told("targets", week(now)) == [("活跃率 20.0%，没有达到目标 40.0%。", "")]
