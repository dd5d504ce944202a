"""Members and open rounds: drawing, entering, and being told what is open to them.

In an instant round every card wins and the deck's sum is fixed before the first draw, so the
budget can never be exceeded. The commitment is in the opening notice; the seed is shown when the
deck closes. Rounds themselves are in `sop.rounds`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sop import coupon_codes
from sop.answers import normalise
from sop.campaign import Campaign
from sop.community import Community
from sop.deck_ports import DrawFacts, OpenDeckFacts
from sop.draws.commitment import Mode, member_code
from sop.draws.deck import PrizeCard
from sop.effects import Count, Effect, EnterDeck, KeepReply, Post, Reply, SpendPoints, Tell
from sop.eligibility import NOTHING, Just, Wish, chances_left, refusal
from sop.gathering import until
from sop.library import Library
from sop.member_page import how
from sop.notice import ask, how_to, masked, prize_text, won
from sop.points import earned
from sop.ports import Facts
from sop.rounds import ALL_DRAWN, close, notice_of, published, reaches, take
from sop.workdays import UnknownYear

NOT_OPEN = "现在没有进行中的抽奖，请留意群里的预告。"
NO_ENTERING = "现在没有可以报名的抽奖，请留意群里的预告。"
SHOWN_AT_ONCE_FEN = 50_000
"""规范促销行为暂行规定: results above 500 yuan of a draw on the spot are shown to everybody."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a member may do with an open deck, for the member page."""

    deck: int
    campaign: str
    title: str
    how: str
    mode: Mode
    left: int
    """Cards."""
    size: int
    chances_left: int
    """Today."""
    refusal: str | None
    closes_at: datetime | None
    entered: bool


def offers(facts: Facts, community: Community, member: str, now: datetime) -> list[Offer]:
    """Every open deck of a community with what a member may do there, newest first."""
    return [
        _offer(wish, facts.decks.draws(wish.deck.id, member))
        for wish in _wishes(facts, community, member, now)
    ]


def _offer(wish: Wish, drawn: Sequence[DrawFacts]) -> Offer:
    deck, campaign = wish.deck, wish.campaign
    code = None
    if deck.mode == "entrants":
        code = wish.facts.decks.entrant_code(deck.id, wish.member)
    return Offer(
        deck=deck.id,
        campaign=deck.campaign,
        title=campaign.title,
        how=how_to(campaign, wish.community),
        mode=deck.mode,
        left=deck.size - deck.taken,
        size=deck.size,
        chances_left=0 if code else chances_left(campaign, drawn, wish.today),
        refusal=refusal(wish, drawn),
        closes_at=deck.closes_at,
        entered=code is not None,
    )


def notice(facts: Facts, deck: OpenDeckFacts, community: Community, now: datetime) -> str:
    """The public notice of a deck (公示) as this community may act on it, in markdown."""
    return notice_of(facts, deck, community, now)


def keywords(facts: Facts, library: Library, community: Community, now: datetime) -> list[str]:
    """What members may say here now to draw or to enter, newest first."""
    found = []
    for deck in facts.decks.open(community.id, now):
        campaign = published(facts, deck)
        here = deck.community is not None or campaign.applies_to.includes(community)
        if here and _left(deck) and deck.campaign in library.campaigns:
            found.append(campaign.keyword)
    return found


def draw(
    facts: Facts, library: Library, community: Community, member: str, text: str, now: datetime
) -> list[Effect] | None:
    """A member says a campaign's keyword; None when the text is no keyword here."""
    said = normalise(text)
    names = {
        one.campaign
        for one in library.campaigns.values()
        if one.applies_to.includes(community) and normalise(one.keyword) == said
    }
    if not names:
        return None
    wishes = _wishes(facts, community, member, now)
    found = _first(one for one in wishes if one.deck.campaign in names)
    return found or [Reply(_not_open(facts, library, community, names))]


def _not_open(facts: Facts, library: Library, community: Community, names: set[str]) -> str:
    """Why this keyword does nothing now."""
    entered = [library.campaigns[one] for one in sorted(names)]
    entered = [one for one in entered if one.mode == "entrants"]
    for deck in facts.decks.unfinished():
        here = deck.community in (None, community.id)
        if here and deck.frozen_at is not None and deck.campaign in names:
            campaign = published(facts, deck)
            return f"“{campaign.title}”的报名已经截止，等“{campaign.public_value}”公布后开奖。"
    return NO_ENTERING if entered else NOT_OPEN


