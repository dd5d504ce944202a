"""Onboarding: a customer comes by a channel, is greeted, checked, invited, and joins.

    added ── gate ──► yes / nobody asks: welcome → introduction → keyword → invitation → joined
                 ├──► no: a polite word; the colleague is told; no prizes
                 └──► no answer: neutral words without an invitation; the gate is asked again

Nobody is let in because the gate is down, and nobody is turned away because of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sop.channel import Channel, channel_for
from sop.community import Community
from sop.effects import (
    Effect,
    FollowUp,
    GreetCustomer,
    HearKeyword,
    InviteCustomer,
    MeetCustomer,
    NudgeCustomer,
    Tell,
    ToldOfCustomer,
)
from sop.library import Library
from sop.onboarding_ports import ArrivalFacts
from sop.ports import Facts
from sop.prepared import WITHHELD
from sop.templates import CommunityWords, Words, render
from sop.times import Weekday, spoken_duration
from sop.unplanned import may_say
from sop.wording import shown

WELCOME_WITHIN = timedelta(seconds=20)
"""WeCom takes first words so long after the adding (wecom-protocol.md D.7)."""
MOST_NAMED = 20
"""Names in one message to a colleague."""
NO_CHANNEL = "其它来源"
UNREVIEWED = "还没有审核章"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewContact:
    """Somebody who has just added a colleague and can be greeted under a code."""

    code: str
    member: str
    staff: str
    state: str
    at: datetime


def met(facts: Facts, member: str, staff: str, state: str, at: datetime) -> list[Effect]:
    """A customer has added a colleague. Colleagues among themselves are no customers."""
    return [] if facts.is_staff(member) else [MeetCustomer(member, staff, state, at)]


def came(
    facts: Facts,
    library: Library,
    community: Community,
    states: Mapping[str, tuple[str, datetime]],
) -> list[Effect]:
    """Members present with the `state` of the way by which they came, and when: those whom a
    channel led straight into the group are written down."""
    effects: list[Effect] = []
    for member, (state, at) in sorted(states.items(), key=lambda one: (one[1][1], one[0])):
        channel = library.channels.get(state)
        if channel is None or channel.way != "group" or facts.is_staff(member):
            continue
        if channel.applies_to.includes(community) and facts.onboarding.arrival(member, "") is None:
            effects.append(MeetCustomer(member, "", state, at))
    return effects


def greeting(
    facts: Facts,
    library: Library,
    every: Sequence[Community],
    contact: NewContact,
    verdict: str,
) -> list[Effect]:
    """The first words, by what the gate said; none for a colleague, or where no file has any.
    Words without a review stamp are not sent: the colleague greets in their own."""
    channel = channel_for(library, every, contact.staff, contact.state)
    if channel is None or channel.welcome is None or facts.is_staff(contact.member):
        return []
    text = {"no": channel.stranger, "waiting": channel.while_checking}.get(verdict, channel.welcome)
    home = channel.home(every, contact.staff)
    if home is not None and not may_say(facts, library, channel, home):
        return _greet_by_hand(facts, contact, UNREVIEWED)
    said = _rendered(facts, channel, text, contact.staff, home, contact.at)
    return [GreetCustomer(contact.code, said, contact.at + WELCOME_WITHIN)]


def not_greeted(
    facts: Facts, library: Library, every: Sequence[Community], contact: NewContact, why: str
) -> list[Effect]:
    """First words could not be sent: the colleague sends them."""
    channel = channel_for(library, every, contact.staff, contact.state)
    if channel is None or facts.staff(contact.staff) is None:
        return []
    text = channel.while_checking
    if facts.onboarding.gate(contact.member) in ("none", "yes") and channel.welcome is not None:
        text = channel.welcome
    home = channel.home(every, contact.staff)
    if home is not None and not may_say(facts, library, channel, home):
        return _greet_by_hand(facts, contact, why)
    said = _rendered(facts, channel, text, contact.staff, home, contact.at)
    note = f"⚠️ 给新客户{_quoted(facts, contact)}的欢迎语没有自动发出（{why}）。请您手动发下面这段："
    return [Tell(contact.staff, note), Tell(contact.staff, said)]


def _greet_by_hand(facts: Facts, contact: NewContact, why: str) -> list[Effect]:
    if facts.staff(contact.staff) is None:
        return []
    who = _quoted(facts, contact)
    text = f"⚠️ 给新客户{who}的欢迎语没有自动发出（{why}）。请您自己跟对方打个招呼。"
    return [Tell(contact.staff, text)]


def _quoted(facts: Facts, contact: NewContact) -> str:
    known = facts.onboarding.arrival(contact.member, contact.staff)
    return f"“{shown(known.name)}”" if known and known.name else ""


# --- what colleagues are told --------------------------------------------------------------------


def told(
    facts: Facts,
    library: Library,
    every: Sequence[Community],
    arrivals: Sequence[ArrivalFacts],
    now: datetime,
) -> list[Effect]:
    """What comes next with each of these; one message for those of one colleague, channel and
    verdict."""
    groups: dict[tuple[str, str, str], list[ArrivalFacts]] = {}
    for one in arrivals:
        groups.setdefault((one.staff or _owner(every, one), one.channel, one.gate), []).append(one)
    effects: list[Effect] = [ToldOfCustomer(one.id) for one in arrivals]
    for (staff, state, gate), group in groups.items():
        if facts.staff(staff) is None:
            continue
        channel = channel_for(library, every, staff, state)
        if gate == "no":
            effects.append(Tell(staff, _strangers(group, channel)))
        elif channel is not None and group[0].staff:
            effects += _next_steps(facts, library, every, staff, channel, group, now)
    return effects


def _owner(every: Sequence[Community], arrival: ArrivalFacts) -> str:
    """Who looks after somebody who came straight into a group."""
    return next((one.owner for one in every if one.id == arrival.community), "")


def _strangers(group: Sequence[ArrivalFacts], channel: Channel | None) -> str:
    title = channel.title if channel else NO_CHANNEL
    return (
        f"🚪 核对下来不是本行客户（来自{title}）：{_named(group)}\n"
        "> 不用邀请进群，也不参加抽奖和游戏奖励。确实是本行客户的，请联系运营更正客户资料，"
        "明天会再核对。"
    )


def _next_steps(
    facts: Facts,
    library: Library,
    every: Sequence[Community],
    staff: str,
    channel: Channel,
    group: Sequence[ArrivalFacts],
    now: datetime,
) -> list[Effect]:
    checked = "，已核对是本行客户" if group[0].gate == "yes" else ""
    lines = [f"🆕 新客户（来自{channel.title}）：{_named(group)}{checked}"]
    waiting = [one for one in group if one.joined_at is None]
    home = channel.home(every, staff)
    if not waiting or home is None:
        return [Tell(staff, lines[0])]
    said = introduction(facts, library, channel, staff, home, now)
    if said is not None:
        lines.append("先别急着拉群，请转发下面的自我介绍。")
    elif channel.introduction is not None:
        lines.append("先别急着拉群；自我介绍还没有审核章，请先用您自己的话介绍。")
    example = shown(waiting[0].name) if waiting[0].name else waiting[0].member
    lines.append(f"> 对方回复“{channel.keyword}”后，请发：邀请 {example}")
    effects: list[Effect] = [Tell(staff, "\n".join(lines))]
    return effects if said is None else [*effects, Tell(staff, said)]


def _named(group: Sequence[ArrivalFacts]) -> str:
    names = [shown(one.name) if one.name else "（还不知道昵称）" for one in group[:MOST_NAMED]]
    more = f" 等 {len(group)} 位" if len(group) > MOST_NAMED else ""
    return "、".join(names) + more


def strangers_inside(community: Community, names: Sequence[str]) -> list[Effect]:
    """People of a group whom the bank does not know: its RM decides."""
    listed = "、".join(shown(one) if one else "（没有昵称）" for one in names[:MOST_NAMED])
    more = f" 等 {len(names)} 位" if len(names) > MOST_NAMED else ""
    text = (
        f"🚪 “{community.name}”里核对下来不是本行客户：{listed}{more}\n"
        "> 他们不参加抽奖和游戏奖励。请核实身份，或按群规客气地请出群。"
    )
    return [Tell(community.owner, text)]


# --- invitation ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a colleague passes on to a customer."""

    community: Community
    text: str
    spoken: bool = True
    """Whether there are words; without a review stamp there is only the way in."""


