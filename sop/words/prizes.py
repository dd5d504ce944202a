"""我的奖品: the member's own prizes, without codes."""

from sop.prizes import MY_PRIZES, my_prizes
from sop.word import Word, always

WORD = Word(
    name=MY_PRIZES,
    handle=lambda one: my_prizes(one.facts, one.community, one.member, one.now),
    helps=always,
)
