"""When the weekly summary is sent, and where it is read."""

from dataclasses import dataclass
from datetime import time

USUAL = time(9)
"""When late data is looked for where nothing is sent on its own."""


@dataclass(frozen=True, slots=True)
class SummarySettings:
    """The weekly summary as configured."""

    at: time | None = None
    """Local time on the first working day of the week after; None: sent only when asked for."""

    @property
    def look_at(self) -> time:
        """When a final week is compared with what came in late."""
        return self.at or USUAL
