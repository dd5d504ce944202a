"""What the core may ask about tracked links, and what members mean by opening them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ClickFacts:
    """A counted click of a member."""

    link: str
    """The link's token."""
    name: str
    intent: str
    at: datetime
    day: date
    """Local date of the community."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A link that was sent to a member and never opened."""

    name: str
    sent_at: datetime


class LinkFacts(Protocol):
    """Reached as `Facts.links`."""

    def token(self, community: str, occurrence: str, name: str, member: str = "") -> str:
        """What stands for a link in its address: the same for the same question, impossible to
        guess. Empty where links are not tracked, because nothing is reachable from outside."""

    def address(
        self, community: str, occurrence: str, name: str, url: str, member: str = ""
    ) -> str:
        """What a text says: the tracked address, or `url` itself where links are not tracked."""

    def clicks(self, community: str, member: str, since: datetime) -> Sequence[ClickFacts]:
        """What a member opened in a community since an instant, oldest first."""

    def ignored(self, community: str, member: str, now: datetime) -> Sequence[Ignored]:
        """What was sent to a member so long ago that not opening it says something."""
