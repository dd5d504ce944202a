"""What a group reads of a lottery: the public notice (公示), its end, its winners.

The notice says everything that 规范促销行为暂行规定 第十三条 asks for before the first draw. What
can be said from values is said from values; the rest stands in the campaign's own rules
(`sop.compliance.notice` refuses a campaign that leaves an item out).
"""

from collections.abc import Sequence
from datetime import datetime

from sop.campaign import Campaign, DeckCards
from sop.community import Community
from sop.deck_ports import EntrantFacts, OpenDeckFacts
from sop.draws.deck import PrizeCard
from sop.member_page import how
from sop.money import prize_with_amount, prize_with_points, yuan
from sop.terms import Condition, Who
from sop.times import spoken_duration
from sop.wording import shown, until_date

MOST_WINNERS = 50
"""Winners that one post names."""


def prize_text(card: PrizeCard | DeckCards) -> str:
    """What a card is and what it is worth: `红包 1.88 元`, `保温杯（价值 39.00 元）`, `50 积分`."""
    if card.kind == "cash":
        return prize_with_amount(card.prize, card.amount_fen)
    if card.kind == "points":
        return prize_with_points(card.prize, card.points or 0)
    worth = yuan(card.amount_fen)
    return card.prize if worth in card.prize else f"{card.prize}（价值 {worth} 元）"


def ask(community: Community) -> str:
    """How to look one's prizes up."""
    return f"{how(community, '我的奖品')}可查"


def deeds(condition: Condition | None) -> list[str]:
    """What must be done before drawing, in few words each."""
    if condition is None:
        return []
    found = []
    if condition.played_within:
        found.append("玩一局群游戏")
    if condition.checked_in:
        within = spoken_duration(condition.checked_in.within)
        found.append(f"在 {within}内签到 {condition.checked_in.days} 天")
    if condition.answered:
        found.append("答一次群里的小问卷")
    if condition.invited:
        found.append(f"介绍 {condition.invited} 位朋友入群")
    return found


def how_often(campaign: Campaign) -> str:
    """`每人一次`, `每人 3 次，每天 1 次`, with the price in points."""
    chances = campaign.chances
    often = "每人一次" if chances.total == 1 else f"每人 {chances.total} 次"
    if chances.per_day is not None and chances.total > 1:
        often += f"，每天 {chances.per_day} 次"
    return f"{often}，每次用 {campaign.price} 积分" if campaign.price else often


def how_to(campaign: Campaign, community: Community) -> str:
    """What to do to draw or enter, as one sentence."""
    before = "、".join(deeds(campaign.condition))
    first = f"先{before}，再" if before else ""
    return f"{first}{how(community, campaign.keyword)}，{how_often(campaign)}。"


def people(who: Who) -> str:
    """For whom it is, in words that shame nobody."""
    kinds = "本行客户" if who.customers_only else "群成员"
    parts = []
    if who.member_for:
        parts.append(f"入群满 {spoken_duration(who.member_for)}")
    if who.joined_within:
        parts.append(f"入群 {spoken_duration(who.joined_within)}内")
    if who.chosen:
        parts.append("收到邀请")
    first = f"{'、'.join(parts)}的{kinds}" if parts else kinds
    again = "；参加过同一批其他活动的不重复参加" if who.not_in else ""
    return f"{first}{again}；本行及合作方工作人员不参加"


def prizes(campaign: Campaign) -> str:
    """Every prize with its worth and number."""
    return "、".join(f"{prize_text(one)} ×{one.count}" for one in campaign.deck)


def notice(
    campaign: Campaign,
    community: Community,
    *,
    commitment: str,
    closes_at: datetime | None,
    way: str,
    now: datetime,
) -> str:
    """The whole public notice, as this community may act on it; `way` leads to the member page."""
    rules = [f"{number}. {rule}" for number, rule in enumerate(campaign.rules, start=1)]
    redeem = [f"**{one.prize}**　{one.redeem}" for one in campaign.deck if one.redeem]
    return "\n".join(
        [
            f"**🎁 {campaign.title}**",
            campaign.opening.strip(),
            "",
            *_procedure(campaign, community, closes_at, now),
            f"**谁参加**　{people(campaign.who)}",
            f"**奖池**　{_pot(campaign)}：{prizes(campaign)}",
            *redeem,
            f"**发奖**　{_delivery(campaign)}，{ask(community)}",
            *_claim(campaign),
            f"**主办方**　{campaign.organiser}",
            *rules,
            *([way] if way else []),
            f"> 公平承诺 `{commitment}`",
            f"> {_promise(campaign)}",
        ]
    )


