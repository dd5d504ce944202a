"""What holidays did to the plans: steps that were skipped or moved, and why."""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.rehearsal.result import Finding
from bot.rehearsal.stage import Script
from sop.occurrence import Phase
from sop.plan import Plan
from sop.planner import occurrences
from sop.summary.weeks import WEEKDAYS
from sop.workdays import UnknownYear, Workdays

_Days = set[tuple[str, date]]
_AFTER = timedelta(days=20)
"""How far a holiday can move a step."""


class _NoHolidays(Workdays):
    """A world in which nobody is ever off."""

    def is_holiday(self, day: date) -> bool:
        """Never."""
        return False


def decisions(script: Script) -> Iterator[Finding]:
    """One finding for each step and day that a holiday changed, in any community."""
    for plan in script.library.plans.values():
        try:
            yield from _of(plan, script)
        except UnknownYear as error:
            yield Finding(None, "holiday", "", f"{plan.plan}：{error}")


def _of(plan: Plan, script: Script) -> Iterator[Finding]:
    real = _days(plan, script, script.workdays)
    written = _days(plan, script, _NoHolidays({}))
    if real == written:
        return
    later = _days(plan, script, script.workdays, _AFTER)
    for step, day in sorted(written - real):
        found = plan.step(step)
        to = "跳过"
        if found is not None and (found.on_holiday or plan.on_holiday) == "shift":
            moved = min((one for name, one in later if name == step and one > day), default=None)
            to = f"顺延到 {_named(moved)}" if moved else "顺延"
        text = f"{plan.plan}/{step}：{_named(day)}放假，{to}"
        yield Finding(script.span.start, "holiday", "", text)
    for step, day in sorted(real - written):
        text = f"{plan.plan}/{step}：因前面放假，改在 {_named(day)}执行"
        yield Finding(script.span.start, "holiday", "", text)


def _days(plan: Plan, script: Script, workdays: Workdays, more: timedelta = timedelta()) -> _Days:
    """(step, day) of everything that runs in the rehearsal, or up to `more` after it."""
    span, communities = script.span, script.settings.communities
    found = occurrences([plan], communities, span.start, span.end + more, workdays)
    return {(one.step.id, one.day) for one in found if one.phase is Phase.RUN}


def _named(day: date) -> str:
    return f"{day.month} 月 {day.day} 日（{WEEKDAYS[day.weekday()]}）"
