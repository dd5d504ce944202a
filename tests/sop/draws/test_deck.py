"""Decks: their order, and what is refused."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.draws.deck import BadDeck, DeckLine, PrizeCard, build

SEED = bytes(range(32))
CARDS = [
    DeckLine("cash", "红包 8.88 元", 888, 0, 1),
    DeckLine("points", "积分 50", 0, 50, 3),
    DeckLine("cash", "红包 0.88 元", 88, 0, 6),
]


def cash(count: int, fen: int = 1) -> DeckLine:
    return DeckLine("cash", "红包", fen, 0, count)


def test_build_is_the_published_vector() -> None:
    small = PrizeCard("红包 0.88 元", 88)
    points = PrizeCard("积分 50", 0, "points", 50)
    large = PrizeCard("红包 8.88 元", 888)
    assert build(CARDS, SEED) == (
        small, small, small, points, small, small, points, small, large, points,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cards", "message"),
    [
        ([], "牌堆须有 1 到 1,000,000 张，现在是 0 张"),
        ([cash(1_000_001)], "牌堆须有 1 到 1,000,000 张，现在是 1,000,001 张"),
        ([cash(0)], "奖品“红包”的张数须为正数，金额和积分不得为负数"),
        ([cash(1, -1)], "奖品“红包”的张数须为正数，金额和积分不得为负数"),
        (
            [DeckLine("points", "积分", 0, -1, 1)],
            "奖品“积分”的张数须为正数，金额和积分不得为负数",
        ),
    ],
)
def test_build_impossible_deck(cards: list[DeckLine], message: str) -> None:
    with pytest.raises(BadDeck) as caught:
        build(cards, SEED)
    assert str(caught.value) == message


@given(
    st.lists(
        st.builds(
            DeckLine,
            st.sampled_from(["cash", "coupon", "gift", "points"]),
            st.text(max_size=5),
            st.integers(0, 1000),
            st.integers(0, 1000),
            st.integers(1, 20),
        ),
        min_size=1,
        max_size=6,
    ),
    st.binary(min_size=1, max_size=32),
)
def test_build_holds_exactly_the_defined_cards(cards: list[DeckLine], seed: bytes) -> None:
    defined = [
        PrizeCard(one.prize, one.amount_fen, one.kind, one.points)
        for one in cards
        for _ in range(one.count)
    ]
    assert Counter(build(cards, seed)) == Counter(defined)
