"""Joins everything early and mostly knows the answer."""

from collections.abc import Sequence
from typing import ClassVar

from bot.rehearsal.temperament import Call, Line, Me, at, joins, one_answer, tries_a_word


class Eager:
    """The few who carry a community."""

    name: ClassVar[str] = "eager"
    title: ClassVar[str] = "积极"
    about: ClassVar[str] = "场场参加，答得早、多半答对；天天签到，中了奖会来问。"
    share: ClassVar[int] = 14
    clicks: ClassVar[int] = 40
    accounts: ClassVar[int] = 1

    def answers(self, call: Call, me: Me) -> Sequence[Line]:
        """Nearly always, in the first half."""
        if not joins(call, me, 90):
            return []
        return [one_answer(call, me, right=80, early=0.05, late=0.5)]

    def day(self, me: Me, day: str) -> Sequence[Line]:
        """Checks in, asks after prizes now and then, and uses what else there is."""
        lines = []
        if me.chance.percent(f"checkin/{day}", 60):
            lines.append(Line(at(me.chance, f"checkin/{day}", 7, 22), "签到"))
        if me.chance.percent(f"prizes/{day}", 10):
            lines.append(Line(at(me.chance, f"prizes/{day}", 9, 22), "我的奖品"))
        return lines + tries_a_word(me, day, 20)


TEMPERAMENT = Eager()
