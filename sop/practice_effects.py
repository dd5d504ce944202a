"""Effects of practising (练习): a round that nobody but its host sees."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class KeepPractice:
    """A colleague's practice round stands like this from now on."""

    staff: str
    game: str
    options: dict[str, Any]
    state: dict[str, Any]
    seed: str
    """Hexadecimal."""
    began_at: datetime
    clock_at: datetime
    """How late it is in the round: its clock moves only when the host says something."""
    next_at: datetime | None
    prompt: str
    prompt_at: datetime


@dataclass(frozen=True, slots=True)
class EndPractice:
    """Nothing stays of a colleague's practice round."""

    staff: str
