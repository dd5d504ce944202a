"""Emoji idioms: the idiom, or another one."""

from typing import ClassVar

from bot.rehearsal.racing import race_prompt
from bot.rehearsal.tactic import Prompt
from storage.games import SessionRow

_WRONG = ("心想事成", "龙马精神", "山清水秀", "鸡犬不宁", "风花雪月")


class EmojiIdiomTactics:
    """One call for each item."""

    game: ClassVar[str] = "emoji_idiom"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """The open item."""
        return race_prompt(session, _WRONG, "{}！")


TACTICS = EmojiIdiomTactics()
