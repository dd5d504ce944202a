"""Nightly labels (标签规则): who comes under a rule is labelled, who no longer does is not.

People come first: a rule takes off only what it put on itself, and what somebody took off it does
not put on again for a while. A label belongs to the member and not to a community: who comes
under a rule in any of their communities wears it.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sop.community import Community, Member
from sop.effects import Effect, Tag, Untag
from sop.ports import Facts
from sop.segment import TagRule, explain

if TYPE_CHECKING:
    from sop.library import Library

NIGHT = time(3, 30)
"""When the rules are applied: nobody acts then, and the day before is over."""
RESPECTED_FOR = timedelta(days=90)
"""So long a rule does not put on again what somebody took off."""
EXPIRY = "expiry"
"""Who took a label off whose time was over, as its history has it."""
LONGEST_REMARK = 20
"""Characters (wecom-protocol.md D.2)."""
LONGEST_DESCRIPTION = 150
_RULE = "rule:"
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
    """What all rules change about the present members of a community, and whose labels are over."""
    rules = sorted(library.tag_rules.values(), key=lambda rule: rule.tag)
    changes = [effect for rule in rules for effect in _apply(facts, rule, community, now)]
    # A rule that takes its label off again by itself needs no last day.
    following = {rule_name(rule) for rule in rules if not rule.keep}
    today = now.astimezone(community.zone).date()
    over = [
        Untag(member, tag, EXPIRY)
        for member, tag, by in facts.expired_labels(community.id, today)
        if by not in following
    ]
    return [*changes, *over]


def rule_name(rule: TagRule) -> str:
    """Who labels, as the label's history has it."""
    return f"{_RULE}{rule.tag}"


def source_of(by: str) -> str:
    """rule, step or staff: of whom labels (`rule:沉睡`, `plan/step`, a userid) in one word."""
    if by.startswith(_RULE):
        return "rule"
    return "step" if "/" in by else "staff"


def last_day(library: "Library", tag: str, today: date) -> date | None:
    """The local day on which a label put on today is taken off; None: it stays."""
    said = library.label(tag)
    return today + said.keeps if said and said.keeps else None


def _apply(facts: Facts, rule: TagRule, community: Community, now: datetime) -> list[Effect]:
    members = facts.choose(community.id, rule.who, now)
    chosen = [one.id for one in members]
    worn = facts.wearing(community.id, rule.tag)
    refused = facts.taken_off(community.id, rule.tag, now - RESPECTED_FOR)
    name = rule_name(rule)
    effects: list[Effect] = [
        Tag(member.id, rule.tag, name, _reason(facts, rule, member, community, now))
        for member in members
        if member.id not in worn and not set(refused.get(member.id, ())) - {name, EXPIRY}
    ]
    if rule.keep:
        return effects
    gone = _no_longer(facts, rule, community, chosen, worn, now)
    return [*effects, *(Untag(member, rule.tag, name) for member in gone)]


def _reason(
    facts: Facts, rule: TagRule, member: Member, community: Community, now: datetime
) -> str:
    """The rule's own words, the member's numbers, and the day."""
    numbers = "；".join(explain(facts, rule.who, member, now))
    return f"{rule.reason}：{numbers}，{now.astimezone(community.zone):%Y-%m-%d}"


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
