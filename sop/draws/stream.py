"""An endless stream of fair numbers from a secret seed: the only chance in games and draws.

Block *i* of a stream is HMAC-SHA-256 with the seed as key over the label in UTF-8 followed by
*i* (0, 1, 2 …) as 8 bytes, big-endian. Two labels give two independent streams of one seed, so
a number does not depend on what else was asked, or in which order.
"""

import hmac
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_WORD = 1 << 64


class Stream:
    """Numbers below any bound, each equally likely, the same ones for the same seed and label."""

    __slots__ = ("_block", "_counter", "_label", "_seed")

    def __init__(self, seed: bytes, label: str) -> None:
        self._seed = seed
        self._label = label.encode()
        self._counter = 0
        self._block = b""

    def word(self) -> int:
        """The next 8 bytes as an unsigned big-endian number."""
        if not self._block:
            message = self._label + self._counter.to_bytes(8, "big")
            self._block = hmac.digest(self._seed, message, "sha256")
            self._counter += 1
        value = int.from_bytes(self._block[:8], "big")
        self._block = self._block[8:]
        return value

    def below(self, bound: int) -> int:
        """A number in 0 … bound-1. Words past the last whole multiple of `bound` are thrown away,
        because keeping them would favour the small numbers (modulo bias)."""
        if not 1 <= bound <= _WORD:
            raise ValueError(f"bound must be in 1 … 2**64, not {bound}")
        limit = _WORD - _WORD % bound
        while (value := self.word()) >= limit:
            pass
        return value % bound

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Fisher–Yates from the last place down to the second; `things` stays as it is."""
        result = list(things)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1)
            result[last], result[other] = result[other], result[last]
        return result
