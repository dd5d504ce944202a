"""The share of active members against the week before."""

from collections.abc import Iterator
from fractions import Fraction

from sop.summary.details import GroupFigures
from sop.summary.figures import WeekFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.share import Share
from sop.summary.step_names import short


def active_rate(period: Period) -> Iterator[Finding]:
    """Only where everybody is heard in both weeks, and only beyond chance."""
    now, before = period.now, period.before
    if now.unheard or before.unheard:  # how many are active is known only in part
        return
    share, share_before = _share(now), _share(before)
    if not share.apart(share_before):
        return
    rose = share.value > share_before.value
    yield Finding(
        "active_rate",
        (60 if rose else 90) + 10 * abs(share.value - share_before.value),
        f"活跃率明显{'上升' if rose else '下降'}：{share_before.percent} → {share.percent}。",
        "" if rose else _where(period),
        "members:active",
    )


def _share(week: WeekFigures) -> Share:
    return Share(week.wau, Fraction(sum(week.daily_members), 7))


def _where(period: Period) -> str:
    """The community that fell most, if one clearly did (as one comparison of many)."""
    groups = {one.id: _of(one) for one in period.details.groups if _heard(one)}
    before = {one.id: _of(one) for one in period.details_before.groups if _heard(one)}
    both = sorted(groups.keys() & before.keys())
    fell = [one for one in both if before[one].above(groups[one], len(both))]
    if len(both) < 2 or not fell:
        return ""
    worst = max(fell, key=lambda one: before[one].value - groups[one].value)
    name = next(one.name for one in period.details.groups if one.id == worst)
    return (
        f"跌得最多的是“{short(name)}”（{before[worst].percent} → {groups[worst].percent}），"
        "先问那里的客户经理本周少了什么。"
    )


def _heard(group: GroupFigures) -> bool:
    return group.kind == "community" and not group.unheard


def _of(group: GroupFigures) -> Share:
    return Share(group.wau, Fraction(group.member_days, 7))


RULE = active_rate
