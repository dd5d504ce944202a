"""Prediction: every pick is as good as another until the outcome is known."""

from datetime import datetime
from typing import ClassVar

from bot.rehearsal.tactic import Prompt
from storage.games import SessionRow


class PredictionTactics:
    """One call for the whole round; nothing is asked once picking has closed."""

    game: ClassVar[str] = "prediction"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """Pick one by its number; wrong: a number that is not there."""
        if session.state["announced"]:
            return None
        count = len(session.options["choices"])
        ends_at = datetime.fromisoformat(session.state["ends_at"])
        right = tuple(f"猜 {number}" for number in range(1, count + 1))
        return Prompt("", session.started_at, ends_at, right, ("猜 9",))


TACTICS = PredictionTactics()
