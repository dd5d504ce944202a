"""Looks in now and then: joins when there happens to be time."""

from collections.abc import Sequence
from typing import ClassVar

from bot.rehearsal.temperament import Call, Line, Me, at, joins, one_answer, tries_a_word

_SMALL_TALK = ("今天有什么活动？", "谢谢分享", "这个怎么参加呀", "晚上几点开始？")


class Casual:
    """The broad middle."""

    name: ClassVar[str] = "casual"
    title: ClassVar[str] = "随缘"
    about: ClassVar[str] = "碰上了就参加，对错参半；偶尔签到，偶尔问一句。"
    share: ClassVar[int] = 26
    clicks: ClassVar[int] = 20
    accounts: ClassVar[int] = 1

    def answers(self, call: Call, me: Me) -> Sequence[Line]:
        """In three of ten rounds, and not to every question of a round."""
        if not joins(call, me, 30) or not me.chance.percent(f"still/{call.key}", 80):
            return []
        return [one_answer(call, me, right=55, early=0.1, late=0.8)]

    def day(self, me: Me, day: str) -> Sequence[Line]:
        """A check-in or a word."""
        lines = []
        if me.chance.percent(f"checkin/{day}", 12):
            lines.append(Line(at(me.chance, f"checkin/{day}", 7, 23), "签到"))
        if me.chance.percent(f"talk/{day}", 3):
            words = me.chance.pick(f"talk/{day}", _SMALL_TALK)
            lines.append(Line(at(me.chance, f"talk/{day}", 9, 22), words))
        return lines + tries_a_word(me, day, 4)


TEMPERAMENT = Casual()
