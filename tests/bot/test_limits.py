"""When a message may go, as pure functions of time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Limit
from bot.limits import ATTEMPTS, LONGEST_RETRY, MARGIN, free_at, quiet_until, retry_delay

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ROBOT = Limit("robot", 20, timedelta(seconds=60))


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_free_at_once_below_the_limit() -> None:
    assert free_at([NOON] * 19, ROBOT, NOON) == NOON


def test_free_when_the_twentieth_last_leaves_the_window() -> None:
    sent = [NOON + seconds(number) for number in range(20)]
    assert free_at(sent, ROBOT, NOON + seconds(30)) == NOON + seconds(60) + MARGIN


def test_free_at_once_after_a_long_pause() -> None:
    assert free_at([NOON] * 20, ROBOT, NOON + seconds(600)) == NOON + seconds(600)


@given(
    count=st.integers(1, 20),
    window=st.integers(1, 90),
    pauses=st.lists(st.floats(0, 30), min_size=1, max_size=120),
)
def test_no_window_ever_holds_more_than_the_limit(
    count: int, window: int, pauses: list[float]
) -> None:
    """Messages that become ready at any instants, each sent as soon as the log allows."""
    limit = Limit("any", count, seconds(window))
    sent: list[datetime] = []
    now = NOON
    for pause in pauses:
        now = free_at(sent, limit, now + seconds(pause))
        sent.append(now)
    for first, last in zip(sent, sent[count:], strict=False):
        assert last - first >= limit.window + MARGIN


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("21:30-08:30", "2026-11-23T21:29", None),
        ("21:30-08:30", "2026-11-23T21:30", "2026-11-24T08:30"),
        ("21:30-08:30", "2026-11-23T23:59", "2026-11-24T08:30"),
        ("21:30-08:30", "2026-11-24T00:00", "2026-11-24T08:30"),
        ("21:30-08:30", "2026-11-24T08:29", "2026-11-24T08:30"),
        ("21:30-08:30", "2026-11-24T08:30", None),
        ("12:00-14:00", "2026-11-23T11:59", None),
        ("12:00-14:00", "2026-11-23T12:00", "2026-11-23T14:00"),
        ("12:00-14:00", "2026-11-23T14:00", None),
        ("00:00-06:00", "2026-12-31T23:59", None),
        ("22:00-00:00", "2026-12-31T23:59", "2027-01-01T00:00"),
        ("08:00-08:00", "2026-11-23T08:00", None),
    ],
)
def test_quiet_until_in_shanghai(hours: str, now: str, until: str | None) -> None:
    local = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    end = until and datetime.fromisoformat(until).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert quiet_until(hours, SHANGHAI, local.astimezone(UTC)) == end


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        # Clocks go back at 02:00 on 2026-11-01: 01:15 and 01:30 pass twice.
        ("23:00-01:30", "2026-11-01T05:15+00:00", "2026-11-01T05:30+00:00"),
        ("23:00-01:30", "2026-11-01T06:15+00:00", "2026-11-01T06:30+00:00"),
        # Clocks go forward at 02:00 on 2026-03-08: 02:30 does not exist.
        ("23:00-02:30", "2026-03-08T06:30+00:00", "2026-03-08T07:30+00:00"),
    ],
)
def test_quiet_until_through_clock_changes(hours: str, now: str, until: str) -> None:
    found = quiet_until(hours, ZoneInfo("America/New_York"), datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(until)


@given(minute=st.integers(0, 60 * 24 * 400), start=st.times(), end=st.times())
def test_quiet_hours_always_end_later_and_are_over_then(
    minute: int, start: object, end: object
) -> None:
    hours = f"{start:%H:%M}-{end:%H:%M}"
    now = NOON + timedelta(minutes=minute)
    until = quiet_until(hours, SHANGHAI, now)
    assert until is None or (until > now and quiet_until(hours, SHANGHAI, until) is None)


def test_retry_delay_grows_and_is_the_same_every_time() -> None:
    delays = [retry_delay("occurrence/1#0", attempt) for attempt in range(1, ATTEMPTS + 1)]
    assert [round(delay.total_seconds(), 1) for delay in delays] == [
        8.9,
        16.2,
        38.4,
        44.0,
        95.2,
        274.8,
        531.1,
        463.3,
    ]
    assert retry_delay("occurrence/2#0", 1) != delays[0]


@given(key=st.text(), attempt=st.integers(1, 40))
def test_retry_delay_stays_between_half_and_whole(key: str, attempt: int) -> None:
    whole = min(seconds(10) * 2 ** (attempt - 1), LONGEST_RETRY)
    assert whole / 2 <= retry_delay(key, attempt) <= whole


def worst_window(sent: list[float]) -> int:
    """Most messages within 60 seconds."""
    return max(sum(1 for other in sent if at <= other < at + 60) for at in sent)


def test_sliding_log_keeps_twenty_where_a_token_bucket_lets_39_through() -> None:
    """The broken twin: a bucket of 20, refilled with 20 a minute, bursts and goes on."""
    bucket: list[float] = [0.0] * 20 + [3.0 * number for number in range(1, 81)]
    log: list[datetime] = []
    for _ in range(100):
        log.append(free_at(log, ROBOT, log[-1] if log else NOON))
    assert worst_window(bucket) == 39
    assert worst_window([(at - NOON).total_seconds() for at in log]) == 20