def draw_as_published(
    facts: Facts, community: Community, member: str, text: str, now: datetime
) -> list[Effect] | None:
    """The same for a keyword that only an open deck still knows: what its members were told
    counts, whatever the campaign's file says since. None when the text is no such keyword."""
    said = normalise(text)
    wishes = _wishes(facts, community, member, now)
    return _first(one for one in wishes if normalise(one.campaign.keyword) == said) or None


def draw_from(
    facts: Facts, community: Community, member: str, deck_id: int, request: str, now: datetime
) -> list[Effect]:
    """A member of the community draws on the page. `request` is the page's idempotency key: said
    twice, it is answered twice and draws once."""
    known = facts.member(community.id, member)
    if known is None or known.left_at is not None:
        return [Reply(f"您现在不在“{community.name}”里，请先回到群里再来。")]
    drawn = facts.decks.draws(deck_id, member)
    for one in drawn:
        if one.request == request:
            return [Reply(f"恭喜抽中 **{prize_text(one.card)}**！{ask(community)}。")]
    for wish in _wishes(facts, community, member, now):
        if wish.deck.id == deck_id:
            return _try(wish, drawn, request)
    return [Reply("这一期已经结束了，下次请早。")]


def invitation(
    facts: Facts,
    library: Library,
    community: Community,
    member: str,
    now: datetime,
    just: Just = NOTHING,
) -> str:
    """One line about what is open to a member; empty unless something is.

    With `just`, a deed that no row knows yet, only what this very deed has opened; without it,
    every open draw whose condition the member meets. Draws whose campaign has been withdrawn are
    not advertised.
    """
    for wish in _wishes(facts, community, member, now, just):
        condition = wish.campaign.condition
        if condition is None or wish.deck.campaign not in library.campaigns:
            continue
        if just != NOTHING and not just.opens(condition):
            continue
        drawn = facts.decks.draws(wish.deck.id, member)
        if refusal(wish, drawn) is not None:
            continue
        if just == NOTHING or refusal(replace(wish, just=NOTHING), drawn) is not None:
            return f"🎁 {_can(wish.campaign, community)}。"
    return ""


def with_invitation(
    facts: Facts,
    library: Library,
    community: Community,
    member: str,
    effects: Sequence[Effect],
    now: datetime,
) -> list[Effect]:
    """The effects of what a member said; if that opens a draw to the member, the reply says so.

    Deeds are read off the effects, so that who counts a check-in or keeps a reply need not know
    of draws.
    """
    just = _deed(facts, library, community, member, effects, now)
    line = invitation(facts, library, community, member, now, just) if just != NOTHING else ""
    told = list(effects)
    for place in range(len(told) - 1, -1, -1):
        one = told[place]
        if line and isinstance(one, Reply):
            told[place] = Reply(f"{one.text}\n{line}")
            break
    return told


def _deed(
    facts: Facts,
    library: Library,
    community: Community,
    member: str,
    effects: Sequence[Effect],
    now: datetime,
) -> Just:
    """What these effects say that the member has done, outside games."""
    checked_in = Count(community.id, member, "checkin") in effects
    kept = {one.gathering for one in effects if isinstance(one, KeepReply)}
    if not checked_in and not kept:
        return NOTHING
    answered = ""
    for one in facts.gatherings(community.id, now) if kept else ():
        if one.id in kept:
            answered = "/".join(one.occurrence.split("/")[:2])
    given = earned(facts.points, library, {community.id: community}, effects, now)
    points = sum(one.points for one in given if one.member == member)
    return Just(checked_in=checked_in, answered=answered, points=points)


def after_game(facts: Facts, library: Library, community: Community, now: datetime) -> str:
    """A further line for everybody who played a round that has just ended; empty unless a draw is
    open to players."""
    for deck in facts.decks.open(community.id, now):
        campaign = published(facts, deck)
        condition = campaign.condition
        if condition is None or condition.played_within is None or not _left(deck):
            continue
        if deck.campaign in library.campaigns and reaches(campaign, community):
            return f"\n🎁 玩过这一局的群友：{_can(campaign, community)}。"
    return ""


def _can(campaign: Campaign, community: Community) -> str:
    act = "报名" if campaign.mode == "entrants" else "抽一次"
    return f"现在可以{act}“{campaign.title}”了，{how(community, campaign.keyword)}"


def _left(deck: OpenDeckFacts) -> bool:
    return deck.mode == "entrants" or deck.taken < deck.size


