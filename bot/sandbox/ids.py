"""Identifiers without entropy: a hash of a salt and a counter.

Two sandboxes with the same salt give the same ids, which keeps transcripts comparable. A demo
that keeps its database over restarts passes a new salt each time, so that ids stay unique.
"""

import hashlib
from itertools import count


class Ids:
    """A source of unique ids."""

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self._count = count(1)

    def _digest(self) -> bytes:
        return hashlib.sha256(f"{self._salt}/{next(self._count)}".encode()).digest()

    def code(self, prefix: str = "", length: int = 32) -> str:
        """`prefix` and `length` (at most 64) hexadecimal digits."""
        return prefix + self._digest().hex()[:length]

    def number(self) -> int:
        """A positive 63-bit integer, the shape of a MsgId."""
        return int.from_bytes(self._digest()[:8], "big") >> 1
