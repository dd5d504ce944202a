"""What stands out in a week: at most three sentences, and none that the numbers do not carry.

A ratio is called higher or lower only if a two-proportion z test says so (|z| ≥ 1.96, both groups
of at least 20): a small community's ups and downs are not news.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from math import sqrt

from sop.money import yuan
from sop.summary.figures import StepFigures, WeekFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.weeks import WEEKDAYS

MOST = 3
CLEAR_Z = 1.96
"""Two-sided 95 %."""
SMALLEST_GROUP = 20
MANY_SILENT = Fraction(1, 3)
BUDGET_NEARLY_GONE = Fraction(4, 5)


def findings(period: Period) -> tuple[Finding, ...]:
    """The sentences, most urgent first: undone work, money, people."""
    now, before = period.now, period.before
    found = (
        *_undone(now),
        *_unconfirmed(now),
        *_late(now),
        *_budgets(now),
        *_activity(now, before),
        *_people(now),
    )
    return tuple(Finding("", 0, text) for text in islice(found, MOST))


def clearly_differs(hits: int, of: int, hits_before: int, of_before: int) -> bool:
    """Whether two proportions differ beyond chance, by the pooled two-proportion z test."""
    if min(of, of_before) < SMALLEST_GROUP:
        return False
    pooled = (hits + hits_before) / (of + of_before)
    spread = sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_before))
    return spread > 0 and abs(hits / of - hits_before / of_before) / spread >= CLEAR_Z


def _undone(now: WeekFigures) -> Iterator[str]:
    missing = [step for step in now.steps if step.executed < step.due]
    if missing:
        count = now.due - now.executed
        yield f"有 {count} 项到期未执行：{_names(missing)}。"


def _unconfirmed(now: WeekFigures) -> Iterator[str]:
    open_ = now.reminded - now.confirmed
    if open_ > 0:
        yield f"交给客户经理的 {now.reminded} 条话术，还有 {open_} 条没有确认已发。"


def _late(now: WeekFigures) -> Iterator[str]:
    late = [step for step in now.steps if step.on_time < step.executed]
    if late:
        yield f"有 {now.executed - now.on_time} 项晚于执行窗口：{_names(late)}。"


def _budgets(now: WeekFigures) -> Iterator[str]:
    for one in now.campaigns:
        if one.budget_fen and Fraction(one.committed_fen, one.budget_fen) >= BUDGET_NEARLY_GONE:
            left = yuan(one.budget_fen - one.committed_fen)
            share = one.committed_fen * 100 // one.budget_fen
            yield f"“{_short(one.title)}”的预算已用 {share}%，还剩 ¥{left}。"


def _activity(now: WeekFigures, before: WeekFigures) -> Iterator[str]:
    members, members_before = _mean_members(now), _mean_members(before)
    if now.unheard or before.unheard:  # how many are active is known only in part
        return
    # More active persons than mean members (many came and left) is no proportion to test.
    if now.wau > members or before.wau > members_before:
        return
    if clearly_differs(now.wau, members, before.wau, members_before):
        rate = now.wau * 7 / sum(now.daily_members)
        rate_before = before.wau * 7 / sum(before.daily_members)
        word = "上升" if rate > rate_before else "下降"
        yield f"活跃率明显{word}：{rate_before:.1%} → {rate:.1%}。"


def _people(now: WeekFigures) -> Iterator[str]:
    if now.lost > now.new:
        yield f"流失 {now.lost} 人，多于新增的 {now.new} 人。"
    known = now.members_who_are_heard
    if known and Fraction(now.silent, known) >= MANY_SILENT:
        yield f"沉默成员占 {now.silent / known:.1%}（{now.silent}/{known}）。"


def _mean_members(figures: WeekFigures) -> int:
    return round(sum(figures.daily_members) / 7)


def _names(steps: list[StepFigures]) -> str:
    named = [f"{WEEKDAYS[step.day.weekday()]}{_short(step.title)}" for step in steps[:2]]
    more = f"等 {len(steps)} 个步骤" if len(steps) > len(named) else ""
    return "、".join(named) + more


def _short(title: str) -> str:
    return title if len(title) <= 16 else title[:15] + "…"
