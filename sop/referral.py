"""Member gets member: personal invitations, who came by them, and when that counts.

An invitation is a join way at WeCom whose `state` names it; it comes back with everybody who
joins by it. Who comes counts once they have stayed, if they are new and the inviter has not
brought too many; what looks organised is left to a person.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sop.community import Community
from sop.effects import (
    AskInvitation,
    CreditReferral,
    Effect,
    HoldReferrals,
    KeepReferral,
    RefuseReferral,
    Reply,
    Tell,
)
from sop.library import Library
from sop.ports import Facts
from sop.referral_ports import InvitationFacts, ReferralFacts
from sop.referral_program import ReferralProgram, referral_program_of
from sop.times import spoken_duration
from sop.unplanned import may_say
from sop.wording import shown

SAME_JOIN = timedelta(minutes=10)
"""Join callbacks and WeCom's list of members may differ by this much about one joining."""
MORNING = time(9)
TOO_MANY_AT_ONCE = "短时间带来很多人，等客户经理核对"
SELF = "自己邀请自己不算"
NOT_NEW = "不是第一次进群的新朋友"
EACH_OTHER = "两个人互相邀请不算"
STATES = {
    "credited": "已计入",
    "waiting": "还没留满天数",
    "held": "等待核对",
    "refused": "不计入",
}
NEVER = (SELF, NOT_NEW, EACH_OTHER)
"""Reasons that lie in the person who came."""
LEFT = "没有留满天数就退群了"
INVITER_LEFT = "介绍人已经不在群里"


def has_referrals(library: Library, community: Community) -> bool:
    """Whether members invite personally here."""
    return referral_program_of(library, community) is not None


def code_of(community: str, member: str) -> str:
    """The code of a member's invitation: for ever the same, and telling nothing of the member.
    At most 30 characters go into a `state` (wecom-protocol.md D.5)."""
    digest = hashlib.sha256(f"qunyun/invite/1/{community}/{member}".encode()).hexdigest()
    return f"i{digest[:20]}"


def invite(facts: Facts, library: Library, community: Community, member: str) -> list[Effect]:
    """邀请: the member's own invitation, which is made when first asked for; and who came by it."""
    program = referral_program_of(library, community)
    if program is None:
        return [Reply("这个群现在没有邀请活动。")]
    known = facts.referrals.invitation(community.id, member)
    if known is not None and known.status == "ready":
        return [Reply(told(facts, library, program, known))]
    # No reply yet: a conversation is answered once, and the answer is the invitation itself.
    return [AskInvitation(community.id, member, code_of(community.id, member))]


def told(
    facts: Facts, library: Library, program: ReferralProgram, invitation: InvitationFacts
) -> str:
    """The invitation with its rules, and what became of those who came by it; the program's own
    words only with a review stamp."""
    days, most = spoken_duration(program.stay), program.most
    community = facts.community(invitation.community)
    here = () if community is None else (community,)
    lines = [
        f"💌 您的专属邀请：[点开二维码]({invitation.qr_code})",
        *([program.invitation] if may_say(facts, library, program, *here) else []),
        f"> 新朋友第一次进群、留满 {days}才计入；每天最多 {most.per_day} 位，"
        f"每月最多 {most.per_month} 位。",
    ]
    place = invitation.community
    mine = [one for one in facts.referrals.of(invitation.member) if one.community == place]
    if mine:
        lines.append(_progress(mine))
    return "\n".join(lines)


def _progress(mine: Sequence[ReferralFacts]) -> str:
    counts = [
        f"{name} {n} 位"
        for status, name in STATES.items()
        if (n := sum(one.status == status for one in mine))
    ]
    why = dict.fromkeys(one.reason for one in mine if one.status == "refused")
    reasons = f"（{'；'.join(why)}）" if why else ""
    return f"已经来了 {len(mine)} 位：{'，'.join(counts)}{reasons}。"


def arrived(
    facts: Facts,
    library: Library,
    community: Community,
    states: Mapping[str, tuple[str, datetime]],
) -> list[Effect]:
    """Members present with the `state` of the way by which they came, and when: those who came
    by an invitation and are not known yet are written down."""
    program = referral_program_of(library, community)
    if program is None:
        return []
    known = facts.referrals.recorded(community.id)
    inviters: dict[str, _Inviter] = {}
    effects: list[Effect] = []
    for member, (code, joined_at) in sorted(states.items(), key=lambda one: (one[1][1], one[0])):
        if member in known or facts.staff(member) is not None:
            continue
        invitation = facts.referrals.invitation_of(code)
        if invitation is None or invitation.community != community.id:
            continue
        inviter = invitation.member
        if inviter not in inviters:
            inviters[inviter] = _Inviter(facts, program, community, inviter)
        effects += inviters[inviter].brings(member, code, joined_at)
    return effects


