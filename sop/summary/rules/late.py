"""Steps that ran after their window."""

from collections.abc import Iterator

from sop.summary.figures import StepFigures, WeekFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.step_names import again, names


def late(period: Period) -> Iterator[Finding]:
    """A count; what is late for the second week should be planned for another hour."""
    now = period.now
    slow = [step for step in now.steps if step.on_time < step.executed]
    if not slow:
        return
    twice = again(_mostly(now), _mostly(period.before))
    yield Finding(
        "late",
        110,
        f"有 {now.executed - now.on_time} 项晚于执行窗口：{names(slow)}。",
        f"“{twice}”上周也晚了，建议换一个钟点或放宽窗口。" if twice else "",
    )


def _mostly(week: WeekFigures) -> list[StepFigures]:
    """Late in at least half of the communities: then it is the hour, and not a community."""
    return [step for step in week.steps if 0 < step.executed >= 2 * step.on_time]


RULE = late
