"""Effects on follow-ups (跟进): a task for an RM about one member, from its making to its end.

They speak of a task by its key, which never means another one; its number may not outlive it.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task for an RM about one member; nothing where its key is known already."""

    community: str
    member: str
    staff: str
    reason: str
    due_at: datetime
    key: str
    priority: int = 2
    """1 is the most important, 3 the least."""
    script: str = ""
    """What the RM may say, ready to be forwarded; empty: nothing is suggested."""
    source: str = "step"
    """rule, step, command, link, silence."""


@dataclass(frozen=True, slots=True)
class EndFollowUp:
    """A task is over: done, or not wanted any more (dropped). What is over already only gets
    another result."""

    key: str
    status: str
    """done, dropped."""
    by: str
    """A colleague's userid; `system` where nobody decided it."""
    result: str
    """What came of it, or why it was dropped; may be empty."""


@dataclass(frozen=True, slots=True)
class ReopenFollowUp:
    """A task is to be done after all."""

    key: str


@dataclass(frozen=True, slots=True)
class HandFollowUp:
    """A task belongs to another colleague."""

    key: str
    staff: str
    handed_from: str | None
    """Whose it was; None: it is as it was made."""


@dataclass(frozen=True, slots=True)
class PutOffFollowUp:
    """A task is due later, and the RM is reminded of it then."""

    key: str
    due_at: datetime
    remind_at: datetime | None
    """None: no reminder is owed (any more)."""


@dataclass(frozen=True, slots=True)
class EscalateFollowUps:
    """Managers have been told of tasks that are long overdue."""

    keys: tuple[str, ...]
