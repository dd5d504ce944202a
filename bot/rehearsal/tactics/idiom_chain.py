"""Idiom chain: common idioms that fit, and one that does not."""

from datetime import datetime
from typing import ClassVar

from bot.rehearsal.tactic import Prompt
from sop import idioms
from storage.games import SessionRow

_COMMON = 12
"""So many of the commonest that fit come to a member's mind."""

_WRONG = ("鹏程万里", "龙马精神")


class IdiomChainTactics:
    """One call for each link."""

    game: ClassVar[str] = "idiom_chain"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """The open link."""
        state, match = session.state, session.options["match"]
        used = {word for word, _ in state["chain"]}
        last = idioms.find(state["chain"][-1][0])
        after = [] if last is None else idioms.continuations(last, match)
        right = tuple(one.word for one in after if one.word not in used)[:_COMMON]
        if not right:
            return None
        closes_at = datetime.fromisoformat(state["ends_at"])
        wrong = tuple(one for one in _WRONG if one not in {word.word for word in after})
        return Prompt(str(len(state["chain"])), session.started_at, closes_at, right, wrong)


TACTICS = IdiomChainTactics()
