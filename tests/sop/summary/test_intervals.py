"""Intervals against the published ones, and what must hold of every interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.summary.intervals import difference, differs, enough, wilson


@pytest.mark.parametrize(
    ("hits", "of", "published"),
    [
        # Newcombe 1998 (857-872), table I, method 3.
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
        # The same mirrored.
        (20, 20, (0.8389, 1.0)),
        # No share of anything.
        (0, 0, (0.0, 1.0)),
        (7, 5, (0.0, 1.0)),
    ],
)
def test_wilson_is_as_published(hits: int, of: int, published: tuple[float, float]) -> None:
    low, high = wilson(hits, of)

    assert (round(low, 4), round(high, 4)) == published


@pytest.mark.parametrize(
    ("first", "second", "published"),
    [
        # Newcombe 1998 (873-890), table II, method 10.
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
        # No share of anything.
        ((0, 0), (5, 10), (-1.0, 1.0)),
        ((5, 10), (12, 10), (-1.0, 1.0)),
    ],
)
def test_difference_is_as_published(
    first: tuple[int, int], second: tuple[int, int], published: tuple[float, float]
) -> None:
    low, high = difference(*first, *second)

    assert (round(low, 4), round(high, 4)) == published


def test_enough_wants_twenty_on_both_sides() -> None:
    assert [enough(20, 20), enough(19, 400), enough(400, 19)] == [True, False, False]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((56, 70), (48, 80), True),
        ((48, 80), (56, 70), True),
        ((22, 70), (20, 80), False),
        # Beyond chance by the interval, but of ten people each.
        ((9, 10), (3, 10), False),
        ((0, 0), (0, 0), False),
    ],
)
def test_differs_needs_both_the_interval_and_the_people(
    first: tuple[int, int], second: tuple[int, int], expected: bool
) -> None:
    assert differs(*first, *second) is expected


shares = st.integers(1, 20_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(shares)
def test_wilson_holds_the_share_and_stays_within_one(share: tuple[int, int]) -> None:
    hits, of = share
    low, high = wilson(hits, of)

    assert 0 <= low <= hits / of <= high <= 1


@given(shares, st.integers(2, 9))
def test_wilson_is_narrower_with_more_people(share: tuple[int, int], times: int) -> None:
    hits, of = share
    low, high = wilson(hits, of)
    more_low, more_high = wilson(hits * times, of * times)

    assert more_high - more_low < high - low


@given(shares, shares)
def test_difference_holds_the_point_and_is_the_mirror_of_its_reverse(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    low, high = difference(*first, *second)
    low2, high2 = difference(*second, *first)
    apart = first[0] / first[1] - second[0] / second[1]

    assert -1 <= low <= apart <= high <= 1
    assert (low2, high2) == pytest.approx((-high, -low))


@given(shares, shares, st.integers(2, 9))
def test_difference_is_narrower_with_more_people(
    first: tuple[int, int], second: tuple[int, int], times: int
) -> None:
    low, high = difference(*first, *second)
    (hits, of), (hits2, of2) = first, second
    more_low, more_high = difference(hits * times, of * times, hits2 * times, of2 * times)

    assert more_high - more_low < high - low
