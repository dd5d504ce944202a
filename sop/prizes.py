"""A member's prizes: what each one is, where it is, and taking it.

What is said in a group everybody reads, so codes are shown on the member page only; where there
is none, the community's relationship manager sends them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sop.community import Community
from sop.effects import ClaimCoupon, Effect, Reply, Tell
from sop.money import prize_with_amount, prize_with_points, yuan
from sop.payout_ports import Prize
from sop.ports import Facts
from sop.wording import shown

MY_PRIZES, CLAIM = "我的奖品", "领取"
MOST_PRIZES = 10

_UNDER_WAY = ("held", "due", "approved", "submitted", "unknown")
_TO_CLAIM = ("coupon", "gift")
_NOT_YOURS = "没有找到这份奖品，请在“我的奖品”里看编号。"


class Won(Protocol):
    """What names a prize, whoever keeps it."""

    @property
    def kind(self) -> str:
        """cash, coupon, gift or points."""

    @property
    def prize(self) -> str:
        """Its name."""

    @property
    def amount_fen(self) -> int:
        """What it is worth."""

    @property
    def points(self) -> int:
        """How many points it is."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """One prize as its owner's own page shows it."""

    order_no: str
    title: str
    state: str
    won_at: datetime
    kind: str
    code: str
    """A gift's pick-up code while it can be taken, as it is read aloud; a coupon's once it was
    claimed; else empty."""
    claimable: bool
    """A coupon whose code may be asked for now."""
    confirm: str
    """Not empty: WeChat wants the member to confirm the transfer, with this."""


def wallet(facts: Facts, community: Community, member: str, now: datetime) -> list[Wallet]:
    """A member's own prizes, newest first, for nobody else's eyes."""
    today = now.astimezone(community.zone).date()
    return [_in_wallet(one, today) for one in facts.payouts.prizes(member)]


def my_prizes(facts: Facts, community: Community, member: str, now: datetime) -> list[Effect]:
    """The member's own prizes, newest first, with where each one is; without codes."""
    prizes = facts.payouts.prizes(member)
    if not prizes:
        return [Reply("您还没有中过奖。群里的游戏和抽奖都有机会，留意预告就好。")]
    total = yuan(sum(one.amount_fen for one in prizes))
    today = now.astimezone(community.zone).date()
    lines = [f"🎁 您一共有 {len(prizes)} 份奖品，合计 {total} 元"]
    for one in prizes[:MOST_PRIZES]:
        won = one.won_at.astimezone(community.zone)
        state = _state_before_all(one, today)
        lines.append(f"{won.month} 月 {won.day} 日　{prize_title(one)}，{state}")
    if len(prizes) > MOST_PRIZES:
        lines.append(f"（只列出最近 {MOST_PRIZES} 次）")
    if any(_may_take(one, today) for one in prizes):
        lines.append(_where_to_take(facts, community, now))
    return [Reply("\n".join(lines))]


def prize_title(prize: Won) -> str:
    """The prize with what it is worth: money in yuan, points in points, things by name."""
    if prize.kind == "points":
        return prize_with_points(prize.prize, prize.points)
    if prize.kind == "cash":
        return prize_with_amount(prize.prize, prize.amount_fen)
    return prize.prize


def prize_state(prize: Prize, today: date) -> str:
    """Where a prize is, in the words of its winner."""
    status = prize.payout_status
    if status == "held" and prize.awaits_gate:
        return f"正在核对客户身份，核对通过后{_verb(prize)}"
    if status == "held" and prize.payable_on > today:
        return f"预计 {_day(prize.payable_on)}{_verb(prize)}"
    if status == "approved" and prize.kind in _TO_CLAIM:
        if not _may_take(prize, today):
            return "已过期"
        until = f"，{_day(prize.claim_by)}前有效" if prize.claim_by else ""
        return f"可以领取{until}"
    if status in _UNDER_WAY:
        if prize.confirm:
            return "等您在微信里确认收款"
        return "核对中，通过后可以领取" if prize.kind in _TO_CLAIM else "发放中"
    if status == "rejected":
        return f"没有通过核对（{shown_reason(prize.reason)}），有疑问请联系客户经理"
    if status == "paid":
        return {"cash": "已发放", "points": "已到账"}.get(prize.kind, "已领取")
    return {"failed": "发放没有成功，工作人员正在处理", "expired": "已过期"}[status]


def _state_before_all(prize: Prize, today: date) -> str:
    """The same where a whole group reads along: why a prize was refused is nobody else's
    business."""
    if prize.payout_status == "rejected":
        return "没有通过核对，有疑问请联系客户经理"
    return prize_state(prize, today)


