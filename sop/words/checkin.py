"""签到: counts a check-in, in quiet games too, and tells what it earned."""

from sop import play
from sop.effects import Effect, Reply
from sop.members_words import CHECK_IN, check_in
from sop.points import earned
from sop.word import Asking, Word, always, in_one_reply


def _handle(asking: Asking) -> list[Effect]:
    facts, community, player = asking.facts, asking.community, asking.player
    checked = check_in(facts, community, player.id, asking.now)
    counted = play.said_beside(facts, asking.library, community, player, asking.text, asking.now)
    given = earned(facts.points, asking.library, {community.id: community}, checked, asking.now)
    points = sum(one.points for one in given)
    told: list[Effect] = [Reply(f"积分 +{points}。")] if points else []
    return in_one_reply([*checked, *told, *(counted or [])])


WORD = Word(name=CHECK_IN, handle=_handle, helps=always)
