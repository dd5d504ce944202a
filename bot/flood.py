"""Who writes to the bot faster than anybody reads: told so once in an hour, and not answered.

Judged by when a message was written, so that a backlog is no flood. A sliding log in memory, of
bounded size: a restart forgives, and of several processes over one database each counts what it
handles itself. What is not answered is counted all the same.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from sop.events import Said

WINDOW = timedelta(minutes=1)
OF_ONE = 20
"""Messages of one person that are answered in any minute."""
OF_GROUP = 2_000
"""Messages of one group: four from each of 500 members."""
ONCE_IN = timedelta(hours=1)
MOST = 20_000
"""People and groups that are remembered."""

TOO_FAST = (
    f"您发得太快了：一分钟最多回答 {OF_ONE} 条，多出来的只计次数，不再逐条回答。请歇一会儿再发。"
)
TOO_MANY = "群里 @我 的消息太多，来不及逐条回答；多出来的只计次数。请过几分钟再发。"


class Verdict(Enum):
    """What becomes of a message."""

    ANSWER = "answer"
    NOTICE = "notice"
    """Not answered, but told why."""
    SILENT = "silent"


@dataclass(slots=True)
class _Heard:
    """Of one person or group: the answered messages of the last minute, the notice of the last
    hour; each with its key, since a batch that failed is handled again."""

    answered: dict[str, datetime] = field(default_factory=dict)
    notice: tuple[str, datetime] | None = None


class Flood:
    """Judges messages in the order in which they are handled."""

    def __init__(self, of_one: int = OF_ONE, of_group: int = OF_GROUP) -> None:
        self._of_one = of_one
        self._of_group = of_group
        self._heard: OrderedDict[str, _Heard] = OrderedDict()

    def judge(self, event: Said, key: str) -> tuple[Verdict, str]:
        """The verdict, and the words of a notice. `key` tells deliveries apart: the same one
        gets the same verdict again."""
        found = self._of(f"member:{event.sender}", self._of_one, event, key)
        if found is not Verdict.ANSWER:
            return found, TOO_FAST
        if event.chat_id is None:
            return found, ""
        return self._of(f"group:{event.chat_id}", self._of_group, event, key), TOO_MANY

    def _of(self, who: str, most: int, event: Said, key: str) -> Verdict:
        heard = self._heard.setdefault(who, _Heard())
        self._heard.move_to_end(who)
        while len(self._heard) > MOST:
            self._heard.popitem(last=False)
        answered, at = heard.answered, event.at
        if key in answered:
            return Verdict.ANSWER
        while answered and (first := next(iter(answered))) and answered[first] <= at - WINDOW:
            del answered[first]
        if len(answered) < most:
            answered[key] = at
            return Verdict.ANSWER
        if heard.notice is not None and key != heard.notice[0] and at < heard.notice[1] + ONCE_IN:
            return Verdict.SILENT
        heard.notice = key, at
        return Verdict.NOTICE
