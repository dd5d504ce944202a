"""查: one member on one card, and the question which of several equal names is meant.

The card is for the phone: who this is and where they stand, what they did lately, what they were
given, and what somebody still has to do about them. A section without anything says so in a word
or is left out.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot import agenda, labels
from bot.command import Request
from bot.commands.points import points_line
from bot.customers import Customer, community_names, name_for
from sop.effects import Button, Effect, Tell
from sop.explain import STAGES, VALUES
from sop.money import yuan
from sop.prizes import prize_state, prize_title
from storage import consent, customers, follow_ups, member_card, relations

BUTTON = "member|"
"""How the keys begin of the buttons that tell equal names apart."""
MOST_BUTTONS = 6
"""That WeCom takes on a card."""
_WEEKS = 8
_BARS = "▁▂▃▄▅▆▇█"
_LOOKED_BACK = timedelta(days=400)
_MOST_PRIZES = 3
_MOST_FOLLOW_UPS = 3
_BUTTON_LENGTH = 10


def card(request: Request, customer: Customer) -> str:
    """Everything about a member that this reader may see."""
    sections = [
        f"**{name_for(request, customer)}**",
        *_stays(request, customer),
        *_activity(request, customer),
        *_labels(request, customer),
        *_prizes(request, customer),
        *_points(request, customer),
        *_follow_ups(request, customer),
        *_contacts(request, customer),
        *_wishes(request, customer),
    ]
    return "\n".join(sections)


def which(request: Request, typed: str, found: Sequence[Customer]) -> list[Effect]:
    """Asks which of several is meant: one button for each."""
    offered = found[:MOST_BUTTONS]
    lines = [
        f"{number}. {name_for(request, one)}（{_told_apart(request, one)}）"
        for number, one in enumerate(offered, start=1)
    ]
    if len(found) > len(offered):
        lines.append("还有更多，请把名字写全，或者加上社群名。")
    buttons = tuple(
        Button(_short(f"{number} {name_for(request, one)}"), f"{BUTTON}{one.id}")
        for number, one in enumerate(offered, start=1)
    )
    title = f"叫“{typed[:12]}”的有 {len(found)} 位，看哪一位？"
    if len(found) > MOST_BUTTONS:
        title = f"叫“{typed[:12]}”的不止 {MOST_BUTTONS} 位，看哪一位？"
    return [Tell(request.sender.id, "\n".join(lines), title, buttons)]


def _short(text: str) -> str:
    return text if len(text) <= _BUTTON_LENGTH else f"{text[: _BUTTON_LENGTH - 1]}…"


def _told_apart(request: Request, customer: Customer) -> str:
    names = community_names(request.communities)
    return "；".join(
        f"{names[stay.community]}，{_day(stay.joined_at, request)}入群" for stay in customer.stays
    )


def _stays(request: Request, customer: Customer) -> list[str]:
    names = community_names(request.communities)
    today = _today(request)
    lines = []
    for stay in customer.stays:
        days = (today - agenda.local(stay.joined_at, request.zone).date()).days
        here = f"{days} 天" if days else "今天"
        by = _invitor(request, stay.community, customer.id)
        lines.append(f"{names[stay.community]}：{_day(stay.joined_at, request)}入群（{here}）{by}")
        standing = request.facts.standings.of(stay.community, customer.id)
        if standing is not None and standing.stage != "left":
            told = f"{STAGES[standing.stage]}，{VALUES[standing.value]}客户"
            lines.append(f"> {told}：{'；'.join(standing.why)}")
    return lines


def _invitor(request: Request, community: str, member: str) -> str:
    """By which colleague; a member who invited another stands in the referrals."""
    invitor = customers.invitor_of(request.tx, community, member)
    known = request.facts.staff(invitor)
    name = known.name if known else f" {invitor} "
    return f"，由{name}邀请" if invitor else ""


def _activity(request: Request, customer: Customer) -> list[str]:
    places = [one.community for one in customer.stays]
    last = member_card.last_action(request.tx, customer.id, places, _today(request) - _LOOKED_BACK)
    if last is None:
        return ["活跃：还没有参与过"]
    monday = _today(request) - timedelta(days=_today(request).weekday())
    first = monday - timedelta(weeks=_WEEKS - 1)
    days = member_card.actions(request.tx, customer.id, places, first)
    weeks = [0] * _WEEKS
    for day, count in days.items():
        weeks[(day - first).days // 7] += count
    at = f"{_day(last, request)} {agenda.local(last, request.zone):%H:%M}"
    return [f"活跃：{sparkline(weeks)} 近 {_WEEKS} 周 {sum(weeks)} 次，最近 {at}"]


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each count, the highest for the largest; nothing done is the lowest."""
    most = max(counts)
    if not most:
        return _BARS[0] * len(counts)
    top = len(_BARS) - 1
    return "".join(_BARS[-(-count * top // most)] for count in counts)


def _labels(request: Request, customer: Customer) -> list[str]:
    lines = labels.lines(request.tx, request.facts, customer.id, request.zone)
    return ["标签", *lines] if lines else ["标签：还没有"]


def _prizes(request: Request, customer: Customer) -> list[str]:
    prizes = request.facts.payouts.prizes(customer.id)
    if not prizes:
        return ["奖品：还没有"]
    total = yuan(sum(one.amount_fen for one in prizes))
    today = _today(request)
    lines = [f"· {prize_title(one)}，{prize_state(one, today)}" for one in prizes[:_MOST_PRIZES]]
    return [f"奖品：{len(prizes)} 份，共 {total} 元", *lines]


def _points(request: Request, customer: Customer) -> list[str]:
    line = points_line(request, customer)
    return [] if line is None else [line]


def _follow_ups(request: Request, customer: Customer) -> list[str]:
    places = [one.community for one in customer.stays]
    known = follow_ups.of_member(request.tx, customer.id, places)
    tasks = [one for one in known if one.status == "open"]
    if not tasks:
        return []
    lines = []
    for one in tasks[:_MOST_FOLLOW_UPS]:
        late = "，已过期" if one.due_at < request.now else ""
        whose = _colleague(request, one.staff)
        lines.append(f"· {one.id} 号　{one.reason}（{whose}，{_day(one.due_at, request)}前{late}）")
    return [f"跟进：{len(tasks)} 件没办完", *lines]


def _contacts(request: Request, customer: Customer) -> list[str]:
    """Who has added the member, and by which channel they came."""
    rows = relations.of_member(request.tx, customer.id)
    if not rows:
        return ["好友：还没有加客户经理"]
    whom = "、".join(
        f"{_colleague(request, row.staff)}（{_day(row.since, request)}"
        f"{'，对方还没通过' if row.half else ''}）"
        for row in rows
    )
    lines = [f"好友：{whom}"]
    channel = request.facts.onboarding.channel_of(customer.id)
    if channel:
        known = request.library.channels.get(channel)
        lines.append(f"渠道：{known.title if known else channel}")
    own = next((row for row in rows if row.staff == request.sender.id), None)
    if own is not None and (own.remark or own.description):
        lines.append(f"备注：{'；'.join(one for one in (own.remark, own.description) if one)}")
    return lines


def _wishes(request: Request, customer: Customer) -> list[str]:
    """What the member agreed to, and wants done, or not done, with their own data."""
    said = consent.latest(request.tx, customer.id)
    if said is None:
        told = ["活动须知：还没有同意"]
    else:
        told = [f"活动须知：{_day(said.at, request)}{'同意' if said.given else '撤回了同意'}"]
    privacy = request.facts.privacy
    if (since := privacy.opted_out_at(customer.id)) is not None:
        told.append(f"统计：{_day(since, request)}退出，不统计活跃、不按活跃挑选")
    if (asked := privacy.erasure_asked_at(customer.id)) is not None:
        told.append(f"资料：{_day(asked, request)}申请删除，等待办理")
    return told


def _colleague(request: Request, staff: str) -> str:
    known = request.facts.staff(staff)
    return known.name if known else staff


def _today(request: Request) -> date:
    return agenda.local(request.now, request.zone).date()


def _day(instant: datetime, request: Request) -> str:
    day = agenda.local(instant, request.zone).date()
    return f"{day.month} 月 {day.day} 日"
