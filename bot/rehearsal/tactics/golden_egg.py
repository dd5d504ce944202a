"""Golden egg: everybody may smash any egg of the own board."""

from datetime import datetime
from typing import ClassVar

from bot.rehearsal.tactic import Prompt
from storage.games import SessionRow


class GoldenEggTactics:
    """One call for the whole round."""

    game: ClassVar[str] = "golden_egg"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """Smash one, in one of the ways people say it; wrong: without a number, or none there."""
        eggs = session.options["eggs"]
        ends_at = datetime.fromisoformat(session.state["ends_at"])
        right = tuple(f"砸 {egg}" for egg in range(1, eggs + 1))
        return Prompt("", session.started_at, ends_at, right, ("砸金蛋", f"砸 {eggs + 1}"))


TACTICS = GoldenEggTactics()
