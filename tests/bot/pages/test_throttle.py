"""The throttle: so many within so long, and never more memory than agreed."""

from datetime import UTC, datetime, timedelta

from bot.pages.throttle import Rate, Throttle

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_as_many_as_the_rate_says_within_any_minute() -> None:
    throttle = Throttle(Rate(2, timedelta(minutes=1)))
    seconds = [0, 1, 2, 59, 60, 60, 61, 61, 120]
    let_in = [throttle.lets_in("wm1", NOW + timedelta(seconds=one)) for one in seconds]
    assert let_in == [True, True, False, False, True, False, True, False, True]


def test_one_who_hammers_does_not_keep_another_out() -> None:
    throttle = Throttle(Rate(1, timedelta(minutes=1)))
    assert [throttle.lets_in(one, NOW) for one in ("a", "a", "b")] == [True, False, True]


def test_who_was_seen_longest_ago_is_forgotten_first() -> None:
    throttle = Throttle(Rate(1, timedelta(minutes=1)), most_keys=2)
    assert [throttle.lets_in(one, NOW) for one in ("a", "b", "a", "c", "a", "b")] == [
        True, True, False, True, False, True,
    ]  # fmt: skip