def claim(
    facts: Facts, community: Community, member: str, order_no: str, now: datetime
) -> list[Effect]:
    """A member takes a prize on the own page; the reply shows the code. Asked again, it says the
    same again."""
    prize = facts.payouts.prize(order_no)
    if prize is None or prize.member != member:
        return [Reply(_NOT_YOURS)]
    today = now.astimezone(community.zone).date()
    if prize.kind == "coupon" and prize.payout_status == "paid":
        return [Reply(f"您的券码：{prize.code}")]
    if not _may_take(prize, today):
        return [Reply(f"“{prize_title(prize)}”现在不能领取：{prize_state(prize, today)}。")]
    if prize.kind == "gift":
        code = grouped(prize.code)
        return [Reply(f"领取“{prize.prize}”时，请向客户经理出示领取码：{code}")]
    return [ClaimCoupon(order_no, member), Reply(f"您的券码：{prize.code}")]


def to_take(facts: Facts, community: Community, member: str, now: datetime) -> list[Prize]:
    """What a member can take now, newest first."""
    today = now.astimezone(community.zone).date()
    return [one for one in facts.payouts.prizes(member) if _may_take(one, today)]


def claim_in_chat(facts: Facts, community: Community, member: str, now: datetime) -> list[Effect]:
    """A member asks for the own prizes where others read along: the page shows the codes; where
    there is none, the relationship manager is given them now, because their owner asks."""
    today = now.astimezone(community.zone).date()
    ready = to_take(facts, community, member, now)
    if not ready:
        return [Reply("现在没有可以领取的奖品。发“我的奖品”可以看每份奖品到了哪一步。")]
    names = "、".join(f"“{one.prize}”" for one in ready)
    link = facts.page_link(community.id, now)
    if link:
        return [Reply(f"{names}可以领取了，请打开成员网页：{link}")]
    known = facts.member(community.id, member)
    name = shown(known.name if known else "")
    lines = [f"{name}（{community.name}）来领奖品，请私信给本人："]
    lines += [f"> {one.prize}，{_code_words(one)}" for one in ready]
    taken = [ClaimCoupon(one.order_no, community.owner) for one in ready if one.kind == "coupon"]
    told = f"{names}可以领取了，客户经理会把{_codes_of(ready)}私信给您。"
    asked = "+".join(one.order_no for one in ready)
    once = f"claim/{asked}/{today}"  # asked again, it is not sent again before tomorrow
    return [*taken, Tell(community.owner, "\n".join(lines), once=once), Reply(told)]


def _code_words(prize: Prize) -> str:
    if prize.kind == "gift":
        return f"领取码 {grouped(prize.code)}（本人出示时核销）"
    return f"券码 {prize.code}"


def _codes_of(prizes: Sequence[Prize]) -> str:
    kinds = {one.kind for one in prizes}
    called = (("coupon", "券码"), ("gift", "领取码"))
    return "和".join(word for kind, word in called if kind in kinds)


def grouped(code: str) -> str:
    """A pick-up code as it is read aloud: `ABCDE-FGHJK`."""
    return f"{code[:5]}-{code[5:]}"


def shown_reason(reason: str) -> str:
    """A colleague's reason as one line, or a word where none is left."""
    return " ".join(reason.split()) or "工作人员核对"


def _in_wallet(prize: Prize, today: date) -> Wallet:
    open_to_take = _may_take(prize, today)
    shown_code = prize.kind == "gift" and open_to_take
    shown_code = shown_code or (prize.kind == "coupon" and prize.payout_status == "paid")
    return Wallet(
        prize.order_no,
        prize_title(prize),
        prize_state(prize, today),
        prize.won_at,
        prize.kind,
        _shown(prize) if shown_code else "",
        prize.kind == "coupon" and open_to_take,
        prize.confirm,
    )


def _shown(prize: Prize) -> str:
    return grouped(prize.code) if prize.kind == "gift" else prize.code


def _may_take(prize: Prize, today: date) -> bool:
    in_time = prize.claim_by is None or prize.claim_by >= today
    return prize.kind in _TO_CLAIM and prize.payout_status == "approved" and in_time


def _where_to_take(facts: Facts, community: Community, now: datetime) -> str:
    link = facts.page_link(community.id, now)
    if link:
        return f"> 领取请打开成员网页：{link}"
    if not community.heard_as:
        return "> 领取请联系客户经理"
    return f"> 领取请发“@{community.heard_as} 领取”，客户经理会把码私信给您"


def _verb(prize: Prize) -> str:
    return "可领取" if prize.kind in _TO_CLAIM else "发放"


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"
