"""May this member draw now, and if not, why not, in words that say what to do.

Everything is judged at the instant of the draw, by what the rows say then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sop.campaign import Campaign
from sop.community import Community
from sop.deck_ports import DrawFacts, OpenDeckFacts
from sop.member_page import how
from sop.notice import ask, prize_text
from sop.ports import Facts
from sop.privacy import OPT_IN
from sop.terms import Condition
from sop.times import spoken_duration


@dataclass(frozen=True, slots=True)
class Just:
    """What the member did in this very event: its row is written with the answer, so the facts
    do not know of it yet."""

    played: bool = False
    checked_in: bool = False
    answered: str = ""
    """`plan/step`."""
    invited: int = 0
    points: int = 0

    def opens(self, condition: Condition) -> bool:
        """Whether a condition speaks of one of these deeds."""
        return any(
            (
                self.played and condition.played_within is not None,
                self.checked_in and condition.checked_in is not None,
                bool(self.answered) and condition.answered == self.answered,
                bool(self.invited) and condition.invited is not None,
                bool(self.points) and condition.points is not None,
            )
        )


NOTHING = Just()


@dataclass(frozen=True, slots=True)
class Wish:
    """A member wants to draw from a deck."""

    facts: Facts
    campaign: Campaign
    """As published, amendments included."""
    deck: OpenDeckFacts
    community: Community
    member: str
    now: datetime
    just: Just = NOTHING

    @property
    def today(self) -> date:
        """The community's local date."""
        return self.now.astimezone(self.community.zone).date()


def chances_left(campaign: Campaign, drawn: Sequence[DrawFacts], today: date) -> int:
    """How often a member can still draw today."""
    left = campaign.chances.total - len(drawn)
    if campaign.chances.per_day is not None:
        left = min(left, campaign.chances.per_day - sum(one.day == today for one in drawn))
    return max(left, 0)


def refusal(wish: Wish, drawn: Sequence[DrawFacts]) -> str | None:
    """Why the member cannot draw (or enter) now; None when nothing is in the way."""
    return (
        _stranger(wish)
        or _spent(wish, drawn)
        or _empty(wish)
        or _wrong_person(wish)
        or _not_yet(wish)
    )


def _stranger(wish: Wish) -> str | None:
    """Staff win nothing, even with a customer account of their own; nor does whom the bank does
    not know as its customer."""
    if wish.facts.is_staff(wish.member):
        return f"谢谢捧场！本行工作人员不参加“{wish.campaign.title}”，把机会留给群友吧。"
    title, gate = wish.campaign.title, wish.facts.onboarding.gate(wish.member)
    if gate == "no":
        return f"“{title}”只面向本行客户。您是本行客户的话，请私信客户经理帮您核对一下。"
    if gate == "waiting":
        return f"正在核对您的客户身份，核对好就能参加“{title}”，请过一会儿再来。"
    return None


def _spent(wish: Wish, drawn: Sequence[DrawFacts]) -> str | None:
    title = wish.campaign.title
    if wish.deck.mode == "entrants":
        code = wish.facts.decks.entrant_code(wish.deck.id, wish.member)
        return code and f"您已经报名“{title}”了，凭证 {code}，等开奖就好。"
    if chances_left(wish.campaign, drawn, wish.today):
        return None
    prizes = "、".join(f"“{prize_text(one.card)}”" for one in drawn)
    total = wish.campaign.chances.total
    if len(drawn) < total:
        today = wish.campaign.chances.per_day
        left = total - len(drawn)
        return f"今天的 {today} 次机会用完了，明天再来抽“{title}”，您一共还有 {left} 次。"
    if total == 1:
        return f"您已经抽过“{title}”了，抽中{prizes}。{ask(wish.community)}。"
    return f"您的 {total} 次机会都用完了，抽中{prizes}。{ask(wish.community)}。"


def _empty(wish: Wish) -> str | None:
    if wish.deck.mode == "instant" and wish.deck.taken >= wish.deck.size:
        title = wish.campaign.title
        return f"“{title}”的 {wish.deck.size} 份奖品已经全部送出，下次请早。"
    return None