def invitation(
    facts: Facts,
    library: Library,
    every: Sequence[Community],
    arrival: ArrivalFacts,
    now: datetime,
) -> Invitation | str:
    """The invitation with the way in, or why there is none, in Chinese."""
    name = shown(arrival.name) if arrival.name else "这位客户"
    if arrival.gate == "no":
        return f"{name}核对下来不是本行客户，不能邀请进群。"
    if arrival.gate == "waiting":
        return f"{name}的客户身份还在核对，核对好会告诉您，请过一会儿再邀请。"
    channel = channel_for(library, every, arrival.staff, arrival.channel)
    home = None if channel is None else channel.home(every, arrival.staff)
    if channel is None or home is None:
        return "计划库里没有适合您的渠道（channel），不知道请进哪个群。"
    qr_code = facts.onboarding.way_in(channel.channel, home.id)
    if not qr_code:
        return f"“{home.name}”的入群二维码还没有开出来，请过几分钟再发，或请管理员看渠道列表。"
    if not may_say(facts, library, channel, home):
        return Invitation(home, qr_code, spoken=False)
    said = _rendered(facts, channel, channel.invitation, arrival.staff, home, now)
    return Invitation(home, f"{said}\n{qr_code}")


def invite(
    facts: Facts,
    library: Library,
    every: Sequence[Community],
    arrival: ArrivalFacts,
    now: datetime,
) -> list[Effect]:
    """The colleague gets the invitation alone in a message, ready to be forwarded."""
    found = invitation(facts, library, every, arrival, now)
    if isinstance(found, str):
        return [Tell(arrival.staff, found)]
    name = shown(arrival.name) if arrival.name else "客户"
    note = f"💌 请把下面这段转发给{name}，扫码就能进“{found.community.name}”。"
    if not found.spoken:
        note += "\n> 邀请的话还没有审核章，下面只有二维码，话请您自己写。"
    return [
        InviteCustomer(arrival.member, arrival.staff),
        Tell(arrival.staff, note),
        Tell(arrival.staff, found.text),
    ]


