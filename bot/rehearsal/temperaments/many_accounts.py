"""One person with several accounts that join in a burst, play in a row and draw each."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from bot.rehearsal.temperament import Call, Line, Me


class ManyAccounts:
    """羊毛党: shows what one person can take, and what a join hook costs then."""

    name: ClassVar[str] = "many-accounts"
    title: ClassVar[str] = "多号"
    about: ClassVar[str] = "一个人用四个号，扎堆进群、接连作答、挨个抽奖。"
    share: ClassVar[int] = 4
    clicks: ClassVar[int] = 0
    accounts: ClassVar[int] = 4

    def answers(self, call: Call, me: Me) -> Sequence[Line]:
        """Every account, a few seconds after the one before, with the same right words."""
        start = me.person.between(f"when/{call.key}", 5, 25)
        right = not call.wrong or me.person.percent(f"right/{call.key}", 85)
        words = (call.right if right else call.wrong)[0]
        return [Line(timedelta(seconds=start + 3 * me.number), words, right)]

    def day(self, me: Me, day: str) -> Sequence[Line]:
        """Asks after the prizes, account by account."""
        if not me.person.percent(f"prizes/{day}", 30):
            return []
        start = me.person.between(f"prizes/{day}", 10 * 3600, 20 * 3600)
        return [Line(timedelta(seconds=start + 5 * me.number), "我的奖品")]


TEMPERAMENT = ManyAccounts()
