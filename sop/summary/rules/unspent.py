"""Budgets that nobody wins from."""

from collections.abc import Iterator
from fractions import Fraction

from sop.money import yuan
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.step_names import short

MUCH_LEFT = Fraction(1, 2)
WORTH_FEN = 10_000
"""A smaller rest (¥100) is not worth a sentence."""


def unspent(period: Period) -> Iterator[Finding]:
    """Open in both weeks, nobody won anything in this one, and at least half is still there."""
    open_before = {one.source for one in period.before.campaigns}
    for one in period.now.campaigns:
        left = one.budget_fen - one.committed_fen
        if one.winners or one.source not in open_before or left < WORTH_FEN:
            continue
        if Fraction(left, one.budget_fen) < MUCH_LEFT:
            continue
        yield Finding(
            "unspent",
            40,
            f"“{short(one.title)}”本周没有人中奖，"
            f"¥{yuan(one.budget_fen)} 的预算还剩 ¥{yuan(left)}。",
            "下周在群里再说一次怎么参加；还是没人来，就把钱挪给用得快的活动。",
        )


RULE = unspent
