"""How likely members are to recommend the communities, against the week before."""

from collections.abc import Iterator
from math import sqrt

from sop.summary.details import NpsFigures
from sop.summary.finding import Finding
from sop.summary.intervals import enough
from sop.summary.period import Period
from sop.summary.share import z_of


def nps(period: Period) -> Iterator[Finding]:
    """The score is the mean of +1, 0 and −1: two means differ clearly if by three of their
    common standard errors."""
    now, before = period.details.nps, period.details_before.nps
    if not enough(now.n, before.n):
        return
    change = _mean(now) - _mean(before)
    if abs(change) <= z_of() * sqrt(_error(now) + _error(before)):
        return
    rose = change > 0
    yield Finding(
        "nps",
        (56 if rose else 82) + 10 * abs(change),
        f"NPS 从 {_score(before)} {'升到' if rose else '降到'} {_score(now)}"
        f"（本周 {now.n} 份评分，上周 {before.n} 份）。",
        "" if rose else _call(now),
    )


def _mean(one: NpsFigures) -> float:
    return (one.promoters - one.detractors) / one.n


def _error(one: NpsFigures) -> float:
    """The squared standard error of the mean."""
    spread = (one.promoters + one.detractors) / one.n - _mean(one) ** 2
    return spread / one.n


def _score(one: NpsFigures) -> str:
    return f"{100 * _mean(one):.0f}".replace("-", "−")


def _call(now: NpsFigures) -> str:
    return f"下周请给打 0 到 6 分的 {now.detractors} 位逐个打电话，问一句原因。"


RULE = nps
