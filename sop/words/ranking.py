"""积分榜: who has earned most, with names masked; 积分榜 隐藏 leaves the member out of it."""

from sop.answers import normalise
from sop.effects import Effect, HideFromRanking, Reply
from sop.points_words import has_program, ranking
from sop.word import Asking, Word, always


def _handle(asking: Asking) -> list[Effect]:
    if normalise(asking.rest) in ("隐藏", "隐身", "退出"):
        text = "好的，积分榜上不再有您，积分照常。想回来请发“积分榜 显示”。"
        return [HideFromRanking(asking.member, True), Reply(text)]
    if normalise(asking.rest) in ("显示", "加入"):
        return [HideFromRanking(asking.member, False), Reply("好的，积分榜上又有您了。")]
    return ranking(asking.facts, asking.library, asking.community, asking.member)


WORD = Word(
    name="积分榜",
    aliases=("积分排行", "积分排名"),
    handle=_handle,
    takes=True,
    offered=has_program,
    helps=always,
)
