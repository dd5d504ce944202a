"""The deck of a round: every prize card, in drawing order, fixed before the first draw."""

from collections.abc import Sequence

from sop.draws.stream import Stream
from sop.money import yuan
from sop.ports import PrizeCard

Cards = Sequence[tuple[str, int, int]]
"""The definition of a deck: (prize, amount in fen, how many), in the order of the campaign file."""

LABEL = "qunyun/deck/1"
"""Label of the stream that shuffles a deck."""

MOST_CARDS = 1_000_000
"""More cards than this are a typing error, and would not fit a row."""


class BadDeck(ValueError):
    """A definition that makes no deck; the message is Chinese, for the author."""


class NotWithinBudget(BadDeck):
    """The cards together cost more than the budget, so the campaign must not open."""

    def __init__(self, sum_fen: int, budget_fen: int) -> None:
        super().__init__(
            f"奖品合计 {yuan(sum_fen)} 元，超过预算 {yuan(budget_fen)} 元，"
            f"多出 {yuan(sum_fen - budget_fen)} 元"
        )
        self.sum_fen = sum_fen
        self.budget_fen = budget_fen


def deck_sum(cards: Cards) -> int:
    """Fen that all cards cost together: the most that the round can ever cost."""
    return sum(amount_fen * count for _, amount_fen, count in cards)


def check_budget(cards: Cards, budget_fen: int) -> None:
    """Raises NotWithinBudget unless every card could be drawn and paid."""
    total = deck_sum(cards)
    if total > budget_fen:
        raise NotWithinBudget(total, budget_fen)


def build(cards: Cards, seed: bytes) -> tuple[PrizeCard, ...]:
    """The shuffled deck; position 0 is drawn first.

    Raises BadDeck for no card at all, a count below 1, a negative amount or over a million cards.
    """
    for prize, amount_fen, count in cards:
        if count < 1 or amount_fen < 0:
            raise BadDeck(f"奖品“{prize}”的张数须为正数，金额不得为负数")
    size = sum(count for _, _, count in cards)
    if not 1 <= size <= MOST_CARDS:
        raise BadDeck(f"牌堆须有 1 到 {MOST_CARDS:,} 张，现在是 {size:,} 张")
    ordered = [PrizeCard(prize, amount) for prize, amount, count in cards for _ in range(count)]
    return tuple(Stream(seed, LABEL).shuffled(ordered))
