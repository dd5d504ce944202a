"""Effects of gatherings; `sop.effects` names them beside all others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OpenGathering:
    """Members are called upon to reply. The database refuses a second one of an occurrence."""

    community: str
    kind: str
    """The step kind, which hears the replies."""
    occurrence: str
    options: Json
    """The step kind's options; kept, so that an open gathering keeps its rules."""
    phase: str
    seed: str
    """Hex; ties are broken by it."""
    quiet_hours: str | None
    """Of the plan, for what is posted by itself."""
    next_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class KeepReply:
    """What a member replied to a gathering; takes the place of an earlier reply."""

    gathering: int
    member: str
    value: Json


@dataclass(frozen=True, slots=True)
class TurnGathering:
    """A gathering goes on, perhaps in another phase."""

    gathering: int
    phase: str
    next_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class CloseGathering:
    """A gathering is over; the result, in counts only, stays when the replies are erased."""

    gathering: int
    reason: str
    result: Json
