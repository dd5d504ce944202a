"""What the core may ask about a member's wishes for their own data."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ErasureWish:
    """Somebody who asked to be erased and still waits."""

    member: str
    community: str
    at: datetime


class PrivacyFacts(Protocol):
    """Reached as `Facts.privacy`."""

    def opted_out(self, member: str) -> bool:
        """Whether a member is not counted, not tagged by rules and not chosen for messages."""

    def opted_out_at(self, member: str) -> datetime | None:
        """Since when; None: they are counted."""

    def rule_tags(self, member: str) -> Sequence[tuple[str, str]]:
        """(label, rule) of what rules put on a member."""

    def noticed(self, members: Collection[str]) -> Collection[str]:
        """Which of these were shown the notice on personal data."""

    def erasure_asked_at(self, member: str) -> datetime | None:
        """Since when a member waits to be erased."""

    def erasure_wishes(self) -> Sequence[ErasureWish]:
        """Everybody who waits, longest first."""

    def kept(self, member: str) -> Sequence[tuple[str, int]]:
        """(kind of record, how many) of what is kept about a member."""
