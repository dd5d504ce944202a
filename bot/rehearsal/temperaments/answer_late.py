"""Answers when it is nearly over, or just after."""

from collections.abc import Sequence
from typing import ClassVar

from bot.rehearsal.temperament import Call, Line, Me, at, joins, one_answer


class AnswerLate:
    """Reads the group at the end of the day; tests what happens at a deadline."""

    name: ClassVar[str] = "answer-late"
    title: ClassVar[str] = "慢半拍"
    about: ClassVar[str] = "快结束才作答，十次里有一次已经过了时间。"
    share: ClassVar[int] = 10
    clicks: ClassVar[int] = 25
    accounts: ClassVar[int] = 1

    def answers(self, call: Call, me: Me) -> Sequence[Line]:
        """In the last sixth of the time, or up to a tenth too late."""
        if not joins(call, me, 50):
            return []
        line = one_answer(call, me, right=65, early=0.85, late=1.015)
        in_time = line.after < call.lasts
        return [Line(line.after, line.text, line.right and in_time)]

    def day(self, me: Me, day: str) -> Sequence[Line]:
        """Checks in shortly before midnight."""
        if not me.chance.percent(f"checkin/{day}", 15):
            return []
        return [Line(at(me.chance, f"checkin/{day}", 21, 24), "签到")]


TEMPERAMENT = AnswerLate()
