"""Channels that bring many people who do not stay."""

from collections.abc import Iterator

from sop.summary.details import ChannelFlow
from sop.summary.finding import Finding
from sop.summary.intervals import SMALLEST_GROUP
from sop.summary.period import Period
from sop.summary.share import SMALLEST_GAP, Share, total
from sop.summary.step_names import short


def channels(period: Period) -> Iterator[Finding]:
    """At least an average channel's volume, and fewer stay than of all other channels together.

    Every channel is compared, so the level is divided by their number.
    """
    flows = [one for one in period.details.channels if one.old_enough >= SMALLEST_GROUP]
    everybody = total(_stay(one) for one in flows)
    volume = sum(one.joined for one in flows)
    for one in flows:
        own = _stay(one)
        others = everybody.without(own)
        big = one.joined * len(flows) >= volume
        if big and others.above(own, len(flows), SMALLEST_GAP):
            yield Finding(
                "channels",
                68 + 10 * (others.value - own.value),
                f"“{_name(one)}”近 28 天带来 {one.joined} 人，满 7 天还在的 {own.told}，"
                f"其他渠道 {others.percent}。",
                _instead(flows, one, len(flows)),
            )


def _instead(flows: list[ChannelFlow], bad: ChannelFlow, comparisons: int) -> str:
    better = [one for one in flows if _stay(one).above(_stay(bad), comparisons, SMALLEST_GAP)]
    if not better:
        return "下周先写清楚群里有什么，再往这里投。"
    best = min(better, key=lambda one: (-_stay(one).value, one.channel))
    return f"下周建议少投这里，多投“{_name(best)}”（还在 {_stay(best).percent}）。"


def _stay(one: ChannelFlow) -> Share:
    return Share(one.stayed, one.old_enough)


def _name(one: ChannelFlow) -> str:
    return short(one.title or one.channel) or "未知渠道"


RULE = channels
