"""A number that a member says as a move: 50, 我猜五十, 砸 3 号蛋, 选2吧."""

import re

from sop.answers import normalise

LONGEST = 24
"""Characters; a longer message is conversation."""

_SELF = "(?:我|俺|咱)?(?:觉得|认为|感觉|想|要|来)?"
_AROUND = "(?:第|数字|是)?"
_AFTER = "(?:号|个|枚)?(?:的|蛋|金蛋)?(?:吧|呀|啊|哦|噢|了|啦|哈|试试|看看)*"


def said_number(text: str, verbs: str) -> int | None:
    """The number that the whole message comes to; None: it is conversation.

    `verbs` are alternatives of a regular expression that may stand before it (`猜|报`). Numbers of
    more than four digits are no move of any game.
    """
    if len(text) > LONGEST:
        return None
    pattern = f"{_SELF}(?:{verbs})?{_AROUND}([0-9]{{1,4}}){_AFTER}"
    found = re.fullmatch(pattern, normalise(text))
    return int(found[1]) if found else None
