"""Which sentences are told, and in what order; what each rule finds is tested in `rules/`."""

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from sop.summary.details import CohortFigures, Details, GroupFigures, RecallFigures, RmWork
from sop.summary.figures import CampaignFigures, StepFigures, WeekFigures
from sop.summary.findings import findings
from sop.summary.period import Period


def found(
    now: WeekFigures, before: WeekFigures, details: Details | None = None
) -> list[tuple[str, str]]:
    period = Period(
        now, before, (), ZoneInfo("Asia/Shanghai"), "全部社群", details=details or Details()
    )
    return [(one.rule, one.sentence) for one in findings(period)]


def test_findings_of_a_busy_week_begin_with_what_was_not_done(
    now: WeekFigures, before: WeekFigures
) -> None:
    assert found(now, before) == [
        ("undone", "有 1 项到期未执行：周三内容 wed-tip。"),
        ("unconfirmed", "交给客户经理的 3 条话术，还有 1 条没有确认已发。"),
        ("late", "有 1 项晚于执行窗口：周二掷骰子。"),
        ("active_rate", "活跃率明显上升：26.2% → 47.6%。"),
        ("participation", "玩游戏的人明显变多：参与率 10.0% → 27.3%（35/128）。"),
    ]


def test_findings_of_an_empty_week_are_none(empty: WeekFigures) -> None:
    assert found(empty, empty) == []


def test_findings_are_at_most_seven_and_two_of_a_rule(
    now: WeekFigures, before: WeekFigures, make_step: Callable[..., StepFigures]
) -> None:
    pools = tuple(CampaignFigures(f"pool/{n}", f"奖池{n}", 100, 80 + n, 0, 0, 1) for n in range(4))
    worst = replace(
        now,
        steps=(make_step(0, "a", "早报", 3, 2, 1, 0, 2, 1),),
        campaigns=pools,
        wau=20,
        players=1,
        new=0,
        lost=30,
        silent=70,
    )
    busy = replace(before, wau=80, players=50)
    details = Details(rms=(RmWork("li", "李静", follow_ups_overdue=2),))
    assert [rule for rule, _ in found(worst, busy, details)] == [
        "undone",
        "unconfirmed",
        "overdue",
        "late",
        "budget_gone",
        "budget_gone",
        "active_rate",
    ]


def test_findings_of_equal_weight_are_in_the_order_of_their_words(
    now: WeekFigures, before: WeekFigures
) -> None:
    calm = replace(now, steps=(), wau=36, players=13, campaigns=())
    recalls = tuple(
        RecallFigures("plan", name, name, written=100, clicked=60, back=40) for name in "乙甲"
    )
    expected = [
        (
            "recall",
            "“乙”写给 100 人，60 人打开，回来的 40.0%（40/100）。下周建议写给其余的沉默成员。",
        ),
        (
            "recall",
            "“甲”写给 100 人，60 人打开，回来的 40.0%（40/100）。下周建议写给其余的沉默成员。",
        ),
    ]
    assert found(calm, before, Details(recalls=recalls)) == expected
    assert found(calm, before, Details(recalls=recalls[::-1])) == expected


def test_findings_of_nothing_but_zeros_are_none(empty: WeekFigures) -> None:
    """Groups without members, cohorts without anybody: nothing is divided by nothing."""
    details = Details(
        groups=(GroupFigures("community", "a", "一群"), GroupFigures("community", "b", "二群")),
        cohorts=(
            CohortFigures(empty.monday, 0, (0, 0), (0, 0)),
            CohortFigures(empty.monday, 0, (0, 0), (0, 0)),
        ),
        recalls=(RecallFigures("p", "s", "召回"),),
    )
    assert found(empty, empty, details) == []
