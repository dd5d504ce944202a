"""Scam spotting: a quiz's tactics, in the words that people use for a scam."""

from dataclasses import replace
from typing import ClassVar

from bot.rehearsal.tactic import Prompt
from bot.rehearsal.tactics.quiz import QuizTactics
from storage.games import SessionRow

_SAYINGS = {"A": ("假", "是诈骗", "假的", "A"), "B": ("真", "不是诈骗", "真的", "B")}


class ScamSpottingTactics(QuizTactics):
    """One call for each case."""

    game: ClassVar[str] = "scam_spotting"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """Nothing while an explanation is being read."""
        asked = super().prompt(session)
        if asked is None:
            return None
        scam = asked.right[0] == "A"
        right, wrong = _SAYINGS["A" if scam else "B"], _SAYINGS["B" if scam else "A"]
        return replace(asked, right=right, wrong=wrong)


TACTICS = ScamSpottingTactics()
