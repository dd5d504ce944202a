"""More members lost than won."""

from collections.abc import Iterator

from sop.summary.finding import Finding
from sop.summary.intervals import SMALLEST_GROUP
from sop.summary.period import Period
from sop.summary.share import exceeds
from sop.summary.step_names import short


def leaving(period: Period) -> Iterator[Finding]:
    """Clearly more, as counts of chance events; a handful of members is no trend."""
    now = period.now
    if now.members_at_start < SMALLEST_GROUP or not exceeds(now.lost, now.new):
        return
    yield Finding(
        "leaving",
        85,
        f"流失 {now.lost} 人，多于新增的 {now.new} 人。",
        _where(period),
        "members:lost",
    )


def _where(period: Period) -> str:
    """The community that half of them left, if there is one among several."""
    groups = [one for one in period.details.groups if one.kind == "community"]
    half = [one for one in groups if 2 * one.lost >= period.now.lost]
    if len(groups) < 2 or not half:
        return ""
    most = min(half, key=lambda one: (-one.lost, one.id))
    return f"“{short(most.name)}”走了 {most.lost} 人，先看那里本周发了什么、发了几条。"


RULE = leaving
