"""The deck of a round: every prize card, in drawing order, fixed before the first draw."""

from collections.abc import Sequence

from sop.draws.stream import Stream
from sop.ports import PrizeCard

Cards = Sequence[tuple[str, int, int]]
"""The definition of a deck: (prize, amount in fen, how many), in the order of the campaign file."""

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
    for prize, amount_fen, count in cards:
        if count < 1 or amount_fen < 0:
            raise BadDeck(f"奖品“{prize}”的张数须为正数，金额不得为负数")
    size = sum(count for _, _, count in cards)
    if not 1 <= size <= MOST_CARDS:
        raise BadDeck(f"牌堆须有 1 到 {MOST_CARDS:,} 张，现在是 {size:,} 张")
    ordered = [PrizeCard(prize, amount) for prize, amount, count in cards for _ in range(count)]
    return tuple(Stream(seed, LABEL).shuffled(ordered))
