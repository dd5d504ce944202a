"""What the core may ask about decks: `facts.decks` of `sop.ports.Facts`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sop.draws.commitment import Mode
from sop.draws.deck import PrizeCard


@dataclass(frozen=True, slots=True)
class OpenDeckFacts:
    """A deck, open unless asked for by name."""

    id: int
    campaign: str
    round: str
    community: str | None
    """None: shared by every community of the campaign."""
    size: int
    taken: int
    commitment: str
    opened_at: datetime
    closes_at: datetime | None
    mode: Mode
    public_value: str
    """Which value will decide among entrants, as announced; empty for instant draws."""
    value: str
    """What it turned out to be; empty until then."""
    head: str
    """Hash of the last log entry; the commitment while there is none."""
    log_length: int
    frozen_at: datetime | None
    closed_at: datetime | None
    refused: str
    """Fingerprint of the last edit of its campaign that was not taken over."""


@dataclass(frozen=True, slots=True)
class DrawFacts:
    """A card that a member took."""

    number: int
    """From 1."""
    position: int
    card: PrizeCard
    day: date
    """Of the community."""
    code: str
    receipt: str
    request: str | None


@dataclass(frozen=True, slots=True)
class EntrantFacts:
    """A member who entered, in the order of entering."""

    member: str
    name: str
    community: str
    code: str


class DeckFacts(Protocol):
    """Read-only questions, answered inside the current transaction."""

    def named(self, campaign: str, round: str, community: str | None) -> OpenDeckFacts | None:
        """A deck by its name, open or closed."""

    def get(self, deck: int) -> OpenDeckFacts | None:
        """A deck by its number, open or closed."""

    def open(self, community: str, now: datetime) -> Sequence[OpenDeckFacts]:
        """Decks this community may draw from or enter now, newest first; locks them until
        commit."""

    def unfinished(self) -> Sequence[OpenDeckFacts]:
        """Every deck that is not closed, newest first; locks them until commit."""

    def card(self, deck: int, position: int) -> PrizeCard: ...
    def seed(self, deck: int) -> str: ...
    def rules(self, deck: int) -> dict[str, Any]:
        """The campaign as it was published when the deck was opened, amendments included."""

    def draws(self, deck: int, member: str) -> Sequence[DrawFacts]:
        """What a member has drawn, in order."""

    def entrant_code(self, deck: int, member: str) -> str | None:
        """The code under which a member has entered."""

    def entrant_count(self, deck: int) -> int: ...
    def entrants(self, deck: int) -> Sequence[EntrantFacts]: ...
    def taken_part(self, member: str, campaigns: Collection[str]) -> Collection[str]:
        """Those of these campaigns in which the member ever drew or entered."""

    def joined_by(self, member: str, limit: int) -> Sequence[OpenDeckFacts]:
        """The decks from which a member drew or which they entered, newest first."""

    def coupons_left(self, campaign: str, prize: str) -> int:
        """Coupon codes that can still be given away as this prize."""
