"""Gatherings at work: whose keyword a member said, whose time has come.

A reply counts until the gathering closes; the last one stands. Staff and those who left count in
nothing. While a community is paused its gatherings still listen, but say nothing by themselves:
what fell due then is done on resuming, as after any time that the bot was away, without the
reminders that have become pointless.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from pydantic import ValidationError

from sop.community import Community
from sop.effects import CloseGathering, Count, Effect, KeepReply, Reply
from sop.game import Player
from sop.gathering import Gathering, Hearing, Listening, Sitting, goes_on
from sop.gathering_words import after_keyword
from sop.ports import Facts, GatheringFacts
from sop.steps import step_kinds

RECENT = timedelta(days=1)
"""For so long who comes too late is told that, and not just what the bot can do."""


def heard(
    facts: Facts, community: Community, member: Player, text: str, now: datetime
) -> list[Effect] | None:
    """A member's reply to a gathering; None when the text begins with no keyword of one."""
    called = _called(facts.gatherings(community.id, now - RECENT), text, now)
    if called is None:
        return None
    gathering, kind, keyword, words = called
    if not _is_open(gathering, now):
        return [Reply(f"{kind.title}“{kind.headline}”已经截止，下次早点来。")]
    before = facts.reply(gathering.id, member.id)
    sitting = Sitting(facts, community, gathering, now)
    answer = kind.heard(Hearing(sitting, member, keyword, words, before))
    if answer.value is None:
        return [Reply(answer.reply)]
    return [
        KeepReply(gathering.id, member.id, answer.value),
        Count(community.id, member.id, "answer"),
        Reply(answer.reply),
        *answer.effects,
    ]


def open_now(facts: Facts, community: Community, now: datetime) -> list[str]:
    """How to take part in what is open, newest first: `投票“下期想听什么”：请发“@群运 投票 2”`."""
    lines = []
    for gathering in facts.gatherings(community.id, now):
        kind = kind_of(gathering)
        if kind is not None and _is_open(gathering, now):
            how = kind.how(community, gathering.phase)
            lines += [f"{kind.title}“{kind.headline}”：{how}"] if how else []
    return lines


def tick(
    facts: Facts, community: Community, gathering: GatheringFacts, now: datetime
) -> list[Effect]:
    """One of its alarms, or its end. Of alarms that were missed only the last is rung."""
    kind = kind_of(gathering)
    if kind is None:
        return [CloseGathering(gathering.id, "程序已不认识它的规则", {})]
    sitting = Sitting(facts, community, gathering, now)
    if now >= gathering.closes_at:
        return kind.closing(sitting)
    turn = goes_on(kind, sitting, gathering.phase, gathering.closes_at)
    return [turn, *kind.rings(sitting)]


def kind_of(gathering: GatheringFacts) -> Gathering | None:
    """The rules that it was opened with; None when this version of the program has lost them."""
    return _read(gathering.kind, json.dumps(gathering.options))


@lru_cache(maxsize=256)  # asked for every message while one is open
def _read(kind: str, options: str) -> Gathering | None:
    found = step_kinds().get(kind)
    if found is None or not issubclass(found, Gathering):
        return None
    try:
        return found.model_validate_json(options)
    except ValidationError:
        return None


def _is_open(gathering: GatheringFacts, now: datetime) -> bool:
    return gathering.closed_at is None and now < gathering.closes_at


def _called(
    gatherings: Sequence[GatheringFacts], text: str, now: datetime
) -> tuple[GatheringFacts, Listening, str, str] | None:
    """Whom a text calls: what is open before what is closed, the longer keyword, the newer."""
    found = []
    for gathering in gatherings:
        kind = kind_of(gathering)
        if not isinstance(kind, Listening):
            continue
        for keyword in kind.keywords(gathering.phase):
            words = after_keyword(text, keyword)
            if words is not None:
                found.append((gathering, kind, keyword, words))
    return max(found, key=lambda one: (_is_open(one[0], now), len(one[2])), default=None)
