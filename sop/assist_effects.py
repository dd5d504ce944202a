"""What became of a message that an RM sends (assist mode). Part of `sop.effects`.

That one is handed out follows from `Post` and `HandOver`; that it is skipped or put off, from
`SkipStep` and `PostponeStep`.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AssistOpened:
    """WeCom took the group-send task: its RM is asked to confirm it."""

    occurrence: str
    msgid: str


@dataclass(frozen=True, slots=True)
class AssistByHand:
    """WeCom made no task: the RM gets the script instead, with why."""

    occurrence: str
    reason: str


@dataclass(frozen=True, slots=True)
class AssistReminded:
    """The RM is reminded; what WeCom does about it counts towards its limit."""

    occurrence: str


@dataclass(frozen=True, slots=True)
class AssistSent:
    """WeCom says that the RM confirmed and the message went out."""

    occurrence: str
    at: datetime
    members: tuple[str, ...] = ()
    """Who got it, of a private message."""
    strangers: tuple[str, ...] = ()
    """Who is not a friend of the RM."""
    over: tuple[str, ...] = ()
    """Who has had as many as WeCom allows."""


@dataclass(frozen=True, slots=True)
class AssistCapped:
    """The RM confirmed, but whoever it was for has had as many as WeCom allows."""

    occurrence: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AssistExpired:
    """Nobody confirmed in time: it is worth nothing any more."""

    occurrence: str
    step: str = ""
    """How the RM names the step to send it after all."""


@dataclass(frozen=True, slots=True)
class AssistWithdrawn:
    """WeCom cancelled a task that nobody wants any more."""

    occurrence: str
    msgid: str


@dataclass(frozen=True, slots=True)
class AssistAgain:
    """What was put off is handed out once more."""

    occurrence: str


@dataclass(frozen=True, slots=True)
class AssistEscalated:
    """The managers are told that it went by unconfirmed."""

    occurrence: str
