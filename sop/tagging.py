"""Nightly labels (标签规则): who comes under a rule is labelled, who no longer does is not.

People come first: a rule takes off only what it put on itself, and what somebody took off it does
not put on again for a while. A label belongs to the member and not to a community: who comes
under a rule in any of their communities wears it.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sop.community import Community
from sop.effects import Effect, Tag, Untag
from sop.ports import Facts
from sop.segment import TagRule

if TYPE_CHECKING:
    from sop.library import Library

NIGHT = time(3, 30)
"""When the rules are applied: nobody acts then, and the day before is over."""
RESPECTED_FOR = timedelta(days=90)
"""So long a rule does not put on again what somebody took off."""
_DAY = timedelta(days=1)


def last_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The latest instant, not after `now`, at which the rules were to be applied."""
    today = now.astimezone(zone).date()
    at = datetime.combine(today, NIGHT, zone)
    return at if at <= now else datetime.combine(today - _DAY, NIGHT, zone)


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The first such instant after `now`."""
    return datetime.combine(last_night(now, zone).date() + _DAY, NIGHT, zone)


def nightly(facts: Facts, library: "Library", community: Community, now: datetime) -> list[Effect]:
    """What all rules change about the present members of a community."""
    rules = sorted(library.tag_rules.values(), key=lambda rule: rule.tag)
    return [effect for rule in rules for effect in _apply(facts, rule, community, now)]


def rule_name(rule: TagRule) -> str:
    """Who labels, as the label's history has it."""
    return f"rule:{rule.tag}"


def _apply(facts: Facts, rule: TagRule, community: Community, now: datetime) -> list[Effect]:
    chosen = [one.id for one in facts.choose(community.id, rule.who, now)]
    worn = facts.wearing(community.id, rule.tag)
    refused = facts.taken_off(community.id, rule.tag, now - RESPECTED_FOR)
    name = rule_name(rule)
    reason = f"{rule.reason}（{now.astimezone(community.zone):%Y-%m-%d}）"
    effects: list[Effect] = [
        Tag(member, rule.tag, name, reason)
        for member in chosen
        if member not in worn and not set(refused.get(member, ())) - {name}
    ]
    if rule.keep:
        return effects
    gone = _no_longer(facts, rule, community, chosen, worn, now)
    return [*effects, *(Untag(member, rule.tag, name) for member in gone)]


def _no_longer(
    facts: Facts,
    rule: TagRule,
    community: Community,
    chosen: list[str],
    worn: Mapping[str, str],
    now: datetime,
) -> list[str]:
    """Who wears the rule's label and comes under it in none of their communities."""
    elsewhere: dict[str, set[str]] = {}

    def chosen_in(other: str) -> set[str]:
        if other not in elsewhere:
            elsewhere[other] = {one.id for one in facts.choose(other, rule.who, now)}
        return elsewhere[other]

    here = set(chosen)
    return [
        member
        for member, by in sorted(worn.items())
        if by == rule_name(rule)
        and member not in here
        and not any(
            member in chosen_in(other)
            for other in sorted(facts.communities_of(member))
            if other != community.id
        )
    ]
