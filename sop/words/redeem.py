"""兑换: what points are good for; 兑换 3 takes it."""

import re
import unicodedata

from sop.effects import Effect
from sop.numerals import rewrite
from sop.points import redeem
from sop.points_words import has_redemptions, redemption_list
from sop.word import Asking, Word, always

_NUMBER = re.compile(r"第?([0-9]{1,4})(?:号|份|个|项)?[。!！]?")


def _handle(asking: Asking) -> list[Effect]:
    typed = rewrite(unicodedata.normalize("NFKC", asking.rest).strip())
    number = _NUMBER.fullmatch(typed)
    if number is None:
        return redemption_list(asking.facts, asking.library, asking.community, asking.member)
    return redeem(
        asking.facts,
        asking.library,
        asking.community,
        asking.member,
        int(number[1]),
        asking.now.isoformat(),
        asking.now,
    )


WORD = Word(
    name="兑换",
    aliases=("积分兑换",),
    handle=_handle,
    takes=True,
    offered=has_redemptions,
    helps=always,
)
