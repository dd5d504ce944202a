"""What the core may ask about messages that RMs send."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AssistTask:
    """One occurrence that its RM sends, and what became of it."""

    occurrence: str
    community: str
    owner: str
    title: str
    way: str
    """task: WeCom's group-send, confirmed there; card: by hand, confirmed by a button."""
    single: bool
    """To customers one by one; else into the group."""
    status: str
    """waiting (not yet made), open (the RM was asked), sent, capped, skipped, expired, cancelled
    (put off), failed."""
    due_at: datetime
    window_ends_at: datetime
    """Until then it counts as on time."""
    ends_at: datetime
    """Then it is withdrawn."""
    asked_at: datetime | None
    reminded_at: datetime | None
    reminders: int
    sent_at: datetime | None
    on_time: bool | None
    skipped_reason: str
    escalated_at: datetime | None
    again_at: datetime | None


class AssistFacts(Protocol):
    """Reached as `Facts.assist`."""

    def task(self, occurrence: str) -> AssistTask | None:
        """What became of an occurrence that its RM sends; None where none was asked."""