def _procedure(
    campaign: Campaign, community: Community, closes_at: datetime | None, now: datetime
) -> list[str]:
    ends = f"{until_date(closes_at, community.zone, now)} 截止，" if closes_at else ""
    if campaign.mode == "instant":
        return [f"**怎么抽**　{ends}{how_to(campaign, community)}"]
    return [
        f"**怎么报名**　{ends}{how_to(campaign, community)}",
        f"**怎么开奖**　截止后公布名单的指纹，再用“{campaign.public_value}”和事先封存的种子排出"
        "中奖顺序，按顺序发完为止。",
    ]


def _pot(campaign: Campaign) -> str:
    if campaign.mode == "instant":
        return f"共 {campaign.deck_size} 张，张张有奖"
    return f"共 {campaign.deck_size} 份，中奖率＝份数÷报名人数"


def _delivery(campaign: Campaign) -> str:
    kinds = {one.kind for one in campaign.deck}
    paid = f"中奖后第 {campaign.payable_after} 个工作日发放"
    if kinds == {"points"}:
        return "中奖当场到账"
    return f"{paid}，积分当场到账" if "points" in kinds else paid


def _claim(campaign: Campaign) -> list[str]:
    """How long a prize waits that its winner must come for."""
    kinds = {one.kind for one in campaign.deck}
    called = "、".join(
        text for kind, text in (("coupon", "券码"), ("gift", "实物")) if kind in kinds
    )
    within = spoken_duration(campaign.claim_within)
    return [f"**领奖**　{called}在中奖后 {within}内没有领取的，视为放弃"] if called else []


def _promise(campaign: Campaign) -> str:
    if campaign.mode == "instant":
        return "牌序已经固定，结束时公布种子，任何人都能验证。"
    return "种子已经封存，开奖时公布，任何人都能验证。"


def won(
    campaign: Campaign, deck: OpenDeckFacts, community: Community, card: PrizeCard, when: str
) -> str:
    """What a winner reads, without the receipt; `when` says when it is paid."""
    return (
        f"🎉 {campaign.title}：恭喜抽中 **{prize_text(card)}**！\n"
        f"> 第 {deck.taken + 1}/{deck.size} 张　{when}　{ask(community)}"
    )


def ended(
    campaign: Campaign, deck: OpenDeckFacts, told: Sequence[str], seed: str, reason: str = ""
) -> str:
    """The end of a round: what came of it, the seed, and the head of the log, which nobody can
    rewrite from here on."""
    return "\n".join(
        [
            f"**{campaign.title}·本期结束**",
            *([f"提前结束：{reason}"] if reason else []),
            *told,
            f"> 种子 `{seed}`",
            f"> 承诺值 `{deck.commitment}`",
            f"> 日志末尾 `{deck.head}`",
            "> 用种子重排牌堆，可以验证每一张牌在开始前就已确定。"
            if deck.mode == "instant"
            else "> 用种子、名单指纹和公开值，可以重排出同样的中奖顺序。",
        ]
    )


def frozen(campaign: Campaign, count: int, entrants_hash: str) -> str:
    """Entering is over."""
    return "\n".join(
        [
            f"**{campaign.title}·报名截止**",
            f"共 {count} 位群友报名，名单已经封存。",
            f"> 名单指纹 `{entrants_hash}`",
            f"> 等“{campaign.public_value}”公布后开奖，谁也改不了。",
        ]
    )


def winners(won: Sequence[tuple[EntrantFacts, PrizeCard]]) -> list[str]:
    """Masked names with the end of each one's code, in the order of the cards."""
    lines = [
        f"{place}. {masked(one.name)}（…{one.code[-4:]}）　{prize_text(card)}"
        for place, (one, card) in enumerate(won[:MOST_WINNERS], start=1)
    ]
    if len(won) > MOST_WINNERS:
        lines.append(f"……共 {len(won)} 位，凭证据文件可查全部")
    return lines


def masked(name: str) -> str:
    """The first character of a name."""
    return f"{shown(name)[:1]}＊＊"
