"""恢复统计: the member is counted again."""

from sop.privacy import OPT_IN, opt_in
from sop.word import Word

WORD = Word(name=OPT_IN, aliases=("重新统计我",), handle=lambda one: opt_in(one.member))
