"""Values and refusals of `storage.decks` and `storage.draws`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


class AlreadyOpened(Exception):
    """The campaign has a deck of this round for this community already."""


class DeckClosed(Exception):
    """The deck does not exist, or is closed, or its time is over, or is not yet decided."""


class CardGone(Exception):
    """The card at this position is taken, or not yet next."""


class AlreadyDrawn(Exception):
    """The member has made this draw already: the same number, or the same request."""


class AlreadyEntered(Exception):
    """The member has entered already."""


class LogMoved(Exception):
    """The deck's log has grown since it was read: what was computed from it does not fit."""


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
    mode: str
    """instant, entrants."""
    public_value: str
    """Which value will decide among entrants, as announced."""
    value: str
    """What it turned out to be; empty until then."""
    head: str
    """Hash of the last log entry; the commitment while there is none."""
    log_length: int
    frozen_at: datetime | None
    next_at: datetime | None
    """When the deck wants to be woken; only an open one counts."""
    refused: str
    """Hash of the last edit of its campaign that was not taken over."""


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card."""

    position: int
    """From 0, in drawing order."""
    prize: str
    amount_fen: int
    kind: str = "cash"
    """cash, coupon, gift, points."""
    points: int = 0


@dataclass(frozen=True, slots=True)
class DrawRow:
    """Who took which card when."""

    position: int
    prize: str
    amount_fen: int
    kind: str
    points: int
    community: str
    member: str
    drawn_at: datetime
    number: int
    """From 1, counted for each member."""
    day: date
    code: str
    """What stands for the member in the log (凭证)."""
    receipt: str
    """Hash of the draw's log entry."""
    request: str | None


@dataclass(frozen=True, slots=True)
class EntrantRow:
    """Who entered, in the order of entering."""

    member: str
    community: str
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """The next entry of a deck's log, as the core computed it."""

    entry: Mapping[str, Any]
    """Its `number` and `previous` are those that the log must have reached."""
    hash: str


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry of a deck's log."""

    number: int
    """From 0."""
    entry: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Taking:
    """A member's wish for the card at `position`, which must be the next one."""

    deck: int
    position: int
    number: int
    community: str
    member: str
    payable_on: date
    claim_by: date
    day: date
    code: str
    link: Link
    request: str | None = None