def _wrong_person(wish: Wish) -> str | None:
    who, title, facts = wish.campaign.who, wish.campaign.title, wish.facts
    if who.customers_only and not facts.is_customer(wish.member):
        return f"“{title}”只面向本行客户：请先加群内客户经理为好友，再来参加。"
    if who.member_for or who.joined_within:
        known = facts.member(wish.community.id, wish.member)
        here = wish.now - known.joined_at if known else timedelta()
        if who.member_for and here < who.member_for:
            left = _days(who.member_for - here)
            return f"入群满 {spoken_duration(who.member_for)}就能参加“{title}”，再等{left}。"
        if who.joined_within and here > who.joined_within:
            return f"“{title}”是给入群 {spoken_duration(who.joined_within)}内的新朋友的见面礼。"
    if who.tags or who.without_tags:
        worn = {tag for tag, _ in facts.tags(wish.member)}
        if not worn.issuperset(who.tags) or worn.intersection(who.without_tags):
            return _not_chosen(title)
    if who.conditions and not facts.standings.holds(
        wish.community.id, wish.member, who.conditions, wish.now
    ):
        if facts.privacy.opted_out(wish.member):
            back = how(wish.community, OPT_IN)
            return f"您退出了统计，看不出“{title}”是不是面向您；想参加，请先{back}。"
        return _not_chosen(title)
    if who.not_in and facts.decks.taken_part(wish.member, who.not_in):
        return f"您参加过同一批的另一个活动，“{title}”就不重复参加了。"
    return None


def _not_chosen(title: str) -> str:
    """Who is chosen and by what is the bank's own matter: nobody reads in a group that they count
    as asleep."""
    return f"“{title}”这次只面向收到邀请的群友，您不在这次的名单里，请留意群里后面的活动。"


def _not_yet(wish: Wish) -> str | None:
    condition = wish.campaign.condition
    if condition is None:
        return None
    return _undone(wish, condition) or _poor(wish, condition)


def _undone(wish: Wish, condition: Condition) -> str | None:
    """A deed that is still missing."""
    facts, here, title = wish.facts, wish.community.id, wish.campaign.title
    if condition.played_within and not (
        wish.just.played
        or facts.played_since(here, wish.member, wish.now - condition.played_within)
    ):
        return f"先玩一局群里的小游戏，就能抽“{title}”啦，留意群里的预告。"
    if condition.checked_in:
        asked = condition.checked_in
        first = wish.today - timedelta(days=asked.within.days - 1)
        days = facts.check_in_days(here, wish.member, first)
        if wish.just.checked_in and not facts.checked_in(here, wish.member, wish.today):
            days += 1
        if days < asked.days:
            more = asked.days - days
            return f"再签到 {more} 天就能抽“{title}”啦，{how(wish.community, '签到')}。"
    if (
        condition.answered
        and wish.just.answered != condition.answered
        and not facts.answered(here, wish.member, condition.answered)
    ):
        return f"先答一答群里的小问卷，就能抽“{title}”啦，留意群里的通知。"
    if condition.invited:
        came = facts.referrals.credited(wish.member, wish.deck.opened_at) + wish.just.invited
        if came < condition.invited:
            return f"再有 {condition.invited - came} 位您介绍的朋友住满日子，就能抽“{title}”啦。"
    return None


def _poor(wish: Wish, condition: Condition) -> str | None:
    if condition.points is None:
        return None
    has = wish.facts.points.balance(wish.member) + wish.just.points
    if has >= condition.points:
        return None
    price, title = condition.points, wish.campaign.title
    return f"抽一次“{title}”要 {price} 积分，您有 {has} 积分，还差 {price - has}。"


def _days(length: timedelta) -> str:
    """At least so long, in the largest unit."""
    days = -(-length // timedelta(days=1))
    hours = -(-length // timedelta(hours=1))
    return f" {days} 天" if hours > 24 else f" {hours} 小时"
