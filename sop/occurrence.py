"""One step on one date for one community."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sop.plan import Plan, Step


class Phase(StrEnum):
    """A step acts up to three times: it announces, reminds its RM, and runs."""

    ANNOUNCE = "announce"
    REMIND = "remind"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What shall happen when, for whom. `due_at` is aware UTC."""

    plan: "Plan"
    step: "Step"
    day: date
    community: str
    phase: Phase
    due_at: datetime

    @property
    def identity(self) -> str:
        """`plan/step/date/community`: the same for ever, whatever happens to the plan's text."""
        return f"{self.plan.plan}/{self.step.id}/{self.day.isoformat()}/{self.community}"

    @property
    def key(self) -> str:
        """Identity with the phase, unique in the occurrence table."""
        if self.phase is Phase.RUN:
            return self.identity
        return f"{self.identity}#{self.phase.value}"
