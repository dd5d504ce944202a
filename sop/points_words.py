"""What members read about their points, in chat and on the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sop.community import Community
from sop.effects import Effect, Reply
from sop.library import Library
from sop.points import NOT_YET, left_of
from sop.points_ports import Lapse, PointsEntry, Ranked
from sop.points_program import Item, PointsProgram, program_of
from sop.ports import Facts
from sop.unplanned import may_say
from sop.wording import shown

TOP = 10
"""Places that a ranking shows."""
SOON = timedelta(days=62)
"""So far ahead a member is told of what lapses."""
_MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


@dataclass(frozen=True, slots=True)
class Offer:
    """An item of the redemption list for one member."""

    number: int
    item: str
    kind: str
    points: int
    left: int
    missing: int
    """Points that the member lacks; 0 when there are enough."""
    where: str


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the ranking, its name masked."""

    place: int
    name: str
    earned: int


@dataclass(frozen=True, slots=True)
class PointsPage:
    """Everything that a member's own page says about points."""

    title: str
    balance: int
    earned: int
    level: str
    """Empty without levels."""
    next_level: str
    """Empty on the highest."""
    missing: int
    """Points to the next level."""
    lapsing: Sequence[Lapse]
    offers: Sequence[Offer]
    history: Sequence[PointsEntry]
    ranking: Sequence[Place]
    own: Place | None
    """The member's own line; None for who has earned nothing or hides."""
    hidden: bool


def has_program(library: Library, community: Community) -> bool:
    """Whether points are collected here."""
    return program_of(library, community) is not None


def has_redemptions(library: Library, community: Community) -> bool:
    """Whether points can be redeemed here."""
    program = program_of(library, community)
    return program is not None and bool(program.redeem)


def withheld(facts: Facts, library: Library, community: Community) -> bool:
    """Whether nothing can be told of the points that are collected here: no reviewer has stamped
    the program."""
    program = program_of(library, community)
    return program is not None and not may_say(facts, library, program, community)


def page(
    facts: Facts, library: Library, community: Community, member: str, now: datetime
) -> PointsPage | None:
    """The values of the member's points page; None where no points are collected, or nothing can
    be told of them."""
    program = program_of(library, community)
    if program is None or withheld(facts, library, community):
        return None
    wallet = facts.points.wallet(member)
    level, following = program.level(wallet.earned), program.next_level(wallet.earned)
    own = facts.points.place(community.id, member)
    return PointsPage(
        title=program.title,
        balance=wallet.balance,
        earned=wallet.earned,
        level=level.name if level else "",
        next_level=following.name if following else "",
        missing=following.least - wallet.earned if following else 0,
        lapsing=facts.points.expiring(member, _soon(community, now)),
        offers=[_offer(facts, program, one, wallet.balance) for one in program.redeem],
        history=facts.points.history(member, 20),
        ranking=[_masked(one) for one in facts.points.ranking(community.id, TOP)],
        own=None if own is None else _masked(own),
        hidden=wallet.hidden,
    )


def balance(
    facts: Facts, library: Library, community: Community, member: str, now: datetime
) -> list[Effect]:
    """积分: the balance, the level, what lapses when."""
    if withheld(facts, library, community):
        return [Reply(NOT_YET)]
    seen = page(facts, library, community, member, now)
    if seen is None:
        return []
    level = f"，等级“{seen.level}”" if seen.level else ""
    up = f"，再得 {seen.missing} 分升到“{seen.next_level}”" if seen.next_level else ""
    lines = [f"💰 {seen.title}：您有 {seen.balance} 分{level}{up}。"]
    lines += [f"⏳ {_day(one.day, now)}到期 {one.points} 分" for one in seen.lapsing]
    ways = "发“积分榜”看排名" + ("，发“兑换”看能换什么" if seen.offers else "")
    return [Reply("\n".join([*lines, f"> {ways}"]))]


def ranking(facts: Facts, library: Library, community: Community, member: str) -> list[Effect]:
    """积分榜: the best, and the member's own place."""
    program = program_of(library, community)
    if program is None:
        return []
    if withheld(facts, library, community):
        return [Reply(NOT_YET)]
    best = facts.points.ranking(community.id, TOP)
    if not best:
        return [Reply(f"{program.title}榜上还没有人，签到、玩游戏都能得分。")]
    lines = [f"🏆 **{program.title}榜**"]
    for one in best:
        mark = _MEDALS.get(one.place, f"{one.place}.")
        lines.append(f"{mark} {masked(one.name)}　{one.earned} 分")
    own = facts.points.place(community.id, member)
    if own is not None:
        lines.append(f"您在第 {own.place} 名，累计 {own.earned} 分。")
    elif facts.points.wallet(member).hidden:
        lines.append("您没有上榜，想回来请发“积分榜 显示”。")
    lines.append("> 按累计得分排名，兑换不影响名次；不想上榜请发“积分榜 隐藏”")
    return [Reply("\n".join(lines))]


def redemption_list(
    facts: Facts, library: Library, community: Community, member: str
) -> list[Effect]:
    """兑换: what there is, what is left, and whether it is within reach."""
    program = program_of(library, community)
    if program is None:
        return []
    if withheld(facts, library, community):
        return [Reply(NOT_YET)]
    have = facts.points.balance(member)
    lines = [f"🎁 可以兑换（您有 {have} 分）"]
    for one in program.redeem:
        offer = _offer(facts, program, one, have)
        state = f"剩 {offer.left} 份" if offer.left else "已换完"
        reach = f"，您还差 {offer.missing} 分" if offer.left and offer.missing else ""
        lines.append(f"{one.number}. {one.item}　{one.points} 分，{state}{reach}")
    lines.append(f"> 要换就发“兑换 编号”，例如：兑换 {program.redeem[0].number}")
    return [Reply("\n".join(lines))]


def masked(name: str) -> str:
    """A name of which only its owner is sure: `王芳` → `王＊＊`."""
    return f"{shown(name)[0]}＊＊"


def _masked(one: Ranked) -> Place:
    return Place(one.place, masked(one.name), one.earned)


def _offer(facts: Facts, program: PointsProgram, one: Item, have: int) -> Offer:
    left = left_of(facts.points, program, one)
    missing = max(one.points - have, 0)
    return Offer(one.number, one.item, one.kind, one.points, left, missing, one.where)


def _soon(community: Community, now: datetime) -> date:
    return now.astimezone(community.zone).date() + SOON


def _day(day: date, now: datetime) -> str:
    year = f"{day.year} 年 " if day.year != now.year else ""
    return f"{year}{day.month} 月 {day.day} 日"
