"""The five numbers that a manager looks at first; every form that has room for five shows these.

How many members there are and how many more than a week ago, how many of them do something, how
many play, and whether what was planned was done.
"""

from sop.summary.metrics import Metric
from sop.summary.summary import Summary
from sop.summary.wording import fraction, told

HEADLINES = ("members", "net", "active_rate", "game_participation", "sop_completion")


def headlines(summary: Summary) -> tuple[Metric, ...]:
    """The five metrics, in reading order."""
    return tuple(summary.metric(key) for key in HEADLINES)


def made_of(summary: Summary, metric: Metric) -> str:
    """What a headline was computed from: `35/128`, `新增 15，流失 3`; empty for the members."""
    if metric.key != "net":
        return fraction(metric)
    return f"新增 {told(summary.metric('new'))}，流失 {told(summary.metric('lost'))}"
