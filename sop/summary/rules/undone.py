"""Steps that were due and did not run."""

from collections.abc import Iterator

from sop.summary.figures import StepFigures, WeekFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.step_names import again, names


def undone(period: Period) -> Iterator[Finding]:
    """A count, not a comparison: one missed step is one too many."""
    now = period.now
    missing = [step for step in now.steps if step.executed < step.due]
    if not missing:
        return
    twice = again(_mostly(now), _mostly(period.before))
    yield Finding(
        "undone",
        130,
        f"有 {now.due - now.executed} 项到期未执行：{names(missing)}。",
        f"“{twice}”上周也没执行，建议改时间或者拿掉。" if twice else "",
    )


def _mostly(week: WeekFigures) -> list[StepFigures]:
    """Undone in most communities: then it is the step, and not a community."""
    return [step for step in week.steps if 2 * step.executed < step.due]


RULE = undone
