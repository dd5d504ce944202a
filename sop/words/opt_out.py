"""退出统计: the member is not counted any more."""

from sop.privacy import OPT_OUT, opt_out
from sop.word import Word

WORD = Word(
    name=OPT_OUT,
    aliases=("不要统计我",),
    handle=lambda one: opt_out(one.facts, one.member),
)
