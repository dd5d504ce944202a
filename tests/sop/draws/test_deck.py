"""Decks: their order, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.draws.deck import BadDeck, build
from sop.ports import PrizeCard

SEED = bytes(range(32))
CARDS = [("红包 8.88 元", 888, 1), ("红包 1.88 元", 188, 3), ("红包 0.88 元", 88, 6)]


def test_build_is_the_published_vector() -> None:
    small = PrizeCard("红包 0.88 元", 88)
    middle = PrizeCard("红包 1.88 元", 188)
    large = PrizeCard("红包 8.88 元", 888)
    assert build(CARDS, SEED) == (
        small, small, small, middle, small, small, middle, small, large, middle,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cards", "message"),
    [
        ([], "牌堆须有 1 到 1,000,000 张，现在是 0 张"),
        ([("红包", 1, 1_000_001)], "牌堆须有 1 到 1,000,000 张，现在是 1,000,001 张"),
        ([("红包", 1, 0)], "奖品“红包”的张数须为正数，金额不得为负数"),
        ([("红包", -1, 1)], "奖品“红包”的张数须为正数，金额不得为负数"),
    ],
)
def test_build_impossible_deck(cards: list[tuple[str, int, int]], message: str) -> None:
    with pytest.raises(BadDeck) as caught:
        build(cards, SEED)
    assert str(caught.value) == message


@given(
    st.lists(
        st.tuples(st.text(max_size=5), st.integers(0, 1000), st.integers(1, 20)),
        min_size=1,
        max_size=6,
    ),
    st.binary(min_size=1, max_size=32),
)
def test_build_holds_exactly_the_defined_cards(
    cards: list[tuple[str, int, int]], seed: bytes
) -> None:
    deck = build(cards, seed)
    defined = [PrizeCard(prize, amount) for prize, amount, count in cards for _ in range(count)]
    order = sorted(deck, key=lambda card: (card.prize, card.amount_fen))
    assert order == sorted(defined, key=lambda card: (card.prize, card.amount_fen))
