"""The throttle: so many within so long, and never more memory than agreed."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from bot.pages.throttle import Rate, Throttle, whence
from bot.settings import LOOPBACK

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


OURS = (*LOOPBACK, ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # nobody whom we believe
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),  # the rest is the sender's
        ("10.1.2.3", ["198.51.100.1", "203.0.113.9, 10.9.9.9"], "203.0.113.9"),
        ("10.1.2.3", ["10.4.4.4"], "10.4.4.4"),
        ("10.1.2.3", ["unknown"], "unknown"),
        ("10.1.2.3", ["x" * 99], "x" * 64),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_address_is_the_last_that_is_no_proxy_of_ours(
    remote: str, forwarded: list[str], found: str
) -> None:
    assert whence(remote, forwarded, OURS) == found


def test_proxy_on_another_machine_is_believed_only_if_named() -> None:
    assert whence("10.1.2.3", ["198.51.100.1"], LOOPBACK) == "10.1.2.3"
