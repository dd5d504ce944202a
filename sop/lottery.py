"""Campaigns at work: opening a deck in public, drawing the next card, revealing the seed.

Every card wins and the deck's sum is fixed before the first draw, so the budget can never be
exceeded. The commitment is in the opening notice; the seed is shown when the deck closes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sop.answers import normalise
from sop.campaign import Campaign
from sop.community import Community
from sop.draws.commitment import commit, rules_hash
from sop.draws.deck import build
from sop.effects import CloseDeck, Count, Effect, OpenDeck, Post, Reply, TakeCard, Tell
from sop.library import Library
from sop.money import prize_with_amount
from sop.ports import Facts, OpenDeckFacts, PrizeCard
from sop.step import CannotRun, StepContext
from sop.workdays import UnknownYear

STANDING = "standing"


def open_standing(facts: Facts, campaign: Campaign, now: datetime, seed: bytes) -> list[Effect]:
    """Opens the standing deck of a campaign once; nothing if it was ever opened."""
    if campaign.round != STANDING or facts.deck(campaign.campaign, STANDING, None) is not None:
        return []
    communities = [one for one in facts.communities() if _reaches(campaign, one)]
    if not communities:
        return []
    return _open(campaign, STANDING, None, communities, None, seed)


def open_round(context: StepContext, campaign_name: str, open_for: timedelta) -> list[Effect]:
    """Opens this day's deck of an event campaign in one community (步骤 draw). Raises CannotRun
    where nobody could draw."""
    campaign = context.library.campaigns[campaign_name]
    day = context.day.isoformat()
    if context.facts.deck(campaign_name, day, context.community.id) is not None:
        return []
    if not context.community.heard_as:
        text = f"“{context.community.name}”里机器人听不到成员说话，“{campaign.title}”没有开启。"
        raise CannotRun(text)
    closes_at = context.now + open_for
    return _open(campaign, day, context.community.id, [context.community], closes_at, context.seed)


def draw(
    facts: Facts, library: Library, community: Community, member: str, text: str, now: datetime
) -> list[Effect] | None:
    """A member says a campaign's keyword; None when the text is no keyword here."""
    said = normalise(text)
    campaigns = [
        one
        for one in library.campaigns.values()
        if one.applies_to.includes(community) and normalise(one.keyword) == said
    ]
    if not campaigns:
        return None
    names = {one.campaign for one in campaigns}
    open_decks = [one for one in facts.open_decks(community.id, now) if one.campaign in names]
    drawn = _first(facts, open_decks, community, member, now)
    return drawn or [Reply("现在没有进行中的抽奖，请留意群里的预告。")]


def draw_as_published(
    facts: Facts, community: Community, member: str, text: str, now: datetime
) -> list[Effect] | None:
    """The same for a keyword that only an open deck still knows: what its members were told
    counts, whatever the campaign's file says since. None when the text is no such keyword."""
    said = normalise(text)
    open_decks = []
    for deck in facts.open_decks(community.id, now):
        campaign = _published(facts, deck)
        if campaign.applies_to.includes(community) and normalise(campaign.keyword) == said:
            open_decks.append(deck)
    return _first(facts, open_decks, community, member, now) or None


def _first(
    facts: Facts,
    open_decks: Sequence[OpenDeckFacts],
    community: Community,
    member: str,
    now: datetime,
) -> list[Effect]:
    """A card of the first deck that gives one; else the first refusal; empty without decks."""
    refusals: list[Effect] = []
    for deck in open_decks:
        campaign = _published(facts, deck)
        refusal = _refusal(facts, campaign, deck, community, member, now)
        if refusal is None:
            return _take(facts, campaign, deck, community, member, now)
        refusals.append(Reply(refusal))
    return refusals[:1]


def close(facts: Facts, deck: OpenDeckFacts, reason: str, now: datetime) -> list[Effect]:
    """Ends a deck and reveals what it was shuffled from."""
    campaign = _published(facts, deck)
    effects: list[Effect] = [CloseDeck(deck.id, reason)]
    told = (
        f"共 {deck.taken} 位群友抽奖，人人中奖。"
        if deck.taken
        else "这一期没有人抽奖，下次早点来。"
    )
    text = "\n".join(
        [
            f"**{campaign.title}·本期结束**",
            told,
            f"> 种子 `{facts.deck_seed(deck.id)}`",
            f"> 承诺值 `{deck.commitment}`",
            "> 用种子重排牌堆，可以验证每一张牌在开始前就已确定。",
        ]
    )
    for community in facts.communities():
        shared = deck.community is None and _reaches(campaign, community)
        if community.id == deck.community or shared:
            effects.append(Post(community.id, text))
    return effects


def welcome(facts: Facts, library: Library, community: Community, now: datetime) -> str:
    """What a newcomer can draw from, and what to do first; empty if nothing is open."""
    for deck in facts.open_decks(community.id, now):
        campaign = library.campaigns.get(deck.campaign)
        if campaign is None or deck.round != STANDING or deck.taken >= deck.size:
            continue
        if not _reaches(campaign, community):
            continue
        return f"🎁 {campaign.title}等着您：{_how(campaign, community)}"
    return ""


