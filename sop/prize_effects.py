"""What shall be done about games and their prizes. Part of `sop.effects`."""

from dataclasses import dataclass
from datetime import datetime

from sop.gathering_effects import Json


@dataclass(frozen=True, slots=True)
class BeginGame:
    """A game session opens. The database refuses a second running one in the community."""

    community: str
    game: str
    options: Json
    state: Json
    seed: str
    """Hex; kept so that the round can be recomputed."""
    next_at: datetime | None
    rewards: Json | None
    occurrence: str | None
    started_by: str | None = None


@dataclass(frozen=True, slots=True)
class KeepGame:
    """The state after a turn, and when the game wants to be woken."""

    session: int
    version: int
    """The version that the turn was computed from; a different one in the row is a conflict."""
    state: Json
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Played:
    """A member took part in a game session (counted once per member and session)."""

    session: int
    member: str


@dataclass(frozen=True, slots=True)
class FinishGame:
    """A game session is over."""

    session: int
    version: int
    state: Json
    reason: str
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reward:
    """A prize from a pool: award, ledger entry and payout in one transaction, never over budget."""

    pool: str
    community: str
    member: str
    amount_fen: int
    prize: str
    budget_fen: int
    """The pool's budget as its file says now."""
    payable_on: str
    """ISO date, counted in Chinese working days when won."""
    key: str
    """Unique for ever, e.g. `game/12/wm…`: a repeated effect awards once."""
    awaits_gate: bool = False
    """The bank has not said yet whether the member is its customer: until it says yes, nothing is
    paid."""
