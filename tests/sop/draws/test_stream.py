"""The stream of chance: known answers, no bias, no order dependence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.draws.stream import Stream

SEED = bytes(range(32))


def test_stream_words_are_the_published_vector() -> None:
    # First word checked with openssl: HMAC-SHA-256 of "test" and eight zero bytes.
    stream = Stream(SEED, "test")
    assert [stream.word() for _ in range(5)] == [
        0xFCFAEFAF1F9E4371,
        622788420001546785,
        8975047786450492431,
        15425195478820727199,
        12166574547638945263,
    ]


def test_stream_below_is_the_published_vector() -> None:
    stream = Stream(SEED, "test")
    assert [stream.below(6) for _ in range(12)] == [1, 3, 3, 3, 1, 3, 0, 0, 0, 3, 4, 0]


def test_stream_shuffle_is_the_published_vector() -> None:
    things = list(range(10))
    assert Stream(SEED, "test").shuffled(things) == [6, 8, 0, 2, 4, 1, 9, 7, 3, 5]
    assert things == list(range(10))


class HighWords(Stream):
    """A stream whose first words lie beyond the last whole multiple of the bound."""

    def __init__(self, words: list[int]) -> None:
        super().__init__(b"", "")
        self._words = iter(words)

    def word(self) -> int:
        return next(self._words)


def test_stream_below_throws_biased_words_away() -> None:
    # 2**64 = 3 * 6148914691236517205 + 1, so only the highest word is refused for 3.
    assert HighWords([2**64 - 1, 2**64 - 2]).below(3) == 2


@pytest.mark.parametrize("bound", [0, -1, 2**64 + 1])
def test_stream_below_with_impossible_bound(bound: int) -> None:
    with pytest.raises(ValueError, match="bound must be in"):
        Stream(SEED, "x").below(bound)


def test_stream_below_with_widest_bound() -> None:
    assert Stream(SEED, "test").below(2**64) == 0xFCFAEFAF1F9E4371


@given(st.binary(max_size=40), st.text(max_size=20), st.integers(1, 2**64))
def test_stream_below_stays_below(seed: bytes, label: str, bound: int) -> None:
    assert 0 <= Stream(seed, label).below(bound) < bound


@given(st.binary(max_size=40), st.lists(st.integers()))
def test_stream_shuffle_keeps_every_thing(seed: bytes, things: list[int]) -> None:
    assert sorted(Stream(seed, "deck").shuffled(things)) == sorted(things)


def test_stream_is_even_over_100_000_draws() -> None:
    stream = Stream(SEED, "chi-square")
    counts = [0] * 10
    for _ in range(100_000):
        counts[stream.below(10)] += 1
    chi_square = sum((count - 10_000) ** 2 / 10_000 for count in counts)
    # 27.88 is the 99.9 % quantile with 9 degrees of freedom.
    assert chi_square < 27.88


def test_shuffle_puts_every_card_at_every_place_alike() -> None:
    counts = [[0] * 5 for _ in range(5)]
    for number in range(20_000):
        order = Stream(number.to_bytes(4, "big"), "places").shuffled(range(5))
        for place, card in enumerate(order):
            counts[place][card] += 1
    chi_square = sum((count - 4_000) ** 2 / 4_000 for row in counts for count in row)
    # 39.25 is the 99.9 % quantile with 16 degrees of freedom.
    assert chi_square < 39.25
