"""What shall be done about decks and what is drawn from them. Part of `sop.effects`.

`entry` and `hash` are the next link of the deck's log (`sop.draws.log`), computed from the head
that the core read: the database refuses them when the log has grown since.
"""

from dataclasses import dataclass
from datetime import datetime

from sop.gathering_effects import Json


@dataclass(frozen=True, slots=True)
class OpenDeck:
    """A deck is fixed and its commitment public from here on."""

    campaign: str
    round: str
    community: str | None
    """None: one deck shared by every community of the campaign."""
    cards: Json
    """`{"cards": [["cash", "…", 188, 0], …]}`: kind, prize, fen and points in drawing order."""
    seed: str
    commitment: str
    rules_hash: str
    rules: Json
    """The campaign as published; `rules_hash` is over it."""
    mode: str
    public_value: str
    """Which value will decide among entrants; empty for instant draws."""
    budget_fen: int
    payable_after: int
    """Working days."""
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakeCard:
    """A member takes the card at `position`: award, ledger entry and payout together."""

    deck: int
    position: int
    number: int
    """Which draw of this member it is, from 1; one number is drawn once."""
    community: str
    member: str
    prize: str
    payable_on: str
    """ISO date, counted in Chinese working days when drawn, never silently changed later."""
    claim_by: str
    """ISO date; what is not claimed by then returns to its budget."""
    day: str
    """ISO date, of the community: chances a day are counted by it."""
    code: str
    """What stands for the member in the log."""
    entry: Json
    hash: str
    """The winner's receipt."""
    request: str | None = None
    """Idempotency key of a page's request."""


@dataclass(frozen=True, slots=True)
class EnterDeck:
    """A member enters a draw that a public value will decide."""

    deck: int
    community: str
    member: str
    code: str


@dataclass(frozen=True, slots=True)
class FreezeDeck:
    """Nobody can enter any more; the list of entrants is fixed in the log."""

    deck: int
    entry: Json
    hash: str
    remind_at: datetime
    """When somebody is reminded that the public value is still missing."""


@dataclass(frozen=True, slots=True)
class RemindDeck:
    """The next reminder that the public value is missing."""

    deck: int
    remind_at: datetime


@dataclass(frozen=True, slots=True)
class DecideDeck:
    """The public value is known; the cards go to entrants from here on."""

    deck: int
    value: str
    entry: Json
    hash: str


@dataclass(frozen=True, slots=True)
class AmendDeck:
    """The rules of an open deck change in its members' favour."""

    deck: int
    rules: Json
    """In whole, as they are from here on."""
    closes_at: datetime | None
    entry: Json
    hash: str


@dataclass(frozen=True, slots=True)
class RefuseAmendment:
    """An edit of an open deck's campaign was not taken over, and people were told of it."""

    deck: int
    hash: str
    """Fingerprint of the edited rules."""


@dataclass(frozen=True, slots=True)
class CloseDeck:
    """No more draws; the seed is revealed, and what nobody drew leaves the budget."""

    deck: int
    reason: str
    entry: Json
    hash: str
