"""Riddles: what it is, or something else that people guess."""

from typing import ClassVar

from bot.rehearsal.racing import race_prompt
from bot.rehearsal.tactic import Prompt
from storage.games import SessionRow

_WRONG = ("月亮", "西瓜", "算盘", "茶壶", "镜子")


class RiddleTactics:
    """One call for each riddle."""

    game: ClassVar[str] = "riddle"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """The open riddle."""
        return race_prompt(session, _WRONG, "我猜是{}")


TACTICS = RiddleTactics()
