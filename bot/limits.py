"""When a message may go: sliding-log limits, quiet hours, backoff. Pure functions of time.

A token bucket of 20 lets 39 messages through in a minute (reliability.md M13); the log of what
was really sent lets exactly 20.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.channel import Limit

MARGIN = timedelta(seconds=1)
"""Added to every window: a message that travels slower than its 20th successor would otherwise
arrive in a window of 21, and WeCom's clock is not ours."""

FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(minutes=10)
ATTEMPTS = 8
"""Attempts before a letter is dead: with the delays above about fifteen minutes of trying."""

_WHOLE = 2**32


def free_at(sent: Sequence[datetime], limit: Limit, now: datetime) -> datetime:
    """The first instant from `now` at which one more message keeps the limit.

    `sent` are the instants of earlier messages under the limit's key, oldest first.
    """
    if len(sent) < limit.count:
        return now
    return max(now, sent[-limit.count] + limit.window + MARGIN)


def quiet_until(quiet_hours: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` lies in; None outside of them.

    `quiet_hours` is `"21:30-08:30"`, overnight or not, in `zone`; the start belongs to them, the
    end does not. In the hour that a clock change repeats, the end is its first passage yet to come.
    """
    start, end = (time.fromisoformat(part.strip()) for part in quiet_hours.split("-"))
    local = now.astimezone(zone)
    at = local.time()
    if start <= end:
        return _instant(local.date(), end, zone, now) if start <= at < end else None
    if at >= start:
        return _instant(local.date() + timedelta(days=1), end, zone, now)
    return _instant(local.date(), end, zone, now) if at < end else None


def _instant(day: date, at: time, zone: ZoneInfo, now: datetime) -> datetime:
    first = datetime.combine(day, at, zone).astimezone(UTC)
    if first > now:
        return first
    return datetime.combine(day, at.replace(fold=1), zone).astimezone(UTC)


def retry_delay(dedup_key: str, attempt: int) -> timedelta:
    """How long to wait after the attempt with this number (from 1).

    Doubles from ten seconds up to ten minutes; the upper half is jitter, taken from the key so
    that a rerun waits as long while letters that failed together do not come back together.
    """
    doubled = FIRST_RETRY * (1 << min(attempt - 1, ATTEMPTS))
    longest = min(doubled, LONGEST_RETRY)
    digest = hashlib.sha256(f"{dedup_key}\n{attempt}".encode()).digest()
    share = int.from_bytes(digest[:4]) / _WHOLE
    return longest * (0.5 + share / 2)