class _Inviter:
    """Whom one member brought into a community, those of this very reading included."""

    def __init__(
        self, facts: Facts, program: ReferralProgram, community: Community, inviter: str
    ) -> None:
        self._facts = facts
        self._program = program
        self._community = community
        self._id = inviter
        before = [one for one in facts.referrals.of(inviter) if one.community == community.id]
        self._days = [one.day for one in before if one.status != "refused"]
        self._new = [one.joined_at for one in before if one.reason not in NEVER]

    def brings(self, member: str, code: str, joined_at: datetime) -> list[Effect]:
        """Somebody came by this member's invitation."""
        day = joined_at.astimezone(self._community.zone).date()
        never = self._never(member)
        reason = never or self._over(day)
        effects: list[Effect] = []
        status = "refused" if reason else "waiting"
        if not never:
            at_once = self._at_once(joined_at)
            if at_once and not reason:
                status, reason = "held", TOO_MANY_AT_ONCE
            effects = self._suspicion(joined_at) if at_once else []
            self._new.append(joined_at)
        if status != "refused":
            self._days.append(day)
        kept = KeepReferral(self._community.id, self._id, member, code, status, reason, joined_at)
        return [kept, *effects]

    def _never(self, member: str) -> str:
        """Why this person counts for nobody; empty when they may."""
        if member == self._id:
            return SELF
        if self._facts.referrals.inviter_of(self._id) == member:
            return EACH_OTHER
        if self._facts.referrals.been_elsewhere(member, self._community.id):
            return NOT_NEW
        return ""

    def _over(self, day: date) -> str:
        """Which cap is reached; empty when none is."""
        most, days = self._program.most, self._days
        if len(days) >= most.total:
            return f"已经满 {most.total} 位的总数"
        if sum((one.year, one.month) == (day.year, day.month) for one in days) >= most.per_month:
            return f"当月已经满 {most.per_month} 位"
        if sum(one == day for one in days) >= most.per_day:
            return f"当天已经满 {most.per_day} 位"
        return ""

    def _at_once(self, joined_at: datetime) -> int:
        """How many new people came within the burst's span, if those are too many; else 0."""
        since = joined_at - self._program.burst.within
        recent = 1 + sum(one > since for one in self._new)
        return recent if recent >= self._program.burst.joins else 0

    def _suspicion(self, joined_at: datetime) -> list[Effect]:
        """Those who came just before are held as well; the RM hears of it once."""
        burst = self._program.burst
        since = joined_at - burst.within
        held = HoldReferrals(self._community.id, self._id, since, TOO_MANY_AT_ONCE)
        if self._at_once(joined_at) > burst.joins:
            return [held]
        name = shown(_name(self._facts, self._community, self._id))
        text = (
            f"👀 {name}的邀请在 {spoken_duration(burst.within)}内带来了 {burst.joins} 位新人，"
            "先都不计入。请核对是不是真人、是不是本行客户：\n"
            f"> 没问题请发：邀请通过 {name}\n> 有问题请发：邀请作废 {name}"
        )
        return [held, Tell(self._community.owner, text)]


def nightly(facts: Facts, library: Library, community: Community, now: datetime) -> list[Effect]:
    """Whose days are over is credited or refused; the RM hears whom to thank."""
    program = referral_program_of(library, community)
    if program is None:
        return []
    effects: list[Effect] = []
    thanked: Counter[str] = Counter()
    for one in facts.referrals.waiting(community.id, now - program.stay):
        reason = _gone(facts, one)
        if reason:
            effects.append(RefuseReferral(one.id, reason))
        else:
            effects.append(CreditReferral(one.id, community.id, one.inviter, one.invited))
            thanked[one.inviter] += 1
    if thanked:
        text = _good_news(facts, program, community, thanked)
        effects.append(Tell(community.owner, text, not_before=_morning(community, now)))
    return effects


def _morning(community: Community, now: datetime) -> datetime:
    """Good news is no reason to wake somebody."""
    local = now.astimezone(community.zone)
    return datetime.combine(local.date(), MORNING, community.zone).astimezone(UTC)


def _gone(facts: Facts, one: ReferralFacts) -> str:
    """Who did not stay the whole time; empty when both did."""
    invited = facts.member(one.community, one.invited)
    if invited is None or invited.left_at is not None:
        return LEFT
    if invited.joined_at > one.joined_at + SAME_JOIN:
        return LEFT
    inviter = facts.member(one.community, one.inviter)
    return INVITER_LEFT if inviter is None or inviter.left_at is not None else ""


def _good_news(
    facts: Facts, program: ReferralProgram, community: Community, thanked: Mapping[str, int]
) -> str:
    lines = [f"🎉 喜报（{community.name}）：介绍来的新朋友留满了 {spoken_duration(program.stay)}"]
    for inviter, n in sorted(thanked.items(), key=lambda one: (-one[1], one[0])):
        lines.append(f"· {shown(_name(facts, community, inviter))}　{n} 位")
    return "\n".join([*lines, "> 方便时请谢谢他们。"])


def _name(facts: Facts, community: Community, member: str) -> str:
    known = facts.member(community.id, member)
    return known.name if known else ""
