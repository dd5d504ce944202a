"""A game in a customer group: what its RM posts, piece by piece. Part of `sop.effects`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HandScript:
    """The RM reads the whole course of a round that begins now."""

    community: str
    text: str


@dataclass(frozen=True, slots=True)
class HandPiece:
    """The next words of a round, for the RM to post."""

    community: str
    session: int
    """0: the round that this very unit of work begins."""
    game: str
    text: str
    link: str
    """Where members answer, for the end of the piece; empty: nowhere (any more)."""
    until: datetime
    """When nobody wants these words any more."""
    keep: bool
    """They are over in a moment: the next piece takes them along."""
    fresh: bool
    """What was kept before is stale by now: a question is answered, or all is over."""
    last: bool
    """The round is over: no further piece will take them along."""


@dataclass(frozen=True, slots=True)
class SettlePiece:
    """The RM says what became of a piece."""

    piece: int
    status: str
    """sent or skipped."""
