"""Dice: everybody can roll, and no roll is wrong."""

from datetime import datetime
from typing import ClassVar

from bot.rehearsal.tactic import Prompt
from storage.games import SessionRow


class DiceTactics:
    """One call for the whole round."""

    game: ClassVar[str] = "dice"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """Roll, in one of the ways people say it."""
        ends_at = datetime.fromisoformat(session.state["ends_at"])
        return Prompt("", session.started_at, ends_at, ("掷", "骰子", "🎲", "掷骰子"))


TACTICS = DiceTactics()
