"""What callbacks about customer groups do.

A callback names who came or went and leads from one version of the member list to the next
(wecom-protocol.md D.13). Its word is taken at once unless something newer is known of the person;
where its versions do not fit ours, another one is missing or late, and the group is read again.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.due import Due
from bot.group_reading import close
from bot.limits import quiet_until
from sop import privacy
from sop.community import Community
from sop.effects import Arrive, Depart, Effect, Post, Record
from sop.events import Joined, Left, RosterChanged
from sop.ports import Facts
from sop.rounds import NIGHT
from sop.welcome import welcome
from storage import customers

_EXACT = timedelta(seconds=1)
"""WeCom tells instants in whole seconds."""


def chat_changed(
    tx: Connection, due: Due, event: Joined | Left | RosterChanged, now: datetime
) -> list[Effect]:
    """The effects of one callback."""
    match event:
        case Joined():
            return _joined(due, due.facts(tx), event, now)
        case Left():
            return _left(due.facts(tx), event)
        case RosterChanged(what="dismiss"):
            place = due.facts(tx).community_of_chat(event.chat_id)
            if place is None:
                return [Record("wecom", "群变更", event.chat_id, event.what)]
            return [*close(tx, place, due.settings.staff, event.at, lost=False)]
    return [Record("wecom", "群变更", event.chat_id, event.what)]


def must_read(tx: Connection, event: Joined | Left | RosterChanged) -> bool:
    """Takes over the version that an event leads to. Returns whether its group must be read:
    always after a join, because no callback tells a name or a join way's state."""
    match event:
        case RosterChanged(what="dismiss"):
            return False
        case RosterChanged():
            return True
    fits = bool(event.members and event.version) and customers.advance(
        tx, event.chat_id, event.before, event.version
    )
    return isinstance(event, Joined) or not fits


def _joined(due: Due, facts: Facts, event: Joined, now: datetime) -> list[Effect]:
    community = facts.community_of_chat(event.chat_id)
    if community is None:
        return []
    newcomers = [
        one
        for one in event.members
        if facts.staff(one) is None and not _left_since(facts, community, one, event.at)
    ]
    effects: list[Effect] = [Arrive(community.id, one, at=event.at) for one in newcomers]
    if newcomers:
        hook = welcome(facts, due.library, community, now)
        line, told = privacy.notice(facts, community, newcomers, now)
        more = "\n".join(one for one in (hook, line) if one)
        effects += [_greeting(community, len(newcomers), more, now), *told]
    return effects


def _left(facts: Facts, event: Left) -> list[Effect]:
    community = facts.community_of_chat(event.chat_id)
    if community is None:
        return []
    effects: list[Effect] = []
    for one in event.members:
        stay = facts.member(community.id, one)
        if stay is None or stay.joined_at < event.at + _EXACT:
            effects.append(Depart(community.id, one, event.at))
    return effects


def _left_since(facts: Facts, community: Community, member: str, at: datetime) -> bool:
    stay = facts.member(community.id, member)
    return stay is not None and stay.left_at is not None and stay.left_at > at


def _greeting(community: Community, newcomers: int, more: str, now: datetime) -> Post:
    """At once by day. Whoever comes at night is greeted in the morning, all of them together."""
    count = "新朋友" if newcomers == 1 else f" {newcomers} 位新朋友"
    morning = quiet_until(NIGHT, community.zone, now)
    once = None
    if morning is not None:
        count = "夜里进群的新朋友"
        once = f"greeting/{community.id}/{morning.isoformat()}"
    text = f"👋 欢迎{count}加入{community.name}！"
    return Post(community.id, f"{text}\n{more}".strip(), quiet_hours=NIGHT, once=once)
