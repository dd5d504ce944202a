"""Budgets that will soon stop a game or a draw."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from sop.money import yuan
from sop.summary.figures import CampaignFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.step_names import short

NEARLY = Fraction(4, 5)


def budget_gone(period: Period) -> Iterator[Finding]:
    """Four fifths are out; with how many days the rest lasts if it goes on like this week."""
    before = {one.source: one for one in period.before.campaigns}
    for one in period.now.campaigns:
        if not one.budget_fen or Fraction(one.committed_fen, one.budget_fen) < NEARLY:
            continue
        share = one.committed_fen * 100 // one.budget_fen
        left = one.budget_fen - one.committed_fen
        yield Finding(
            "budget_gone",
            100 + share / 100,
            f"“{short(one.title)}”的预算已用 {share}%，{_rest(left)}。",
            _lasts(one, left, before),
        )


def _rest(left: int) -> str:
    return f"还剩 ¥{yuan(left)}" if left >= 0 else f"超出 ¥{yuan(-left)}"


def _lasts(one: CampaignFigures, left: int, before: Mapping[str, CampaignFigures]) -> str:
    if left <= 0:
        return "要继续办，请先加预算。"
    last_week = before.get(one.source)
    used = one.committed_fen - last_week.committed_fen if last_week is not None else 0
    if used <= 0:
        return ""
    days = left * 7 // used
    return f"照本周的用法还够 {days} 天，请先定好加不加。" if days < 28 else ""


RULE = budget_gone
