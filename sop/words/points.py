"""积分: what the member has, and what it is good for."""

from sop.points_words import balance, has_program
from sop.word import Word, always

WORD = Word(
    name="积分",
    aliases=("我的积分", "查积分"),
    handle=lambda one: balance(one.facts, one.library, one.community, one.member, one.now),
    offered=has_program,
    helps=always,
)
