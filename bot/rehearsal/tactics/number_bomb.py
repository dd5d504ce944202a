"""Number bomb: most guess somewhere in the range, some at its edge, a few hit the bomb."""

from datetime import datetime
from typing import ClassVar

from bot.rehearsal.tactic import Prompt
from storage.games import SessionRow


class NumberBombTactics:
    """One call for each range."""

    game: ClassVar[str] = "number_bomb"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """Right: what shrinks the range most. Wrong: the edges, the bomb, and what is outside."""
        state = session.state
        low, high = state["now"]
        secret, middle = state["secret"], (low + high) // 2
        centre = [one for one in (middle, middle + 1, middle - 1) if low < one < high]
        right = tuple(str(one) for one in centre if one != secret)
        edges = [one for one in (*range(low + 1, low + 5), *range(high - 4, high)) if one != secret]
        wrong = tuple(str(one) for one in (*edges, high + 5, secret))
        ends_at = datetime.fromisoformat(state["ends_at"])
        seen_at = max(session.started_at, datetime.fromisoformat(state["seen_at"]))
        return Prompt(f"{low}-{high}", seen_at, ends_at, right or wrong, wrong)


TACTICS = NumberBombTactics()
