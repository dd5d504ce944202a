"""What holidays change in a plan: steps that are left out or moved, and why, in words."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sop.community import Community
from sop.occurrence import Phase
from sop.plan import Plan
from sop.planner import occurrences
from sop.summary.weeks import WEEKDAYS
from sop.workdays import Workdays

_Days = set[tuple[str, date]]
_AFTER = timedelta(days=20)
"""How far a holiday can move a step."""


class Move(NamedTuple):
    """One step on one day."""

    step: str
    text: str
    """`wealth/brief：10 月 6 日（周二）放假，跳过`."""


class _NoHolidays(Workdays):
    """A world in which nobody is ever off."""

    def is_holiday(self, day: date) -> bool:
        """Never."""
        return False


def holiday_moves(
    plan: Plan,
    communities: Sequence[Community],
    start: datetime,
    end: datetime,
    workdays: Workdays,
) -> Iterator[Move]:
    """Each step and day between two instants that a holiday changes, in any of the communities.
    Raises UnknownYear."""
    real = _days(plan, communities, start, end, workdays)
    written = _days(plan, communities, start, end, _NoHolidays({}))
    if real == written:
        return
    later = _days(plan, communities, start, end + _AFTER, workdays)
    for step, day in sorted(written - real):
        found = plan.step(step)
        to = "跳过"
        if found is not None and (found.on_holiday or plan.on_holiday) == "shift":
            moved = min((one for name, one in later if name == step and one > day), default=None)
            to = f"顺延到 {_named(moved)}" if moved else "顺延"
        yield Move(step, f"{plan.plan}/{step}：{_named(day)}放假，{to}")
    for step, day in sorted(real - written):
        yield Move(step, f"{plan.plan}/{step}：因前面放假，改在 {_named(day)}执行")


def _days(
    plan: Plan,
    communities: Sequence[Community],
    start: datetime,
    end: datetime,
    workdays: Workdays,
) -> _Days:
    """(step, day) of everything that runs."""
    found = occurrences([plan], communities, start, end, workdays)
    return {(one.step.id, one.day) for one in found if one.phase is Phase.RUN}


def _named(day: date) -> str:
    return f"{day.month} 月 {day.day} 日（{WEEKDAYS[day.weekday()]}）"
