"""Scripts handed to relationship managers of which nobody knows whether they were sent."""

from collections.abc import Iterator

from sop.summary.figures import RmFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.wording import cut


def unconfirmed(period: Period) -> Iterator[Finding]:
    """A count, with the RM who has most of them open, if there are several RMs."""
    now = period.now
    still_open = now.reminded - now.confirmed
    if still_open <= 0:
        return
    worst = max(now.rms, key=_open, default=None)
    ask = len(now.rms) > 1 and worst is not None and _open(worst) > 0
    yield Finding(
        "unconfirmed",
        120,
        f"交给客户经理的 {now.reminded} 条话术，还有 {still_open} 条没有确认已发。",
        _ask(worst) if ask and worst else "",
        f"rm:{worst.staff}" if ask and worst else "",
    )


def _open(rm: RmFigures) -> int:
    return rm.reminded - rm.confirmed


def _ask(rm: RmFigures) -> str:
    return f"最多的是{cut(rm.name)}（{_open(rm)} 条），先问是没看到任务，还是话术不合适。"


RULE = unconfirmed
