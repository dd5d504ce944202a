"""Decks: their sum, their order, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.draws.deck import BadDeck, NotWithinBudget, build, check_budget, deck_sum
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


def test_deck_sum_of_all_cards() -> None:
    assert deck_sum(CARDS) == 888 + 3 * 188 + 6 * 88 == 1980


def test_check_budget_exactly_spent() -> None:
    assert check_budget(CARDS, 1980) is None


def test_check_budget_one_fen_short() -> None:
    with pytest.raises(NotWithinBudget) as caught:
        check_budget(CARDS, 1979)
    assert str(caught.value) == "奖品合计 19.80 元，超过预算 19.79 元，多出 0.01 元"
    assert (caught.value.sum_fen, caught.value.budget_fen) == (1980, 1979)


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
    assert sum(card.amount_fen for card in deck) == deck_sum(cards)