def _wishes(
    facts: Facts, community: Community, member: str, now: datetime, just: Just = NOTHING
) -> Iterable[Wish]:
    """The decks that a member of this community can have a wish for, newest first."""
    for deck in facts.decks.open(community.id, now):
        campaign = published(facts, deck)
        if deck.community is not None or campaign.applies_to.includes(community):
            yield Wish(facts, campaign, deck, community, member, now, just)


def _first(wishes: Iterable[Wish]) -> list[Effect]:
    """A card of the first deck that gives one; else the first refusal; empty without decks."""
    refused: list[Effect] = []
    for wish in wishes:
        drawn = wish.facts.decks.draws(wish.deck.id, wish.member)
        why = refusal(wish, drawn)
        if why is None:
            return _granted(wish, drawn, None)
        refused = refused or [Reply(why)]
    return refused


def _try(wish: Wish, drawn: Sequence[DrawFacts], request: str) -> list[Effect]:
    why = refusal(wish, drawn)
    return _granted(wish, drawn, request) if why is None else [Reply(why)]


def _granted(wish: Wish, drawn: Sequence[DrawFacts], request: str | None) -> list[Effect]:
    if wish.deck.mode == "entrants":
        return _enter(wish)
    return _take(wish, len(drawn) + 1, request)


def _enter(wish: Wish) -> list[Effect]:
    code = member_code(wish.deck.commitment, wish.member)
    place = wish.facts.decks.entrant_count(wish.deck.id) + 1
    ends = wish.deck.closes_at
    when = f"{until(ends, wish.community, wish.now)} 截止，" if ends else ""
    text = (
        f"✅ 已报名“{wish.campaign.title}”，您是第 {place} 位。\n"
        f"> {when}用“{wish.campaign.public_value}”开奖　凭证 `{code}`"
    )
    return [
        EnterDeck(wish.deck.id, wish.community.id, wish.member, code),
        Count(wish.community.id, wish.member, "draw"),
        Reply(text),
    ]


def _take(wish: Wish, number: int, request: str | None) -> list[Effect]:
    facts, deck, campaign = wish.facts, wish.deck, wish.campaign
    card = facts.decks.card(deck.id, deck.taken)
    if card.kind == "coupon" and not facts.decks.coupons_left(deck.campaign, card.prize):
        return _halted(wish, coupon_codes.wanted(deck.campaign, card.prize))
    code = member_code(deck.commitment, wish.member)
    try:
        payable_on = facts.payable_on(wish.today, campaign.payable_after)
        effects, after = take(
            facts,
            campaign,
            deck,
            wish.community,
            wish.member,
            code,
            card,
            number,
            wish.now,
            request,
        )
    except UnknownYear as error:
        return _halted(wish, str(error))
    if campaign.price:
        key = f"price/{deck.id}/{wish.member}/{number}"
        why = f"抽一次“{campaign.title}”"
        effects.append(
            SpendPoints(wish.member, wish.community.id, campaign.price, "draw", why, key)
        )
    when = {
        "cash": f"{payable_on.month} 月 {payable_on.day} 日发放",
        "coupon": f"{payable_on.month} 月 {payable_on.day} 日起可领券码",
        "gift": f"{payable_on.month} 月 {payable_on.day} 日起找客户经理领取",
        "points": "已到账",
    }[card.kind]
    text = won(campaign, deck, wish.community, card, when)
    effects.append(Reply(f"{text}\n> 凭证 `{code}`"))
    effects += _shown_at_once(wish, card)
    if after.taken == deck.size:
        effects += close(facts, after, ALL_DRAWN, wish.now)
    return effects


def _halted(wish: Wish, why: str) -> list[Effect]:
    """Nothing is lost: the next card stays where it is until a colleague has put it right. They
    hear of a card once a day, however many members ask for it."""
    text = f"“{wish.campaign.title}”暂停抽奖：{why}"
    once = f"halted/{wish.deck.id}/{wish.deck.taken}/{wish.today}"
    readers = dict.fromkeys((wish.community.owner, *(one.id for one in wish.facts.operators())))
    told = [Tell(one, text, once=once) for one in readers]
    return [Reply("抽奖暂停一会儿，您的机会还在，请稍后再试。"), *told]


def _shown_at_once(wish: Wish, card: PrizeCard) -> list[Effect]:
    if card.amount_fen <= SHOWN_AT_ONCE_FEN:
        return []
    known = wish.facts.member(wish.community.id, wish.member)
    name = masked(known.name if known else "")
    text = f"🎉 {wish.campaign.title}：{name} 抽中 **{prize_text(card)}**"
    return [Post(wish.community.id, text)]
