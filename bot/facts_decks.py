"""Answers about decks and draws (`sop.deck_ports.DeckFacts`)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection

from sop.deck_ports import DrawFacts, EntrantFacts, OpenDeckFacts
from sop.draws.commitment import Mode
from sop.draws.deck import PrizeCard
from storage import coupons, decks, draws, people
from storage.deck_values import DeckRow


class SqlDeckFacts:
    """One transaction's view."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def named(self, campaign: str, round: str, community: str | None) -> OpenDeckFacts | None:
        row = decks.deck(self._tx, campaign, round, community)
        return None if row is None else deck_facts(row)

    def get(self, deck: int) -> OpenDeckFacts | None:
        row = decks.get(self._tx, deck)
        return None if row is None else deck_facts(row)

    def open(self, community: str, now: datetime) -> Sequence[OpenDeckFacts]:
        return [deck_facts(row) for row in decks.open_decks(self._tx, community, now)]

    def unfinished(self) -> Sequence[OpenDeckFacts]:
        return [deck_facts(row) for row in decks.unfinished(self._tx)]

    def card(self, deck: int, position: int) -> PrizeCard:
        row = decks.card(self._tx, deck, position)
        return PrizeCard(row.prize, row.amount_fen, row.kind, row.points)

    def seed(self, deck: int) -> str:
        return decks.seed(self._tx, deck)

    def rules(self, deck: int) -> dict[str, Any]:
        return decks.rules_in_force(self._tx, deck)

    def draws(self, deck: int, member: str) -> Sequence[DrawFacts]:
        return [
            DrawFacts(
                row.number,
                row.position,
                PrizeCard(row.prize, row.amount_fen, row.kind, row.points),
                row.day,
                row.code,
                row.receipt,
                row.request,
            )
            for row in draws.by_member(self._tx, deck, member)
        ]

    def entrant_code(self, deck: int, member: str) -> str | None:
        return draws.entrant_code(self._tx, deck, member)

    def entrant_count(self, deck: int) -> int:
        return draws.entrant_count(self._tx, deck)

    def entrants(self, deck: int) -> Sequence[EntrantFacts]:
        rows = draws.entrants(self._tx, deck)
        return [
            EntrantFacts(row.member, people.name(self._tx, row.member), row.community, row.code)
            for row in rows
        ]

    def taken_part(self, member: str, campaigns: Collection[str]) -> Collection[str]:
        return draws.taken_part(self._tx, member, campaigns)

    def joined_by(self, member: str, limit: int) -> Sequence[OpenDeckFacts]:
        return [deck_facts(row) for row in draws.joined_by(self._tx, member, limit)]

    def coupons_left(self, campaign: str, prize: str) -> int:
        return coupons.left(self._tx, campaign, prize)


def deck_facts(row: DeckRow) -> OpenDeckFacts:
    """A row as the core sees it."""
    return OpenDeckFacts(
        id=row.id,
        campaign=row.campaign,
        round=row.round,
        community=row.community,
        size=row.size,
        taken=row.taken,
        commitment=row.commitment,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        mode=cast(Mode, row.mode),
        public_value=row.public_value,
        value=row.value,
        head=row.head,
        log_length=row.log_length,
        frozen_at=row.frozen_at,
        closed_at=row.closed_at,
        refused=row.refused,
    )
