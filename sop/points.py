"""Points at work: what is earned by what members do, what lapses, what is redeemed.

Earning is judged in one place, from the effects of a unit of work: whoever counts a check-in or
keeps a reply need not know of points, and points commit with what earned them or not at all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sop.community import Community
from sop.effects import (
    Count,
    CreditReferral,
    Effect,
    FinishGame,
    GivePoints,
    KeepReply,
    Played,
    Post,
    RedeemPoints,
    Reply,
    SpendPoints,
)
from sop.library import Library
from sop.member_page import how
from sop.points_ports import PointsFacts
from sop.points_program import Item, PointsProgram, program_of
from sop.ports import Facts
from sop.unplanned import may_say

ANSWERED = ("survey", "vote", "nps", "topic")
"""Kinds of gatherings of which a reply is an answer."""
CAPPED = ("checkin", "played", "won", "answered")
AHEAD = timedelta(days=7)
"""So long before points lapse the group is told."""
AGAIN = timedelta(minutes=1)
"""Who asks for the same item twice within it has pressed twice."""
QUIET = "21:30-08:30"
NOT_YET = "积分照常记着，这里的说明和兑换还在准备，过两天再来看。"
"""What a member reads of a program without a review stamp."""


@dataclass(frozen=True, slots=True)
class _Deed:
    """Something a member did that may earn points."""

    community: str
    member: str
    kind: str
    key: str
    reason: str


def earned(
    facts: PointsFacts,
    library: Library,
    communities: Mapping[str, Community],
    effects: Iterable[Effect],
    now: datetime,
) -> list[GivePoints]:
    """The points that these effects earn, as far as the day's caps allow; asked before the
    effects are applied."""
    if not library.points:
        return []
    found: list[GivePoints] = []
    for deed in (one for effect in effects for one in _deeds(facts, effect)):
        community = communities.get(deed.community)
        program = None if community is None else program_of(library, community)
        if community is None or program is None or not facts.earns(deed.member):
            continue
        day = now.astimezone(community.zone).date()
        found += _given(facts, program, deed, day, found)
        if deed.kind == "checkin":
            found += _streak(facts, program, deed, day, found)
    return found


def _deeds(facts: PointsFacts, effect: Effect) -> Iterator[_Deed]:
    match effect:
        case Count(community=place, member=member, kind="checkin"):
            yield _Deed(place, member, "checkin", f"checkin/{place}/{member}", "签到")
        case Played(session=session, member=member):
            place = facts.community_of_game(session) or ""
            yield _Deed(place, member, "played", f"played/{session}/{member}", "玩游戏")
        case FinishGame(session=session, winners=winners):
            place = facts.community_of_game(session) or ""
            for one in dict.fromkeys(winners):
                yield _Deed(place, one, "won", f"won/{session}/{one}", "游戏获胜")
        case KeepReply(gathering=gathering, member=member):
            held = facts.gathering(gathering)
            if held is not None and held.kind in ANSWERED:
                key = f"answered/{gathering}/{member}"
                yield _Deed(held.community, member, "answered", key, "参加问卷或投票")
        case CreditReferral(referral=number, community=place, inviter=inviter):
            yield _Deed(place, inviter, "invited", f"invited/{number}", "介绍新朋友")
        case _:
            return


def _given(
    facts: PointsFacts, program: PointsProgram, deed: _Deed, day: date, so_far: list[GivePoints]
) -> list[GivePoints]:
    points: int = getattr(program.earn, deed.kind)
    key = f"{deed.key}/{day}" if deed.kind == "checkin" else deed.key
    if not points or facts.knows(key) or any(one.key == key for one in so_far):
        return []
    if deed.kind in CAPPED:
        points = min(points, _room(facts, program, deed, day, so_far))
    if points <= 0:
        return []
    return [GivePoints(deed.member, deed.community, points, deed.kind, deed.reason, key)]


def _room(
    facts: PointsFacts, program: PointsProgram, deed: _Deed, day: date, so_far: list[GivePoints]
) -> int:
    """What a member may still earn today."""
    today = Counter(facts.earned_on(deed.member, day))
    for one in so_far:
        if one.member == deed.member:
            today[one.kind] += one.points
    own, total = program.most_per_day.of(deed.kind), program.most_per_day.total
    rooms = []
    if own is not None:
        rooms.append(own - today[deed.kind])
    if total is not None:
        rooms.append(total - sum(today[kind] for kind in CAPPED))
    return min(rooms, default=getattr(program.earn, deed.kind))


def _streak(
    facts: PointsFacts, program: PointsProgram, deed: _Deed, day: date, so_far: list[GivePoints]
) -> list[GivePoints]:
    """The bonus of the day that completes a streak."""
    if not program.earn.streak or any(one.key == f"streak/{deed.key}/{day}" for one in so_far):
        return []
    days = facts.streak(deed.community, deed.member, day - timedelta(days=1)) + 1
    bonus = next((one.points for one in program.earn.streak if one.days == days), 0)
    key = f"streak/{deed.key}/{day}"
    if not bonus or facts.knows(key):
        return []
    reason = f"连续签到 {days} 天"
    return [GivePoints(deed.member, deed.community, bonus, "streak", reason, key)]


def nightly(facts: Facts, community: Community, since: date, now: datetime) -> list[Effect]:
    """What lapsed with the days that ended since the local day `since`, and a word to the group
    about what is going to."""
    today = now.astimezone(community.zone).date()
    one_day = timedelta(days=1)
    effects: list[Effect] = [
        SpendPoints(
            one.member,
            community.id,
            one.points,
            "expired",
            f"{one.day.month} 月 {one.day.day} 日到期",
            f"expired/{community.id}/{one.member}/{one.day}",
        )
        for one in facts.points.lapsing(community.id, since - one_day, today - one_day)
    ]
    coming = facts.points.lapsing(community.id, max(since + AHEAD, today), today + AHEAD)
    return effects + [_warning(community, day) for day in sorted({one.day for one in coming})]


def _warning(community: Community, day: date) -> Post:
    """Nobody is named: what somebody has is nobody else's business."""
    ask = "问问客户经理，"
    if community.heard_as:
        ask = f"发“@{community.heard_as} 积分”"
    elif community.page:
        ask = "打开成员网页"
    text = f"⏳ {day.month} 月 {day.day} 日有一批积分到期，{ask}看看自己的，到期前用掉就不会浪费。"
    once = f"lapse/{community.id}/{day}"
    return Post(community.id, text, quiet_hours=QUIET, once=once)


