"""Members who have not been heard of for two weeks."""

from collections.abc import Iterator
from fractions import Fraction

from sop.summary.finding import Finding
from sop.summary.intervals import SMALLEST_GROUP
from sop.summary.period import Period
from sop.summary.step_names import short

MANY = Fraction(1, 3)


def silent(period: Period) -> Iterator[Finding]:
    """A third of those who are heard. A full count, so there is nothing to estimate."""
    now = period.now
    known = now.members_who_are_heard
    if known < SMALLEST_GROUP or Fraction(now.silent, known) < MANY:
        return
    yield Finding(
        "silent",
        70,
        f"沉默成员占 {now.silent / known:.1%}（{now.silent}/{known}）。",
        _recall(period),
        "members:silent",
    )


def _recall(period: Period) -> str:
    worked = [one for one in period.details.recalls if one.back]
    if not worked:
        return "下周建议给他们安排一次召回，带上链接，看谁打开。"
    best = min(worked, key=lambda one: (-one.back, one.plan, one.step))
    return f"本周“{short(best.title)}”叫回了 {best.back} 人，下周建议写给其余的人。"


RULE = silent
