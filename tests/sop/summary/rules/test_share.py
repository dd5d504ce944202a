"""Shares and counts: what is called different."""

from fractions import Fraction

import pytest

from sop.summary.rules import all_rules
from sop.summary.share import Share, exceeds, total, z_of


@pytest.mark.parametrize(
    ("own", "other", "comparisons", "least", "clear"),
    [
        (Share(51, 100), Share(30, 100), 1, 0.02, True),
        (Share(50, 100), Share(30, 100), 1, 0.02, False),  # a gap of 2.9 standard errors
        (Share(51, 100), Share(30, 100), 10, 0.02, False),  # one of ten comparisons
        (Share(20, 20), Share(0, 20), 1, 0.02, True),
        (Share(19, 19), Share(0, 100), 1, 0.02, False),  # too small a group
        (Share(5150, 10000), Share(5000, 10000), 1, 0.02, False),  # certain, and too little
        (Share(5300, 10000), Share(5000, 10000), 1, 0.02, True),
        (Share(5300, 10000), Share(5000, 10000), 1, 0.1, False),
        (Share(120, 100), Share(30, 100), 1, 0.02, False),  # no share of anything
        (Share(0, 0), Share(30, 100), 1, 0.02, False),
    ],
)
def test_share_is_above_another(
    own: Share, other: Share, comparisons: int, least: float, clear: bool
) -> None:
    assert own.above(other, comparisons, least) is clear
    assert other.above(own, comparisons, least) is False
    assert own.apart(other, comparisons, least) is clear
    assert other.apart(own, comparisons, least) is clear


def test_level_of_one_comparison_is_three_and_of_many_more() -> None:
    assert [round(z_of(n), 2) for n in (0, 1, 10, 300)] == [3.0, 3.0, 3.64, 4.44]


def test_shares_are_written_with_their_fraction() -> None:
    assert [
        one.told
        for one in (Share(5, 16), Share(820, 2000), Share(64, Fraction(942, 7)), Share(0, 0))
    ] == [
        "31.2%（5/16）",
        "41.0%（820/2,000）",
        "47.6%（64/134.57）",
        "无数据（0/0）",
    ]


def test_shares_add_up_and_come_apart() -> None:
    parts = [Share(1, 2), Share(3, 5), Share(0, 4)]
    assert total(parts) == Share(4, 11)
    assert total(parts).without(parts[1]) == Share(1, 6)


def test_share_of_a_small_group_may_be_anything() -> None:
    assert Share(19, 19).surely() == (0.0, 1.0)
    low, high = Share(0, 20).surely()
    assert (low, round(high, 3)) == (0.0, 0.31)


@pytest.mark.parametrize(
    ("count", "other", "clear"),
    [(9, 0, True), (8, 0, False), (14, 2, True), (13, 2, False), (5, 5, False), (0, 0, False)],
)
def test_count_exceeds_another(count: int, other: int, clear: bool) -> None:
    assert exceeds(count, other) is clear
    assert exceeds(other, count) is False


def test_every_rule_is_found_by_its_file() -> None:
    assert [one.__module__.rpartition(".")[2] for one in all_rules()] == [
        "active_rate",
        "budget_gone",
        "callbacks",
        "channels",
        "cohorts",
        "communities",
        "experiments",
        "funnel",
        "games",
        "late",
        "leaving",
        "managers",
        "nps",
        "overdue",
        "participation",
        "recall",
        "silent",
        "targets",
        "unconfirmed",
        "undone",
        "unspent",
    ]
