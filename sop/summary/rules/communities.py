"""Communities far below, or far above, the others."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from sop.summary.details import GroupFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.share import SMALLEST_GAP, Share, total
from sop.summary.step_names import short


def communities(period: Period) -> Iterator[Finding]:
    """By the share of active members, each against all others; only where members are heard.

    One of 300 communities is always the last: the level is divided by their number, and ten
    points are asked for, because communities do differ.
    """
    groups = {one.id: one for one in period.details.groups if _heard(one)}
    shares = {key: Share(one.wau, Fraction(one.member_days, 7)) for key, one in groups.items()}
    everybody = total(shares.values())
    below = {
        key: others.value - own.value
        for key, own in shares.items()
        if (others := everybody.without(own)).above(own, len(shares), SMALLEST_GAP)
    }
    above = {
        key: own.value - others.value
        for key, own in shares.items()
        if own.above(others := everybody.without(own), len(shares), SMALLEST_GAP)
    }
    if below:
        key = _widest(below, shares)
        text = _text(groups[key], shares[key], everybody)
        yield Finding("communities", 72 + 10 * below[key], text, _help(period), f"community:{key}")
    if above and len(shares) > 2:  # of two, one sentence says both
        key = _widest(above, shares)
        text = _text(groups[key], shares[key], everybody)
        learn = "建议把那里的做法写下来，下周在别的群试一次。"
        yield Finding("communities", 45 + 10 * above[key], text, learn, f"community:{key}")


def _heard(group: GroupFigures) -> bool:
    return group.kind == "community" and not group.unheard


def _widest(gaps: Mapping[str, float], shares: Mapping[str, Share]) -> str:
    """The one with most members missing from, or more than, the others' share."""
    return min(gaps, key=lambda key: (-gaps[key] * shares[key].of, key))


def _text(group: GroupFigures, own: Share, everybody: Share) -> str:
    others = everybody.without(own)
    return f"“{short(group.name)}”的活跃率 {own.told}，其他社群 {others.percent}。"


def _help(period: Period) -> str:
    rounds = [one for one in period.details.rounds if one.members]
    if not rounds:
        return "下周建议先在那里加一次游戏或话题。"
    best = min(rounds, key=lambda one: (-one.players / one.members, one.game, one.day))
    return f"下周建议先在那里办一次本周最多人玩的“{short(best.title)}”。"


RULE = communities
