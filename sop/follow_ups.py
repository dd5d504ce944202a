"""Follow-ups (跟进): who holds a task, what ends it by itself, and whom the nightly rules hand to
their RMs.

A task is about one member in one community. Someone always answers for it: where a colleague may
no longer act there, it goes to the community's owner.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sop.choosing import UNDISTURBED
from sop.community import Community, Member, Role, Staff
from sop.effects import Effect, EndFollowUp, FollowUp, HandFollowUp, Tell
from sop.follow_rule import FollowRule
from sop.follow_up_ports import FollowUpFacts
from sop.gathering import WORKDAY_ENDS
from sop.prepared import RISK_NOTICE, WITHHELD
from sop.segment import explain
from sop.templates import CommunityWords, Words, render
from sop.times import Weekday
from sop.unplanned import may_say
from sop.workdays import UnknownYear

if TYPE_CHECKING:
    from sop.library import Library
    from sop.ports import Facts

SYSTEM = "system"
"""Who ended a task that nobody decided about."""
_HOLDERS = frozenset({Role.RM, Role.OPERATOR})
_DAY = timedelta(days=1)
_MOST_DAYS_LATE = 250


def may_hold(facts: "Facts", staff: Staff, community: str, member: str) -> bool:
    """Whether a colleague may be given a task about a member of a community: they act there, or
    have the member as a contact."""
    if not staff.roles & _HOLDERS:
        return False
    return staff.may_see(community) or staff.id in facts.follow_ups.friends_of(member)


def rule_prefix(rule: str) -> str:
    """With what the keys of a rule's tasks begin."""
    return f"rule/{rule}/"


def workday_end(facts: "Facts", community: Community, now: datetime, days: int) -> datetime:
    """The end of the n-th working day from today on, today being the first if it is one; where
    the calendar ends, of so many days."""
    today = now.astimezone(community.zone).date()
    try:
        last = facts.payable_on(today - _DAY, days)
    except UnknownYear:
        last = today + (days - 1) * _DAY
    return datetime.combine(last, time(WORKDAY_ENDS), community.zone)


def days_late(facts: "Facts", due_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    """How many working days have begun since the one on which it was due; days of the week where
    the calendar ends."""
    due, today = due_at.astimezone(zone).date(), now.astimezone(zone).date()
    try:
        for days in range(_MOST_DAYS_LATE):
            if facts.payable_on(due, days + 1) > today:
                return days
    except UnknownYear:
        return max((today - due).days, 0)
    return _MOST_DAYS_LATE


def nightly(
    facts: "Facts", library: "Library", community: Community, now: datetime
) -> list[Effect]:
    """What ends by itself, what passes on to the owner, and whom the rules find."""
    return [*_settled(facts, community), *_found(facts, library, community, now)]


def _settled(facts: "Facts", community: Community) -> Iterator[Effect]:
    passed: list[FollowUpFacts] = []
    for one in facts.follow_ups.open_in(community.id):
        why = over(facts, one)
        if why:
            yield EndFollowUp(one.key, "dropped", SYSTEM, why)
        elif not _answered_for(facts, one) and one.staff != community.owner:
            passed.append(one)
            yield HandFollowUp(one.key, community.owner, one.staff)
    if passed:
        yield Tell(
            community.owner,
            f"📞 “{community.name}”有 {len(passed)} 条跟进没有人负责了，转给您。\n> 看名单：跟进",
        )


def over(facts: "Facts", one: FollowUpFacts) -> str:
    """Why an open task is pointless by now; empty while it is not."""
    stay = facts.member(one.community, one.member)
    here = stay is not None and stay.left_at is None
    if one.source == "silence":
        if here:
            return "已经进群"
        if not facts.is_customer(one.member):
            return "已经不是好友"
    elif not here:
        return "已退群"
    if one.source != "command" and facts.privacy.opted_out(one.member):
        return "已退出统计"
    return ""


def _answered_for(facts: "Facts", one: FollowUpFacts) -> bool:
    staff = facts.staff(one.staff)
    if staff is None:
        return False
    # Whom a colleague has just got to know is that colleague's to bring in, whosever the group is.
    return one.source == "silence" or may_hold(facts, staff, one.community, one.member)


def _found(
    facts: "Facts", library: "Library", community: Community, now: datetime
) -> Iterator[Effect]:
    taken: set[str] = set()
    for rule in sorted(library.follow_rules.values(), key=lambda one: (one.priority, one.follow)):
        if not rule.applies_to.includes(community):
            continue
        lately = facts.follow_ups.lately(rule.follow, now - rule.cool_down)
        without = [*rule.who.without_tags, UNDISTURBED]
        who = rule.who.model_copy(update={"without_tags": without})
        free = [
            one
            for one in facts.choose(community.id, who, now)
            if one.id not in lately and one.id not in taken
        ]
        for member in free[: rule.at_most]:
            taken.add(member.id)
            yield _task(facts, library, rule, community, member, now)


def _task(
    facts: "Facts",
    library: "Library",
    rule: FollowRule,
    community: Community,
    member: Member,
    now: datetime,
) -> FollowUp:
    numbers = "；".join(explain(facts, rule.who, member, now))
    day = now.astimezone(community.zone).date()
    staff = facts.follow_ups.rm_of(community.id, member.id)
    held = not may_say(facts, library, rule, community)
    return FollowUp(
        community=community.id,
        member=member.id,
        staff=staff,
        reason=f"{rule.reason}：{numbers}{WITHHELD if held else ''}",
        due_at=workday_end(facts, community, now, rule.due),
        key=f"{rule_prefix(rule.follow)}{community.id}/{member.id}/{day}",
        priority=rule.priority,
        script="" if held else _script(facts, library, rule, community, staff, day),
        source="rule",
    )


def _script(
    facts: "Facts",
    library: "Library",
    rule: FollowRule,
    community: Community,
    staff: str,
    day: date,
) -> str:
    """What the RM may say; `owner` is whoever follows up."""
    if rule.script is None:
        return ""
    script = library.scripts[rule.script]
    colleague = facts.staff(staff)
    words = Words(
        community=CommunityWords(community.name),
        date=f"{day.month}月{day.day}日",
        weekday=Weekday(day.weekday()).chinese,
        owner=colleague.name if colleague else staff,
        bot=community.heard_as,
        own=script.variables,
    )
    filled = render(script.text, words).strip()
    return f"{filled}\n\n{RISK_NOTICE}" if script.risk_notice else filled
