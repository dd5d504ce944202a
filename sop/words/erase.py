"""删除我的数据: the member asks to be erased; 确定 makes it a request, 撤回 takes it back.

确认删除 without the rest says only what it would mean, and what exactly to say.
"""

from sop.answers import normalise
from sop.effects import Effect
from sop.privacy import ERASE, ask_erasure, take_back_erasure
from sop.word import Asking, Word


def _handle(asking: Asking) -> list[Effect]:
    rest = normalise(asking.rest)
    if rest in ("撤回", "取消", "不删了"):
        return take_back_erasure(asking.facts, asking.member)
    sure = rest in ("确定", "确认", "确定删除", "确认删除")
    return ask_erasure(asking.facts, asking.community, asking.member, sure, asking.now)


WORD = Word(
    name=ERASE,
    aliases=("删除我的信息", "确认删除", "确定删除"),
    handle=_handle,
    takes=True,
)
