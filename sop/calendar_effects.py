"""What shall be done about the calendar and its review. Part of `sop.effects`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SkipStep:
    """This occurrence shall not run (or, if it waits for an answer, is settled as skipped)."""

    occurrence: str
    due_at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PostponeStep:
    """This occurrence runs at another time."""

    occurrence: str
    due_at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RestoreStep:
    """Undo of SkipStep and PostponeStep: the plan's own time counts again."""

    occurrence: str


@dataclass(frozen=True, slots=True)
class ConfirmStep:
    """The RM says that the handed-over script was sent (assist mode)."""

    occurrence: str
    by: str


@dataclass(frozen=True, slots=True)
class RunStep:
    """Run this occurrence now (命令 发送, or by the button after a catch-up question)."""

    occurrence: str
    by: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Planned steps of a community rest until resumed."""

    community: str
    by: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Planned steps of a community run again."""

    community: str
    by: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """A reviewer approves exactly this content of a step."""

    plan: str
    step: str
    hash: str
    sheet: str
    """What was read."""
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unstamp:
    """Every stamp of a step ends."""

    plan: str
    step: str
    by: str
    reason: str
