"""Messages of WeCom that never arrived: what was lost was found again by reading."""

from collections.abc import Iterator

from sop.summary.finding import Finding
from sop.summary.period import Period

MANY = 5
"""One restart may cost a callback or two."""


def callbacks(period: Period) -> Iterator[Finding]:
    """A count of differences mended; the members are right, their times may be hours late."""
    count = period.details.repairs
    if count >= MANY:
        yield Finding(
            "callbacks",
            54,
            f"有 {count} 次进群、退群等变化企业微信没有通知到，是后来核对时补上的。",
            "请运维检查回调地址和本周的停机时间。",
        )


RULE = callbacks
