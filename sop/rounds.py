"""Rounds of a campaign: opened in public, frozen, decided by a public value, closed.

Every effect that changes a deck carries the next link of its log, computed from the head that
was read in the same transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import lru_cache

from sop import coupon_codes
from sop.campaign import Campaign
from sop.community import Community
from sop.deck_effects import CloseDeck, DecideDeck, FreezeDeck, OpenDeck, RemindDeck, TakeCard
from sop.deck_ports import OpenDeckFacts
from sop.draws import entrants as lots
from sop.draws.commitment import commit, rules_hash
from sop.draws.deck import PrizeCard, build
from sop.draws.log import Entry, close_entry, decide_entry, draw_entry, freeze_entry
from sop.effects import Count, Effect, Post, Tell
from sop.member_page import reachable, way_in
from sop.notice import ended, frozen, notice, winners
from sop.points_effects import GivePoints
from sop.ports import Facts
from sop.step import CannotRun, StepContext
from sop.workdays import UnknownYear

STANDING = "standing"
NIGHT = "21:30-08:30"
"""Quiet hours of what no plan times."""
REMINDED = time(10)
"""Local time at which colleagues are reminded that a public value is missing."""
TIME_OVER, SEASON_OVER, ALL_DRAWN = "时间到", "活动期满", "奖品全部送出"
NOBODY, DECIDED = "没有人报名", "已开奖"


class CannotDecide(Exception):
    """The winners cannot be drawn now; the text says why, in Chinese."""


class CannotOpen(Exception):
    """No round is opened; the text says why, in Chinese."""


def published(facts: Facts, deck: OpenDeckFacts) -> Campaign:
    """The campaign as its members read it: what the file says since then does not count."""
    return _read(json.dumps(facts.decks.rules(deck.id), sort_keys=True))


@lru_cache(maxsize=256)  # a whole group draws in the same minute
def _read(rules: str) -> Campaign:
    return Campaign.model_validate_json(rules, strict=False)


def reaches(campaign: Campaign, community: Community) -> bool:
    """Members must be able to take part: by a word that the bot hears, or on the page."""
    return reachable(community) and campaign.applies_to.includes(community)


def concerned(facts: Facts, campaign: Campaign, deck: OpenDeckFacts) -> list[Community]:
    """The communities that a deck is for."""
    return [
        one
        for one in facts.communities()
        if one.id == deck.community or (deck.community is None and reaches(campaign, one))
    ]


def open_standing(facts: Facts, campaign: Campaign, now: datetime, seed: bytes) -> list[Effect]:
    """Opens the standing deck of a campaign once, in its season; nothing if it was ever opened."""
    if campaign.round != STANDING or facts.decks.named(campaign.campaign, STANDING, None):
        return []
    communities = [one for one in facts.communities() if reaches(campaign, one)]
    if not communities:
        return []
    zone = communities[0].zone
    today = now.astimezone(zone).date()
    if (campaign.starts and today < campaign.starts) or (campaign.ends and today > campaign.ends):
        return []
    closes_at = None
    if campaign.ends:
        after = campaign.ends + timedelta(days=1)
        closes_at = datetime.combine(after, time(), zone)
    return _open(facts, campaign, STANDING, None, communities, closes_at, now, seed)


def open_round(context: StepContext, campaign_name: str, open_for: timedelta) -> list[Effect]:
    """Opens this day's deck of an event campaign (步骤 draw). Raises CannotRun where nobody could
    draw.

    A shared deck is opened by whichever community comes first; the others are told of it.
    """
    campaign = context.library.campaigns[campaign_name]
    facts, here, now = context.facts, context.community, context.now
    if not reachable(here):
        text = f"“{here.name}”里机器人听不到成员说话，“{campaign.title}”没有开启。"
        raise CannotRun(text)
    day = context.day.isoformat()
    owner = None if campaign.shared else here.id
    known = facts.decks.named(campaign_name, day, owner)
    if known is None:
        closes_at = now + open_for
        return _open(facts, campaign, day, owner, [here], closes_at, now, context.seed)
    if owner is not None or known.closed_at is not None:
        return []
    return [Post(here.id, notice_of(facts, known, here, now))]


def open_by_hand(
    facts: Facts,
    campaign: Campaign,
    community: str,
    open_for: timedelta,
    now: datetime,
    seed: bytes,
) -> list[Effect]:
    """A colleague opens a round besides the plans: a standing one at any hour of its season, one
    of an event in `community`, or, if it is shared, everywhere. Raises CannotOpen."""
    title = campaign.title
    if campaign.round == STANDING:
        effects = open_standing(facts, campaign, now, seed)
        if not effects:
            text = f"“{title}”没有开启：已经开过，或不在 starts 到 ends 之间，或没有社群能参加。"
            raise CannotOpen(text)
        return effects
    if not open_for:
        raise CannotOpen(f"“{title}”没有开启：请写开放多久，例如 --for 30m。")
    homes = [
        one
        for one in facts.communities()
        if reaches(campaign, one) and (campaign.shared or one.id == community)
    ]
    if not homes:
        raise CannotOpen(f"“{title}”没有开启：这个社群不在活动范围里，或成员没有办法参加。")
    day = now.astimezone(homes[0].zone).date().isoformat()
    owner = None if campaign.shared else homes[0].id
    if facts.decks.named(campaign.campaign, day, owner) is not None:
        raise CannotOpen(f"“{title}”没有开启：今天已经开过一期。")
    return _open(facts, campaign, day, owner, homes, now + open_for, now, seed)


def notice_of(facts: Facts, deck: OpenDeckFacts, community: Community, now: datetime) -> str:
    """The public notice of a deck as it stands now, once more."""
    return notice(
        published(facts, deck),
        community,
        commitment=deck.commitment,
        closes_at=deck.closes_at,
        way=way_in(facts, community, now, "活动页"),
        now=now,
    )


def _open(
    facts: Facts,
    campaign: Campaign,
    round: str,
    community: str | None,
    communities: Sequence[Community],
    closes_at: datetime | None,
    now: datetime,
    seed: bytes,
) -> list[Effect]:
    rules = campaign.model_dump(mode="json", by_alias=True)
    commitment = commit(
        campaign=campaign.campaign,
        round=round,
        mode=campaign.mode,
        public_value=campaign.public_value,
        rules_hash=rules_hash(rules),
        seed=seed,
        cards=campaign.cards,
    )
    cards = [
        [one.kind, one.prize, one.amount_fen, one.points] for one in build(campaign.cards, seed)
    ]
    deck = OpenDeck(
        campaign=campaign.campaign,
        round=round,
        community=community,
        cards={"cards": cards},
        seed=seed.hex(),
        commitment=commitment,
        rules_hash=rules_hash(rules),
        rules=rules,
        mode=campaign.mode,
        public_value=campaign.public_value,
        budget_fen=campaign.budget_fen,
        payable_after=campaign.payable_after,
        closes_at=closes_at,
    )
    posts: list[Effect] = [
        Post(
            one.id,
            notice(
                campaign,
                one,
                commitment=commitment,
                closes_at=closes_at,
                way=way_in(facts, one, now, "活动页"),
                now=now,
            ),
        )
        for one in communities
    ]
    return [deck, *posts, *coupon_codes.missing(facts, campaign, communities)]


def wake(facts: Facts, deck: OpenDeckFacts, now: datetime) -> list[Effect]:
    """What a deck does by itself when its time has come."""
    if deck.mode == "instant":
        return close(facts, deck, SEASON_OVER if deck.round == STANDING else TIME_OVER, now)
    if deck.frozen_at is not None:
        return _missing(facts, deck, now)
    codes = [one.code for one in facts.decks.entrants(deck.id)]
    return _freeze(facts, deck, codes, now) if codes else close(facts, deck, NOBODY, now)


def _freeze(facts: Facts, deck: OpenDeckFacts, codes: list[str], now: datetime) -> list[Effect]:
    campaign = published(facts, deck)
    entry = freeze_entry(deck.head, deck.log_length, now, codes)
    homes = concerned(facts, campaign, deck)
    effects: list[Effect] = [FreezeDeck(deck.id, entry.json, entry.hash, _next_morning(homes, now))]
    text = frozen(campaign, len(codes), entry.json["entrants_hash"])
    effects += [Post(one.id, text, quiet_hours=NIGHT) for one in homes]
    asked = (
        f"“{campaign.title}”报名截止，共 {len(codes)} 人。“{campaign.public_value}”公布后请发：\n"
        f"> 开奖 {campaign.campaign} 公开值"
    )
    return effects + [Tell(one.id, asked) for one in facts.operators()]


def _missing(facts: Facts, deck: OpenDeckFacts, now: datetime) -> list[Effect]:
    campaign = published(facts, deck)
    asked = (
        f"“{campaign.title}”还没有开奖，群友在等。请查到“{campaign.public_value}”后发：\n"
        f"> 开奖 {campaign.campaign} 公开值"
    )
    homes = concerned(facts, campaign, deck)
    told: list[Effect] = [Tell(one.id, asked) for one in facts.operators()]
    return [RemindDeck(deck.id, _next_morning(homes, now)), *told]


def _next_morning(communities: Sequence[Community], now: datetime) -> datetime:
    """The next 10:00 that is at least half a day away, where the deck is at home."""
    if not communities:
        return now + timedelta(days=1)
    zone = communities[0].zone
    later = (now + timedelta(hours=12)).astimezone(zone)
    day = later.date() if later.time() <= REMINDED else later.date() + timedelta(days=1)
    return datetime.combine(day, REMINDED, zone)


def decide(facts: Facts, deck: OpenDeckFacts, value: str, now: datetime) -> list[Effect]:
    """The public value is known: cards to the entrants in the order that follows from it, all in
    one transaction, and the end of the round. Raises CannotDecide."""
    campaign = published(facts, deck)
    if deck.frozen_at is None:
        raise CannotDecide(f"“{campaign.title}”的报名还没有截止。")
    value = lots.spelled(value)
    if not value:
        raise CannotDecide("公开值里要有数字或英文字母，例如 03 11 17 20 26 31。")
    entrants = {one.code: one for one in facts.decks.entrants(deck.id)}
    seed = bytes.fromhex(facts.decks.seed(deck.id))
    order = lots.order(seed, list(entrants), value)[: deck.size]
    cards = [facts.decks.card(deck.id, position) for position in range(len(order))]
    won = [(entrants[code], card) for code, card in zip(order, cards, strict=True)]
    _covered(facts, deck, campaign, cards)
    entry = decide_entry(deck.head, deck.log_length, now, value)
    effects: list[Effect] = [DecideDeck(deck.id, value, entry.json, entry.hash)]
    deck = _grown(deck, entry, taken=0)
    for one, card in won:
        home = facts.community(one.community)
        if home is None:
            raise CannotDecide(f"报名的社群“{one.community}”已不在配置里。")
        try:
            taken, deck = take(facts, campaign, deck, home, one.member, one.code, card, 1, now)
        except UnknownYear as error:
            raise CannotDecide(f"先不开奖：{error}") from error
        effects += taken
    told = [f"公开值：{value}", f"{len(entrants)} 位群友报名，{len(won)} 位中奖：", *winners(won)]
    return effects + _close(facts, campaign, deck, DECIDED, told, now)


def _covered(
    facts: Facts, deck: OpenDeckFacts, campaign: Campaign, cards: Sequence[PrizeCard]
) -> None:
    wanted: dict[str, int] = {}
    for card in cards:
        if card.kind == "coupon":
            wanted[card.prize] = wanted.get(card.prize, 0) + 1
    for prize, count in wanted.items():
        left = facts.decks.coupons_left(deck.campaign, prize)
        if left < count:
            text = f"“{campaign.title}”的“{prize}”要 {count} 个券码，只剩 {left} 个，请先导入。"
            raise CannotDecide(text)


def take(
    facts: Facts,
    campaign: Campaign,
    deck: OpenDeckFacts,
    community: Community,
    member: str,
    code: str,
    card: PrizeCard,
    number: int,
    now: datetime,
    request: str | None = None,
) -> tuple[list[Effect], OpenDeckFacts]:
    """A member gets the deck's next card: what shall be done, and the deck after it. Raises
    UnknownYear."""
    local = now.astimezone(community.zone)
    entry = draw_entry(deck.head, deck.log_length, now, deck.taken, code, card)
    effects: list[Effect] = [
        TakeCard(
            deck=deck.id,
            position=deck.taken,
            number=number,
            community=community.id,
            member=member,
            prize=card.prize,
            payable_on=facts.payable_on(local.date(), campaign.payable_after).isoformat(),
            claim_by=(local + campaign.claim_within).date().isoformat(),
            day=local.date().isoformat(),
            code=code,
            entry=entry.json,
            hash=entry.hash,
            request=request,
        ),
        Count(community.id, member, "draw"),
    ]
    if card.kind == "points":
        key = f"draw/{deck.id}/{member}/{number}"
        why = f"{campaign.title}：{card.prize}"
        effects.append(GivePoints(member, community.id, card.points, "prize", why, key))
    return effects, _grown(deck, entry, taken=deck.taken + 1)


def _grown(deck: OpenDeckFacts, entry: Entry, taken: int) -> OpenDeckFacts:
    return replace(deck, head=entry.hash, log_length=deck.log_length + 1, taken=taken)


def close(
    facts: Facts, deck: OpenDeckFacts, reason: str, now: datetime, *, early: bool = False
) -> list[Effect]:
    """Ends a deck and reveals what it was shuffled from; `early`: a colleague ended it."""
    campaign = published(facts, deck)
    if deck.mode == "entrants":
        told = "没有人报名，下次早点来。" if reason == NOBODY else "这一期没有开奖。"
    elif not deck.taken:
        told = "这一期没有人抽奖，下次早点来。"
    elif campaign.chances.total == 1:
        told = f"共 {deck.taken} 位群友抽奖，人人中奖。"
    else:
        told = f"一共抽出 {deck.taken} 张，张张有奖。"
    return _close(facts, campaign, deck, reason, [told], now, early=early)


def _close(
    facts: Facts,
    campaign: Campaign,
    deck: OpenDeckFacts,
    reason: str,
    told: Sequence[str],
    now: datetime,
    *,
    early: bool = False,
) -> list[Effect]:
    entry = close_entry(deck.head, deck.log_length, now, reason)
    seed = facts.decks.seed(deck.id)
    closed = _grown(deck, entry, taken=deck.taken)
    text = ended(campaign, closed, told, seed, reason if early else "")
    quiet = NIGHT if deck.round == STANDING else None
    posts: list[Effect] = [
        Post(one.id, text, quiet_hours=quiet) for one in concerned(facts, campaign, deck)
    ]
    return [CloseDeck(deck.id, reason, entry.json, entry.hash), *posts]
