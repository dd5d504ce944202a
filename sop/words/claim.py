"""领取: the member takes the own prizes."""

from sop.prizes import CLAIM, claim_in_chat, to_take
from sop.word import Word

WORD = Word(
    name=CLAIM,
    aliases=("领取奖品", "领奖"),
    handle=lambda one: claim_in_chat(one.facts, one.community, one.member, one.now),
    helps=lambda one: bool(to_take(one.facts, one.community, one.member, one.now)),
)
