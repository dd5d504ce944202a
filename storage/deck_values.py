"""Values and refusals of `storage.decks`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlreadyOpened(Exception):
    """The campaign has a deck of this round for this community already."""


class DeckClosed(Exception):
    """The deck does not exist, or is closed, or its time is over."""


class CardGone(Exception):
    """The card at this position is taken, or not yet next."""


class AlreadyDrawn(Exception):
    """The member has drawn from this deck already."""


@dataclass(frozen=True, slots=True)
class DeckRow:
    """A deck, open or closed."""

    id: int
    campaign: str
    round: str
    community: str | None
    """None: shared by every community of the campaign."""
    size: int
    taken: int
    sum_fen: int
    budget_fen: int
    seed: str
    commitment: str
    rules_hash: str
    payable_after: int
    """Working days."""
    opened_at: datetime
    closes_at: datetime | None
    closed_at: datetime | None
    close_reason: str


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card."""

    position: int
    """From 0, in drawing order."""
    prize: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DrawRow:
    """Who took which card when."""

    position: int
    prize: str
    amount_fen: int
    community: str
    member: str
    drawn_at: datetime


class Drew(StrEnum):
    """How a wish to draw ended."""

    WON = "won"
    ALREADY = "already"
    EMPTY = "empty"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DrawOutcome:
    """What a member got: the card of this draw, or of the earlier one (`already`)."""

    member: str
    result: Drew
    card: CardRow | None = None
