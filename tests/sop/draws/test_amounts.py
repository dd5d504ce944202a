"""Amounts of game rewards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.draws.amounts import amount_between

SEED = bytes(range(32))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (500, 1000, [610, 800, 940, 810, 730]),
        (188, 188, [188] * 5),
        (0, 0, [0] * 5),
        (101, 109, [103, 107, 103, 102, 109]),
    ],
)
def test_amount_between_is_reproducible(low: int, high: int, expected: list[int]) -> None:
    labels = [f"reward/{number}" for number in range(5)]
    assert [amount_between(low, high, SEED, label) for label in labels] == expected


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.binary(min_size=1, max_size=32))
def test_amount_between_stays_between(low: int, more: int, seed: bytes) -> None:
    amount = amount_between(low, low + more, seed, "x")
    assert low <= amount <= low + more


@given(st.integers(0, 100), st.integers(0, 100), st.binary(min_size=1, max_size=32))
def test_amount_between_whole_dimes_is_whole_dimes(low: int, more: int, seed: bytes) -> None:
    assert amount_between(low * 10, (low + more) * 10, seed, "x") % 10 == 0


def test_amount_between_reaches_both_bounds() -> None:
    amounts = {amount_between(500, 530, SEED, str(number)) for number in range(200)}
    assert amounts == {500, 510, 520, 530}


@pytest.mark.parametrize(("low", "high"), [(2, 1), (-1, 5)])
def test_amount_between_impossible_range(low: int, high: int) -> None:
    with pytest.raises(ValueError, match="not a range of amounts"):
        amount_between(low, high, SEED, "x")
