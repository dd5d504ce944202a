"""What the notice of a prize promotion must contain, and what a prize may be worth.

规范促销行为暂行规定 第十三条. The notice that `sop.lottery` posts already says kind, number, way
and time of the draw, day of payment and organiser; the rest must stand in the campaign's rules.
"""

import heapq
import re
import unicodedata
from collections.abc import Iterator

from sop.campaign import TOP_PRIZE_FEN, Campaign, DeckCards
from sop.compliance import catalogue
from sop.compliance.finding import Finding, found
from sop.compliance.fold import fold
from sop.money import yuan

_ITEMS = [
    (
        "参加条件",
        re.compile("可参加|可以参加|可参与|可以参与|参[加与](?:条件|资格|对象)|面向|仅限|凡是?"),
        "例如：群成员均可参加，每人每期一次。",
    ),
    (
        "奖品交付方式",
        re.compile(
            "发放[到至]|发[到至]|打[到至]|转[到至]|零钱|邮寄|寄[到至]|快递|自提|领取|到账|以.{0,8}发放|由系统发放"
        ),
        "例如：奖励以企业微信红包发放，点开即存入微信零钱。",
    ),
    (
        "弃奖条件",
        re.compile("弃奖|放弃|逾期|过期|未领|不领|失效|退回|无法联系"),
        "例如：发放后 24 小时内未领取的，视为放弃，金额退回活动预算。",
    ),
    (
        "联系方式",
        re.compile("联系|电话|客服|热线|私信|咨询|致电|拨打"),
        "例如：对结果有疑问，请私信群内客户经理，或拨打本行客服电话。",
    ),
]
_REDEEM = "请给这一行加上 redeem，例如：凭券码到本行任一网点兑换，2026-12-31 前有效，每人限用一张。"
"""第十四条: what must be said of prizes that are not money."""
_AMOUNT = re.compile(r"(\d[\d,]*)(?:\.(\d{1,2}))?\s*(万)?元")
_FEN_OF_TEN_THOUSAND = 1_000_000


def missing_items(campaign: Campaign) -> Iterator[Finding]:
    """One finding for each thing that neither the rules nor the opening say."""
    said = fold("\n".join([campaign.opening, *campaign.rules]))
    for name, pattern, example in _ITEMS:
        if not pattern.search(said):
            message = f"活动规则没有写明{name}。"
            hint = f"{catalogue.NOTICE_ITEMS.hint}{example}"
            yield found(catalogue.NOTICE_ITEMS, message, ("rules",), hint=hint)
    for number, cards in enumerate(campaign.deck):
        if cards.kind != "cash" and not cards.redeem.strip():
            message = f"“{cards.prize}”没有写明怎么兑换、兑换地点、有效期和限制。"
            yield found(catalogue.NOTICE_ITEMS, message, ("deck", number), hint=_REDEEM)


def asks_for_friends(campaign: Campaign) -> Iterator[Finding]:
    """A draw for bringing people, even where the program itself counts them."""
    if campaign.condition and campaign.condition.invited:
        rule = catalogue.DRAW_REFERRAL
        yield found(rule, f"{rule.title}。", ("condition", "invited"))


def prize_findings(campaign: Campaign) -> Iterator[Finding]:
    """Prizes whose name says another amount, and more than the law allows for one person."""
    worth: list[int] = []
    for number, cards in enumerate(campaign.deck):
        named = _named_amounts(cards)
        worth += [max([cards.amount_fen, *named])] * min(cards.count, campaign.chances.total)
        if named and cards.amount_fen not in named:
            message = f"“{cards.prize}”与金额 {yuan(cards.amount_fen)} 元不一致。"
            yield found(catalogue.PRIZE_AMOUNT, message, ("deck", number, "amount"))
    most = sum(heapq.nlargest(campaign.chances.total, worth))
    if most > TOP_PRIZE_FEN:
        message = f"一个人最多可得 {yuan(most)} 元，超过 {yuan(TOP_PRIZE_FEN)} 元。"
        yield found(catalogue.PRIZE_CAP, message, ("deck",))


def _named_amounts(cards: DeckCards) -> list[int]:
    """The sums in a prize's name, in fen: `价值 1.2 万元` is 1,200,000."""
    amounts = []
    for whole, part, ten_thousand in _AMOUNT.findall(unicodedata.normalize("NFKC", cards.prize)):
        unit = _FEN_OF_TEN_THOUSAND if ten_thousand else 100
        cents = int(part.ljust(2, "0")) if part else 0
        amounts.append(int(whole.replace(",", "")) * unit + cents * unit // 100)
    return amounts
