"""Open decks: those of a plan's step for everybody, standing ones when members may draw."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import ClassVar

from sqlalchemy import Connection

from bot.rehearsal.temperament import Call
from sop.campaign import Campaign
from sop.community import Community
from storage import decks, games, people

AFTER_A_GAME = timedelta(minutes=30)
"""So long after a round its players think of the draw that it opened to them."""
MORNING = time(9)


class Draws:
    """One call for each open deck that the members of a community can draw from."""

    name: ClassVar[str] = "draws"

    def calls(
        self, tx: Connection, communities: Sequence[Community], now: datetime
    ) -> Sequence[Call]:
        """Every deck with cards left."""
        return [
            call
            for community in communities
            for deck in decks.open_decks(tx, community.id, now)
            if deck.taken < deck.size
            for call in _calls(tx, deck, community, now)
        ]


def _calls(
    tx: Connection, deck: decks.DeckRow, community: Community, now: datetime
) -> Iterable[Call]:
    campaign = Campaign.model_validate(decks.rules(tx, deck.id), strict=False)
    if not campaign.applies_to.includes(community):
        return
    key = f"deck/{deck.id}/{community.id}"
    if deck.closes_at is not None:
        yield _call(key, key, campaign, community, deck.opened_at, deck.closes_at)
        return
    drawn = {one.member for one in decks.draws(tx, deck.id)}
    if campaign.condition is None:
        local = now.astimezone(community.zone)
        if local.time() >= MORNING:
            here = {row.member for row in people.present(tx, community.id)}
            yield _call(f"{key}/{local.date()}", key, campaign, community, now, None, here - drawn)
        return
    for session in games.finished_between(
        tx, now - AFTER_A_GAME, now + timedelta(1), [community.id]
    ):
        ended = session.finished_at or now
        yield _call(
            f"{key}/{session.id}",
            key,
            campaign,
            community,
            ended,
            ended + AFTER_A_GAME,
            set(games.players(tx, session.id)) - drawn,
        )


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
