"""Next lines: the line itself, or a line of another poem."""

from typing import ClassVar

from bot.rehearsal.racing import race_prompt
from bot.rehearsal.tactic import Prompt
from storage.games import SessionRow

_WRONG = ("春风又绿江南岸", "月落乌啼霜满天", "明月几时有", "两岸青山相对出", "花落知多少")


class LyricsTactics:
    """One call for each line."""

    game: ClassVar[str] = "lyrics"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """The open line."""
        return race_prompt(session, _WRONG, "{}！")


TACTICS = LyricsTactics()
