"""Coupon codes that are missing: what colleagues read, and when."""

from collections.abc import Sequence

from sop.campaign import Campaign
from sop.community import Community
from sop.effects import Effect, Tell
from sop.ports import Facts


def wanted(campaign: str, prize: str) -> str:
    """What a colleague does when no code is left for a coupon."""
    return f"“{prize}”没有券码了，请管理员导入：\n> {_import(campaign, prize)}"


def missing(facts: Facts, campaign: Campaign, communities: Sequence[Community]) -> list[Effect]:
    """A round opens: colleagues hear of it before a member draws a coupon in vain."""
    lines = []
    for card in campaign.deck:
        left = facts.decks.coupons_left(campaign.campaign, card.prize)
        if card.kind == "coupon" and left < card.count:
            lines.append(f"“{card.prize}”有 {card.count} 张，券码只有 {left} 个")
    if not lines:
        return []
    text = (
        f"⚠️ “{campaign.title}”开始了，{'；'.join(lines)}。没有券码时抽奖会暂停，请管理员先导入：\n"
        f"> {_import(campaign.campaign, '奖品名称')}"
    )
    owners, operators = [one.owner for one in communities], [one.id for one in facts.operators()]
    return [Tell(one, text) for one in dict.fromkeys([*owners, *operators])]


def _import(campaign: str, prize: str) -> str:
    return f"qunyun payouts codes import 文件 --source {campaign} --prize {prize} --by 您的userid"
