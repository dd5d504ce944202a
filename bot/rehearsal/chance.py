"""Everything by chance in a rehearsal: decisions that follow from the seed and from nothing else.

Who decides and what about are the label, so a member decides the same whoever else is there and
whatever was asked before.
"""

from collections.abc import Sequence
from typing import TypeVar

from sop.draws.stream import Stream
from sop.seeds import derive

T = TypeVar("T")


class Chance:
    """Decisions of one person, each by a label of its own."""

    def __init__(self, seed: bytes, who: str) -> None:
        self._seed = derive(seed, who)

    def percent(self, label: str, share: float) -> bool:
        """True in `share` of a hundred cases (two decimals count)."""
        return Stream(self._seed, label).below(10_000) < round(share * 100)

    def between(self, label: str, low: int, high: int) -> int:
        """A whole number in `low` … `high`, both included."""
        return low + Stream(self._seed, label).below(high - low + 1)

    def pick(self, label: str, things: Sequence[T]) -> T:
        """One of them."""
        return things[Stream(self._seed, label).below(len(things))]

    def shuffled(self, label: str, things: Sequence[T]) -> list[T]:
        """All of them in another order."""
        return Stream(self._seed, label).shuffled(things)
