"""Open decks: those of a plan's step for everybody, standing ones when members may draw."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import ClassVar

from sqlalchemy import Connection

from bot.rehearsal.temperament import Call
from sop.campaign import Campaign
from sop.community import Community
from sop.rounds import STANDING
from sop.terms import Condition
from storage import activity, decks, draws, games, gatherings, people, points
from storage.deck_values import DeckRow

AFTER_A_GAME = timedelta(minutes=30)
"""So long after a round its players think of the draw that it opened to them."""
MORNING = time(9)


class Draws:
    """One call for each open deck that the members of a community can draw from."""

    name: ClassVar[str] = "draws"

    def calls(
        self, tx: Connection, communities: Sequence[Community], now: datetime
    ) -> Sequence[Call]:
        """Every deck with cards left, or that can be entered."""
        return [
            call
            for community in communities
            for deck in decks.open_decks(tx, community.id, now)
            if deck.mode == "entrants" or deck.taken < deck.size
            for call in _calls(tx, deck, community, now)
        ]


def _calls(tx: Connection, deck: DeckRow, community: Community, now: datetime) -> Iterable[Call]:
    campaign = _in_force(tx, deck)
    if deck.community is None and not campaign.applies_to.includes(community):
        return
    key = f"deck/{deck.id}/{community.id}"
    if deck.closes_at is not None and deck.round != STANDING:
        yield _call(key, key, campaign, community, deck.opened_at, deck.closes_at)
        return
    local = now.astimezone(community.zone)
    condition = campaign.condition
    if condition is None or condition.played_within is None:
        if local.time() >= MORNING:
            here = {row.member for row in people.present(tx, community.id)}
            here -= _spent(tx, deck, campaign, local.date())
            ready = {one for one in here if _ready(tx, condition, community, one, local.date())}
            yield _call(f"{key}/{local.date()}", key, campaign, community, now, None, ready)
        return
    ended = games.finished_between(tx, now - AFTER_A_GAME, now + timedelta(1), [community.id])
    spent = _spent(tx, deck, campaign, local.date()) if ended else set()
    for session in ended:
        at = session.finished_at or now
        players = set(games.players(tx, session.id)) - spent
        name = f"{key}/{session.id}"
        yield _call(name, key, campaign, community, at, at + AFTER_A_GAME, players)


def _in_force(tx: Connection, deck: DeckRow) -> Campaign:
    return _read(json.dumps(decks.rules_in_force(tx, deck.id)))


@lru_cache(maxsize=200)
def _read(rules: str) -> Campaign:
    return Campaign.model_validate(json.loads(rules), strict=False)


def _spent(tx: Connection, deck: DeckRow, campaign: Campaign, today: date) -> set[str]:
    """Who has no chance left today."""
    if deck.mode == "entrants":
        return {one.member for one in draws.entrants(tx, deck.id)}
    drawn = draws.who_drew(tx, deck.id)
    total = Counter(member for member, _ in drawn)
    on_day = Counter(member for member, day in drawn if day == today)
    most = campaign.chances.total
    daily = campaign.chances.per_day or most
    return {one for one in total if total[one] >= most or on_day[one] >= daily}


def _ready(
    tx: Connection, condition: Condition | None, community: Community, member: str, today: date
) -> bool:
    """Whether a member has done what is asked for, as far as simulated members can."""
    if condition is None:
        return True
    asked = condition.checked_in
    if asked is not None:
        first = today - timedelta(days=asked.within.days - 1)
        if activity.check_in_days(tx, community.id, member, first) < asked.days:
            return False
    if condition.answered and not gatherings.answered(tx, community.id, member, condition.answered):
        return False
    if condition.points and points.balance(tx, member) < condition.points:
        return False
    return condition.invited is None


def _call(
    key: str,
    round: str,
    campaign: Campaign,
    community: Community,
    opened_at: datetime,
    closes_at: datetime | None,
    audience: set[str] | None = None,
) -> Call:
    return Call(
        key=key,
        round=round,
        community=community.id,
        kind="draw",
        opened_at=opened_at,
        closes_at=closes_at,
        right=(campaign.keyword,),
        audience=None if audience is None else frozenset(audience),
    )


OCCASIONS = Draws()