def redeem(
    facts: Facts,
    library: Library,
    community: Community,
    member: str,
    number: int,
    request: str,
    now: datetime,
) -> list[Effect]:
    """A member wants item `number`; `request` names this wish, so that a repeated one is one."""
    program = program_of(library, community)
    if program is None:
        return [Reply("这个群还没有积分兑换。")]
    if not may_say(facts, library, program, community):
        return [Reply(NOT_YET)]
    item = program.item(number)
    if item is None:
        return [Reply(f"兑换清单里没有 {number} 号，发“兑换”看看有什么。")]
    key = f"redeem/{program.points}/{member}/{request}"
    refusal = _refusal(facts, program, item, member, key, now)
    if refusal:
        return [Reply(refusal)]
    today = now.astimezone(community.zone).date()
    claim_by = (now + item.claim_within).astimezone(community.zone).date()
    left = facts.points.balance(member) - item.points
    where = f"\n{item.where}" if item.where else ""
    return [
        RedeemPoints(
            program.points,
            item.item,
            item.item,
            item.kind,
            item.value_fen,
            item.stock,
            program.budget_fen,
            item.points,
            community.id,
            member,
            today.isoformat(),
            claim_by.isoformat(),
            key,
        ),
        Reply(
            f"🎁 已用 {item.points} 分兑换“{item.item}”，还剩 {left} 分。\n"
            f"请在 {claim_by.month} 月 {claim_by.day} 日前领取，过期作废，积分不退；"
            f"{how(community, '我的奖品')}可以查看。{where}"
        ),
    ]


def _refusal(
    facts: Facts, program: PointsProgram, item: Item, member: str, key: str, now: datetime
) -> str:
    """Why not; empty when nothing stands against it."""
    points = facts.points
    before = points.redemptions(member, program.points, item.item)
    if points.knows(key) or (before and now - before[0] < AGAIN):
        return f"刚刚已经换到一份“{item.item}”，没有重复扣分。还要一份的话，过一分钟再发。"
    gate = facts.onboarding.gate(member)
    if gate == "no":
        return "积分兑换只面向本行客户。您是本行客户的话，请私信客户经理帮您核对一下。"
    if gate == "waiting":
        return "正在核对您的客户身份，核对好就能兑换，积分没有动，请过一会儿再来。"
    if item.each is not None and len(before) >= item.each:
        return f"“{item.item}”每人最多换 {item.each} 份，您已经换过了。"
    if left_of(points, program, item) <= 0:
        return f"“{item.item}”已经换完了，积分没有动。发“兑换”看看别的。"
    missing = item.points - points.balance(member)
    if missing > 0:
        return f"换“{item.item}”要 {item.points} 分，您还差 {missing} 分。"
    if item.kind == "coupon" and not points.coupons_left(program.points, item.item):
        return f"“{item.item}”的券码暂时用完了，正在补，积分没有动，过两天再来。"
    return ""


def left_of(points: PointsFacts, program: PointsProgram, item: Item) -> int:
    """How many of an item are left."""
    return max(item.stock - points.taken(program.points).get(item.item, 0), 0)
