"""Reads, and says nothing: the larger half of every community."""

from collections.abc import Sequence
from typing import ClassVar

from bot.rehearsal.temperament import Call, Line, Me


class Silent:
    """Counts in every ratio's denominator."""

    name: ClassVar[str] = "silent"
    title: ClassVar[str] = "潜水"
    about: ClassVar[str] = "只看不说，也不参加。"
    share: ClassVar[int] = 44
    clicks: ClassVar[int] = 6
    accounts: ClassVar[int] = 1

    def answers(self, call: Call, me: Me) -> Sequence[Line]:
        """Never."""
        return []

    def day(self, me: Me, day: str) -> Sequence[Line]:
        """Never."""
        return []


TEMPERAMENT = Silent()
