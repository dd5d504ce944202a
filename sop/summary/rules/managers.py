"""Relationship managers who need help."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.share import SMALLEST_GAP, Share, total
from sop.summary.wording import cut


@dataclass(frozen=True, slots=True)
class _Measure:
    says: str
    """Between the RM's name and the share."""
    shares: Mapping[str, Share]
    """By RM."""
    proposal: str


def managers(period: Period) -> Iterator[Finding]:
    """Clearly below the other RMs together; one sentence for an RM, of the widest gap.

    Every RM is compared in every respect, so the level is divided by all of these.
    """
    measures = _measures(period)
    comparisons = sum(len(one.shares) for one in measures)
    names = {one.staff: cut(one.name) for one in period.now.rms}
    worst: dict[str, tuple[float, Finding]] = {}
    for measure in measures:
        everybody = total(measure.shares.values())
        for staff, own in sorted(measure.shares.items()):
            others = everybody.without(own)
            gap = others.value - own.value
            if not others.above(own, comparisons, SMALLEST_GAP):
                continue
            if staff not in worst or gap > worst[staff][0]:
                text = f"{names[staff]}{measure.says} {own.told}，其他客户经理 {others.percent}。"
                found = Finding("managers", 80 + 10 * gap, text, measure.proposal, f"rm:{staff}")
                worst[staff] = gap, found
    for _, found in worst.values():
        yield found


def _measures(period: Period) -> tuple[_Measure, ...]:
    rms = period.now.rms
    known = {one.staff for one in rms}
    active = {
        one.id: Share(one.wau, Fraction(one.member_days, 7))
        for one in period.details.groups
        if one.kind == "rm" and not one.unheard and one.id in known
    }
    return (
        _Measure(
            "的跟进完成",
            {one.staff: Share(one.follow_ups_done, one.follow_ups_due) for one in rms},
            "下周建议一起过一遍名单：做不过来的转交，不该有的放弃并写明原因。",
        ),
        _Measure(
            "确认已发的话术",
            {one.staff: Share(one.confirmed, one.reminded) for one in rms},
            "请当面问一句：是没看到任务，还是话术不合适。",
        ),
        _Measure(
            "的社群活跃率",
            active,
            "下周建议由活跃率高的同事带着办一次活动。",
        ),
    )


RULE = managers
