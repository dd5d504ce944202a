"""Whether those who joined last week stayed as those did who joined before them."""

from collections.abc import Iterator

from sop.summary.details import CohortFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.share import Share, total

_WEEK = 1
"""Present in the week after the week of joining."""


def cohorts(period: Period) -> Iterator[Finding]:
    """The newest week of newcomers that has a second week, against all earlier ones."""
    old_enough = [one for one in period.details.cohorts if len(one.present) > _WEEK]
    if len(old_enough) < 2:
        return
    newest, earlier = old_enough[-1], total(_stayed(one) for one in old_enough[:-1])
    own = _stayed(newest)
    if not own.apart(earlier):
        return
    more = own.value > earlier.value
    day = f"{newest.monday.month} 月 {newest.monday.day} 日"
    yield Finding(
        "cohorts",
        (52 if more else 76) + 10 * abs(own.value - earlier.value),
        f"{day}那周入群的人，下一周还在的 {own.told}，之前各批 {earlier.percent}。",
        "那周的渠道和欢迎语建议保留。" if more else "请对一下那周的渠道和欢迎语改了什么。",
    )


def _stayed(one: CohortFigures) -> Share:
    return Share(one.present[_WEEK], one.size)


RULE = cohorts
