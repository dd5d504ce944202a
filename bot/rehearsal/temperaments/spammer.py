"""Floods: answers again and again, draws ten times, sends garbage and very long texts."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from bot.rehearsal.temperament import Call, Line, Me, at

DRAWS = 10
_GARBAGE = (
    "🎁🎁🎁🎁🎁🎁🎁🎁",
    "加我微信 abc123 领红包",
    "<b>hi</b> [点我](http://example.invalid)",
    "{{ community.name }}{% for x in range(9) %}",
    "\u202e翻过来的字",
    "哈" * 3000,
    "@所有人 速来",
    "抽奖抽奖抽奖",
)


class Spammer:
    """One in a hundred, and half of what the bot hears."""

    name: ClassVar[str] = "spammer"
    title: ClassVar[str] = "刷屏"
    about: ClassVar[str] = "反复作答、连抽十次、发乱码和三千字长文。"
    share: ClassVar[int] = 2
    clicks: ClassVar[int] = 0
    accounts: ClassVar[int] = 1

    def answers(self, call: Call, me: Me) -> Sequence[Line]:
        """Draws ten times within seconds; to a game three answers and a piece of garbage."""
        start = timedelta(seconds=me.chance.between(f"when/{call.key}", 1, 15))
        second = timedelta(seconds=1)
        if call.kind == "draw":
            words = call.right[0]
            return [Line(start + second * n, words, n == 0) for n in range(DRAWS)]
        first = me.chance.pick(f"words/{call.key}", (*call.right, *call.wrong))
        texts = (first, first, call.right[0], me.chance.pick(f"garbage/{call.key}", _GARBAGE))
        return [
            Line(start + second * 2 * n, text, n == 0 and first in call.right)
            for n, text in enumerate(texts)
        ]

    def day(self, me: Me, day: str) -> Sequence[Line]:
        """A burst: check-in three times, then garbage."""
        start = at(me.chance, f"burst/{day}", 8, 22)
        texts = ["签到", "签到", "签到", *me.chance.shuffled(f"garbage/{day}", _GARBAGE)[:3]]
        return [Line(start + timedelta(seconds=2 * n), text) for n, text in enumerate(texts)]


TEMPERAMENT = Spammer()
