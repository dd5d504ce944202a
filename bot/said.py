"""Somebody wrote to the bot: staff type commands, members play, draw and ask.

Default deny: who is not in the configuration is a member at most, and a member has no commands.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.asked import asked
from bot.due import Due, Moment
from bot.practised import practised
from sop import listening, lottery, play, words
from sop.answers import LONGEST
from sop.community import Community, Member
from sop.effects import Arrive, Count, Effect, Reply
from sop.events import Said
from sop.game import Player
from sop.ports import Facts
from sop.word import Asking

STRANGER = "您好，我是社群助手。这里只接受本行同事的指令；有问题请联系您的客户经理。"
NOT_SERVED = "这个群还没有接入群运。请管理员在 config.yaml 里加上 chat_id: "
_SAY, _PLAY = "@我 时可以说：", "；游戏开始后 @我 作答。"


def said(tx: Connection, due: Due, event: Said, moment: Moment) -> list[Effect]:
    """The effects of one message."""
    facts = due.facts(tx)
    home = facts.community_of_chat(event.chat_id) if event.chat_id else None
    if event.chat_id and home is None:
        return [Reply(f"{NOT_SERVED}{event.chat_id}")]
    staff = facts.staff(event.sender)
    if staff is not None:
        told = practised(tx, due, staff, event.text, moment) if home is None else None
        if told is not None:
            return told
        return asked(tx, due, staff, home, event.text, moment)
    if home is None:
        return [Reply(STRANGER)]
    return member_said(facts, due, home, event.sender, event.text, moment.now)


def counted(known: Member | None, community: Community, member: str) -> list[Effect]:
    """What every message of a member is, answered or not: somebody who is here and has spoken."""
    effects: list[Effect] = []
    if known is None or known.left_at is not None:
        # The join callback is late or lost: who speaks here is here.
        effects.append(Arrive(community.id, member))
    return [*effects, Count(community.id, member, "message")]


def member_said(
    facts: Facts, due: Due, community: Community, member: str, text: str, now: datetime
) -> list[Effect]:
    """A member's message: counted, then a reply to a gathering, a question about oneself, a draw,
    or a game's move."""
    known = facts.member(community.id, member)
    effects = counted(known, community, member)
    player = Player(member, known.name if known else "")
    reply = listening.heard(facts, community, player, text, now)
    if reply is not None:
        return effects + lottery.with_invitation(facts, due.library, community, member, reply, now)
    asking = Asking(facts, due.library, community, player, text, "", now)
    if len(text) > LONGEST:  # no answer, no keyword: not worth the comparing
        return [*effects, _help(asking)]
    word = words.said(text, due.library, community)
    if word is not None:
        asked_for, rest = word
        handled = asked_for.handle(replace(asking, rest=rest))
        return effects + lottery.with_invitation(
            facts, due.library, community, member, handled, now
        )
    answer = lottery.draw(facts, due.library, community, member, text, now)
    if answer is None:
        answer = play.said(facts, due.library, community, player, text, now)
    if answer is None:
        answer = lottery.draw_as_published(facts, community, member, text, now)
    return effects + ([_help(asking)] if answer is None else answer)


def _help(asking: Asking) -> Reply:
    """What may be said to the bot, with what is open just now."""
    facts, community, now = asking.facts, asking.community, asking.now
    draws = lottery.keywords(facts, asking.library, community, now)
    known = dict.fromkeys([*draws, *words.offered(asking)])
    line = f"{_SAY}{'、'.join(known)}{_PLAY}"
    return Reply("\n".join([line, *listening.open_now(facts, community, now)]))