def heard(
    facts: Facts,
    library: Library,
    every: Sequence[Community],
    member: str,
    staff: str,
    text: str,
    now: datetime,
) -> list[Effect]:
    """What a customer wrote to a colleague, where the archive tells it: the keyword asks for the
    invitation. Nothing else is of interest."""
    arrival = facts.onboarding.arrival(member, staff)
    if arrival is None or arrival.joined_at is not None:
        return []
    channel = channel_for(library, every, staff, arrival.channel)
    if channel is None or text.strip() != channel.keyword:
        return []
    return [HearKeyword(member, staff), *invite(facts, library, every, arrival, now)]


# --- silence -------------------------------------------------------------------------------------


def silent(facts: Facts, library: Library, community: Community, now: datetime) -> list[Effect]:
    """Who was added and has not come into this community: a follow-up for the colleague, once."""
    effects: list[Effect] = []
    every = facts.communities()
    for name in sorted(library.channels):
        channel = library.channels[name]
        if not channel.applies_to.includes(community):
            continue
        staff = [
            one
            for one in channel.colleagues(every)
            if (home := channel.home(every, one)) is not None and home.id == community.id
        ]
        for one in facts.onboarding.silent(name, staff, now - channel.silence):
            effects += _nudge(facts, library, community, channel, one, now)
    return effects


def _nudge(
    facts: Facts,
    library: Library,
    community: Community,
    channel: Channel,
    arrival: ArrivalFacts,
    now: datetime,
) -> list[Effect]:
    since = spoken_duration(channel.silence).strip()
    script = introduction(facts, library, channel, arrival.staff, community, now)
    withheld = WITHHELD if script is None and channel.introduction is not None else ""
    done = "邀请过，还没进群" if arrival.invited_at else "还没邀请进群"
    reason = (
        f"来自{channel.title}，加好友 {since}了，{done}{withheld}。"
        f"对方愿意的话，请发：邀请 {arrival.member}"
    )
    return [
        NudgeCustomer(arrival.member, arrival.staff),
        FollowUp(
            community=community.id,
            member=arrival.member,
            staff=arrival.staff,
            reason=reason,
            due_at=now + _DAY,
            key=f"silence/{arrival.id}",
            script=script or "",
            source="silence",
        ),
    ]


# --- words ---------------------------------------------------------------------------------------


def _rendered(
    facts: Facts,
    channel: Channel,
    text: str,
    staff: str,
    home: Community | None,
    now: datetime,
    more: Mapping[str, str] | None = None,
) -> str:
    colleague = facts.staff(staff)
    local = now.astimezone(home.zone if home else ZoneInfo("Asia/Shanghai"))
    filled = Words(
        community=CommunityWords(home.name if home else ""),
        date=f"{local.month}月{local.day}日",
        weekday=Weekday(local.weekday()).chinese,
        owner=colleague.name if colleague else staff,
        bot=home.heard_as if home else "",
        own={**channel.variables, **(more or {})},
    )
    return render(text, filled).strip()


def introduction(
    facts: Facts, library: Library, channel: Channel, staff: str, home: Community, now: datetime
) -> str | None:
    """How a colleague introduces themselves to who came by a channel; None where nothing is
    written for it, or no reviewer has stamped it."""
    if channel.introduction is None or not may_say(facts, library, channel, home):
        return None
    return _rendered(facts, channel, channel.introduction, staff, home, now)


def lead_text(
    facts: Facts,
    channel: Channel,
    text: str,
    staff: str,
    home: Community | None,
    now: datetime,
    *,
    member: str,
    benefit: str,
) -> str:
    """A text for one lead, who is called `member`."""
    return _rendered(facts, channel, text, staff, home, now, {"member": member, "benefit": benefit})
