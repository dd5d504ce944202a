"""Somebody wrote to the bot: staff type commands, members play, draw and ask.

Default deny: who is not in the configuration is a member at most, and a member has no commands.
"""

from datetime import datetime

from sqlalchemy import Connection

from bot.asked import asked
from bot.due import Due, Moment
from sop import listening, lottery, play, words
from sop.answers import LONGEST
from sop.community import Community
from sop.effects import Arrive, Count, Effect, Reply
from sop.events import Said
from sop.game import Player
from sop.library import Library
from sop.ports import Facts
from sop.word import Asking

STRANGER = "您好，我是社群助手。这里只接受本行同事的指令；有问题请联系您的客户经理。"
NOT_SERVED = "这个群还没有接入群运。请管理员在 config.yaml 里加上 chat_id: "
_SAY, _PLAY = "@我 时可以说：签到、抽奖、我的奖品", "；游戏开始后 @我 作答。"
HELP = _SAY + _PLAY


def said(tx: Connection, due: Due, event: Said, moment: Moment) -> list[Effect]:
    """The effects of one message."""
    facts = due.facts(tx)
    home = facts.community_of_chat(event.chat_id) if event.chat_id else None
    if event.chat_id and home is None:
        return [Reply(f"{NOT_SERVED}{event.chat_id}")]
    staff = facts.staff(event.sender)
    if staff is not None:
        return asked(tx, due, staff, home, event.text, moment)
    if home is None:
        return [Reply(STRANGER)]
    return member_said(facts, due, home, event.sender, event.text, moment.now)


def member_said(
    facts: Facts, due: Due, community: Community, member: str, text: str, now: datetime
) -> list[Effect]:
    """A member's message: counted, then a reply to a gathering, a question about oneself, a draw,
    or a game's move."""
    known = facts.member(community.id, member)
    effects: list[Effect] = []
    if known is None or known.left_at is not None:
        # The join callback is late or lost: who speaks here is here.
        effects.append(Arrive(community.id, member))
    effects.append(Count(community.id, member, "message"))
    player = Player(member, known.name if known else "")
    reply = listening.heard(facts, community, player, text, now)
    if reply is not None:
        return effects + lottery.with_invitation(facts, due.library, community, member, reply, now)
    if len(text) > LONGEST:  # no answer, no keyword: not worth the comparing
        return [*effects, _help(facts, due.library, community, now)]
    word = words.said(text, due.library, community)
    if word is not None:
        asked_for, rest = word
        asking = Asking(facts, due.library, community, player, text, rest, now)
        handled = asked_for.handle(asking)
        return effects + lottery.with_invitation(
            facts, due.library, community, member, handled, now
        )
    answer = lottery.draw(facts, due.library, community, member, text, now)
    if answer is None:
        answer = play.said(facts, due.library, community, player, text, now)
    if answer is None:
        answer = lottery.draw_as_published(facts, community, member, text, now)
    return effects + ([_help(facts, due.library, community, now)] if answer is None else answer)


def _help(facts: Facts, library: Library, community: Community, now: datetime) -> Reply:
    """What may be said to the bot, with what is open just now."""
    more = "".join(f"、{one}" for one in words.offered(library, community))
    line = f"{_SAY}{more}{_PLAY}"
    return Reply("\n".join([line, *listening.open_now(facts, community, now)]))
