"""Follow-ups past their date."""

from collections.abc import Iterator

from sop.summary.details import RmWork
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.wording import cut


def overdue(period: Period) -> Iterator[Finding]:
    """A count: every one of them is a customer who was to be called."""
    rms = [one for one in period.details.rms if one.follow_ups_overdue]
    if not rms:
        return
    count = sum(one.follow_ups_overdue for one in rms)
    worst = min(rms, key=lambda one: (-one.follow_ups_overdue, one.staff))
    yield Finding(
        "overdue",
        115,
        f"有 {count} 位客户的跟进过了日期还没做{_whose(rms, worst)}。",
        "先做最久的；做不过来的转交给同事。",
        f"rm:{worst.staff}",
    )


def _whose(rms: list[RmWork], worst: RmWork) -> str:
    name = cut(worst.name)
    if len(rms) == 1:
        return f"，都是{name}的"
    return f"，最多的是{name}（{worst.follow_ups_overdue} 位）"


RULE = overdue