def _open(
    campaign: Campaign,
    round: str,
    community: str | None,
    communities: Sequence[Community],
    closes_at: datetime | None,
    seed: bytes,
) -> list[Effect]:
    definition = [(one.prize, one.amount_fen, one.count) for one in campaign.deck]
    rules = campaign.model_dump(mode="json", by_alias=True)
    commitment = commit(
        campaign=campaign.campaign,
        round=round,
        rules_hash=rules_hash(rules),
        seed=seed,
        cards=definition,
    )
    cards = build(definition, seed)
    deck = OpenDeck(
        campaign=campaign.campaign,
        round=round,
        community=community,
        cards={"cards": [{"prize": one.prize, "amount_fen": one.amount_fen} for one in cards]},
        seed=seed.hex(),
        commitment=commitment,
        rules_hash=rules_hash(rules),
        rules=rules,
        budget_fen=campaign.budget_fen,
        payable_after=campaign.payable_after,
        closes_at=closes_at,
    )
    posts: list[Effect] = [
        Post(one.id, _notice(campaign, commitment, closes_at, one)) for one in communities
    ]
    return [deck, *posts]


def _notice(
    campaign: Campaign, commitment: str, closes_at: datetime | None, community: Community
) -> str:
    prizes = "、".join(
        f"{prize_with_amount(one.prize, one.amount_fen)} ×{one.count}" for one in campaign.deck
    )
    until = f"{closes_at.astimezone(community.zone):%H:%M} 截止，" if closes_at else ""
    rules = [f"{number}. {rule}" for number, rule in enumerate(campaign.rules, start=1)]
    return "\n".join(
        [
            f"**🎁 {campaign.title}**",
            campaign.opening.strip(),
            "",
            f"**怎么抽**　{until}{_how(campaign, community)}",
            f"**奖池**　共 {campaign.deck_size} 张，张张有奖：{prizes}",
            f"**发奖**　中奖后第 {campaign.payable_after} 个工作日发放，{_ask(community)}",
            f"**主办方**　{campaign.organiser}",
            *rules,
            f"> 公平承诺 `{commitment}`",
            "> 牌序已经固定，结束时公布种子，任何人都能验证。",
        ]
    )


def _ask(community: Community) -> str:
    return f"发“@{community.heard_as} 我的奖品”可查"


def _reaches(campaign: Campaign, community: Community) -> bool:
    """Members must be able to say the keyword where the bot hears it."""
    return bool(community.heard_as) and campaign.applies_to.includes(community)


def _how(campaign: Campaign, community: Community) -> str:
    draw_it = f"发“@{community.heard_as} {campaign.keyword}”，每人一次"
    return f"先玩一局群游戏，再{draw_it}。" if campaign.condition else f"{draw_it}。"


def _published(facts: Facts, deck: OpenDeckFacts) -> Campaign:
    """The campaign as its members read it: what the file says since then does not count."""
    return Campaign.model_validate(facts.deck_rules(deck.id), strict=False)


def _refusal(
    facts: Facts,
    campaign: Campaign,
    deck: OpenDeckFacts,
    community: Community,
    member: str,
    now: datetime,
) -> str | None:
    won = facts.drawn(deck.id, member)
    if won is not None:
        return f"您已经抽过“{campaign.title}”了，抽中“{won.prize}”。{_ask(community)}。"
    if deck.taken >= deck.size:
        return f"“{campaign.title}”的 {deck.size} 份奖品已经全部送出，下次请早。"
    condition = campaign.condition
    if condition and not facts.played_since(community.id, member, now - condition.played_within):
        return f"先玩一局群里的小游戏，就能抽“{campaign.title}”啦，留意群里的预告。"
    return None


def _take(
    facts: Facts,
    campaign: Campaign,
    deck: OpenDeckFacts,
    community: Community,
    member: str,
    now: datetime,
) -> list[Effect]:
    try:
        payable_on = facts.payable_on(now.astimezone(community.zone).date(), deck.payable_after)
    except UnknownYear as error:
        return [
            Reply("抽奖暂停一会儿，您的机会还在，请稍后再试。"),
            Tell(community.owner, f"“{campaign.title}”暂停抽奖：{error}"),
        ]
    card: PrizeCard = facts.card(deck.id, deck.taken)
    number = deck.taken + 1
    text = (
        f"🎉 {campaign.title}：恭喜抽中 **{prize_with_amount(card.prize, card.amount_fen)}**！\n"
        f"> 第 {number}/{deck.size} 张　{payable_on.month} 月 {payable_on.day} 日发放　"
        f"{_ask(community)}"
    )
    effects: list[Effect] = [
        TakeCard(
            deck=deck.id,
            position=deck.taken,
            community=community.id,
            member=member,
            prize=card.prize,
            amount_fen=card.amount_fen,
            payable_on=payable_on.isoformat(),
        ),
        Count(community.id, member, "draw"),
        Reply(text),
    ]
    if number == deck.size:
        effects += close(facts, replace(deck, taken=number), "奖品全部送出", now)
    return effects
