"""The deck of a round: every prize card, in drawing order, fixed before the first draw."""

from collections.abc import Sequence
from dataclasses import dataclass

from sop.draws.stream import Stream


@dataclass(frozen=True, slots=True)
class PrizeCard:
    """One card of a deck."""

    prize: str
    amount_fen: int
    """What it costs the budget; 0 for points."""
    kind: str = "cash"
    """cash, coupon, gift or points."""
    points: int = 0
    """How many it gives; 0 for everything else."""


@dataclass(frozen=True, slots=True)
class DeckLine:
    """Equal cards of a deck, and how many."""

    kind: str
    prize: str
    amount_fen: int
    points: int
    count: int


Cards = Sequence[DeckLine]
"""The definition of a deck, in the order of the campaign file."""

LABEL = "qunyun/deck/1"
"""Label of the stream that shuffles a deck."""

MOST_CARDS = 1_000_000
"""More cards than this are a typing error, and would not fit a row."""


class BadDeck(ValueError):
    """A definition that makes no deck; the message is Chinese, for the author."""


def build(cards: Cards, seed: bytes) -> tuple[PrizeCard, ...]:
    """The shuffled deck; position 0 is drawn first.

    Raises BadDeck for no card at all, a count below 1, a negative amount or over a million cards.
    """
    for one in cards:
        if one.count < 1 or one.amount_fen < 0 or one.points < 0:
            raise BadDeck(f"奖品“{one.prize}”的张数须为正数，金额和积分不得为负数")
    size = sum(one.count for one in cards)
    if not 1 <= size <= MOST_CARDS:
        raise BadDeck(f"牌堆须有 1 到 {MOST_CARDS:,} 张，现在是 {size:,} 张")
    ordered = [
        card
        for one in cards
        for card in [PrizeCard(one.prize, one.amount_fen, one.kind, one.points)] * one.count
    ]
    return tuple(Stream(seed, LABEL).shuffled(ordered))
