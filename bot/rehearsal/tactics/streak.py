"""Check-in relay: one call a day, from the report of the day before on."""

from datetime import datetime, timedelta
from typing import ClassVar

from bot.rehearsal.tactic import Prompt
from storage.games import SessionRow


class StreakTactics:
    """One call for each day."""

    game: ClassVar[str] = "streak"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """Check in; wrong: repair what may not be missed."""
        state = session.state
        report_at = datetime.fromisoformat(state["report_at"])
        ends_at = datetime.fromisoformat(state["ends_at"])
        opened_at = max(session.started_at, report_at - timedelta(hours=13))
        closes_at = min(report_at, ends_at)
        return Prompt(state["report_at"], opened_at, closes_at, ("签到",), ("补签",))


TACTICS = StreakTactics()
