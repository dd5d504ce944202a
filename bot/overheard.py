"""What a member wrote in a customer group, as the message archive has it: counted, and taken for an
answer where one is awaited. It was not said to the bot, which cannot answer there; so nothing is
drawn, claimed or redeemed by it."""

from bot.due import Due
from sop import listening, play
from sop.answers import LONGEST
from sop.community import Community
from sop.effects import Arrive, Count, Effect, Reply
from sop.events import Said
from sop.game import Player
from sop.members_words import CHECK_IN
from sop.ports import Facts
from sop.privacy import OPT_OUT
from sop.word import Asking
from sop.words import all_words

KNOWN = (CHECK_IN, OPT_OUT)
"""Words that need no answer to be of use."""


def overheard(facts: Facts, due: Due, event: Said) -> list[Effect]:
    """The effects of one archived message, judged by the instant at which it was written."""
    community = facts.community_of_chat(event.chat_id) if event.chat_id else None
    if community is None or not community.archived or facts.is_staff(event.sender):
        return []
    member = event.sender
    known = facts.member(community.id, member)
    effects: list[Effect] = []
    if known is None or (known.left_at is not None and known.left_at < event.at):
        # The join callback is late or lost: who wrote here was here.
        effects.append(Arrive(community.id, member, at=event.at))
    effects.append(Count(community.id, member, "message", event.at))
    if not 0 < len(event.text) <= LONGEST:
        return effects
    player = Player(member, known.name if known else "")
    return effects + [
        one for one in _answer(facts, due, community, player, event) if not isinstance(one, Reply)
    ]


def _answer(
    facts: Facts, due: Due, community: Community, player: Player, event: Said
) -> list[Effect]:
    text, at = event.text, event.at
    reply = listening.heard(facts, community, player, text, at)
    if reply is not None:
        return reply
    for name in KNOWN:
        word = all_words()[name]
        if word.rest_of(text) == "" and word.offered(due.library, community):
            asking = Asking(facts, due.library, community, player, text, "", at)
            return list(word.handle(asking))
    return play.said(facts, due.library, community, player, text, at) or []
