"""Answers to the core's questions (`sop.ports.Facts`), read inside the current transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.week import week_figures
from sop.community import Community, Member, Role, Staff
from sop.library import Library
from sop.play import pools_of
from sop.ports import GameSession, OccurrenceFacts, OpenDeckFacts, Prize, PrizeCard
from sop.summary.figures import WeekFigures
from sop.workdays import Workdays
from storage import activity, decks, games, money, occurrences, people, tags


class SqlFacts:
    """One transaction's view."""

    def __init__(
        self,
        tx: Connection,
        communities: Sequence[Community],
        staff: Mapping[str, Staff],
        workdays: Workdays,
        library: Library,
    ) -> None:
        self._tx = tx
        self._library = library
        self._communities = {one.id: one for one in communities}
        self._staff = staff
        self._workdays = workdays

    def communities(self) -> Sequence[Community]:
        paused = people.paused(self._tx)
        return [replace(one, paused=one.id in paused) for one in self._communities.values()]

    def community(self, community: str) -> Community | None:
        one = self._communities.get(community)
        return one and replace(one, paused=one.id in people.paused(self._tx))

    def community_of_chat(self, chat_id: str) -> Community | None:
        for one in self._communities.values():
            if one.chat_id == chat_id:
                return self.community(one.id)
        return None

    def staff(self, userid: str) -> Staff | None:
        return self._staff.get(userid)

    def managers(self) -> Sequence[Staff]:
        return [one for one in self._staff.values() if Role.MANAGER in one.roles]

    def member(self, community: str, member: str) -> Member | None:
        row = people.membership(self._tx, community, member)
        if row is None:
            return None
        return Member(row.member, row.name, row.community, row.joined_at, row.left_at)

    def find_members(self, communities: Sequence[str], name: str) -> Sequence[Member]:
        return [
            Member(row.member, row.name, row.community, row.joined_at, row.left_at)
            for row in people.find(self._tx, communities, name, 10)
        ]

    def member_count(self, community: str) -> int:
        return people.count_present(self._tx, community)

    def played_since(self, community: str, member: str, since: datetime) -> bool:
        return games.played_since(self._tx, community, member, since)

    def posts_on(self, community: str, day: date) -> int:
        return occurrences.ran_on(self._tx, community, day)

    def occurrence(self, identity: str) -> OccurrenceFacts | None:
        row = occurrences.get(self._tx, identity)
        if row is None:
            return None
        return OccurrenceFacts(
            row.identity, row.due_at, row.status, row.reason, row.ran_at, row.confirmed_at
        )

    def running_game(self, community: str) -> GameSession | None:
        row = games.running(self._tx, community)
        return None if row is None else game_session(row)

    def deck(self, campaign: str, round: str, community: str | None) -> OpenDeckFacts | None:
        row = decks.deck(self._tx, campaign, round, community)
        return None if row is None else open_deck(row)

    def open_decks(self, community: str, now: datetime) -> Sequence[OpenDeckFacts]:
        return [open_deck(row) for row in decks.open_decks(self._tx, community, now)]

    def card(self, deck: int, position: int) -> PrizeCard:
        row = decks.card(self._tx, deck, position)
        return PrizeCard(row.prize, row.amount_fen)

    def deck_seed(self, deck: int) -> str:
        return decks.seed(self._tx, deck)

    def deck_rules(self, deck: int) -> dict[str, Any]:
        return decks.rules(self._tx, deck)

    def drawn(self, deck: int, member: str) -> PrizeCard | None:
        row = decks.drawn(self._tx, deck, member)
        return None if row is None else PrizeCard(row.prize, row.amount_fen)

    def prizes(self, member: str) -> Sequence[Prize]:
        return [
            Prize(
                row.prize, row.amount_fen, row.won_at, row.source, row.payout_status, row.payable_on
            )
            for row in money.prizes(self._tx, member)
        ]

    def pool_left(self, pool: str, budget_fen: int) -> int:
        promised = sum(
            fen
            for row in games.all_running(self._tx)
            if (held := pools_of(game_session(row))) is not None
            for name, fen in [held]
            if name == pool
        )
        return budget_fen - money.committed(self._tx, f"pool/{pool}") - promised

    def tags(self, member: str) -> Sequence[tuple[str, str]]:
        return [(row.tag, row.reason) for row in tags.of(self._tx, member)]

    def checked_in(self, community: str, member: str, day: date) -> bool:
        return activity.checked_in(self._tx, community, member, day)

    def week_figures(self, communities: Sequence[str], monday: date, zone: ZoneInfo) -> WeekFigures:
        chosen = [self._communities[one] for one in communities]
        return week_figures(self._tx, self._library, self._staff, chosen, monday, zone)

    def payable_on(self, drawn_on: date, working_days: int) -> date:
        return self._workdays.add(drawn_on, working_days)


def game_session(row: games.SessionRow) -> GameSession:
    """A row as the core sees it."""
    return GameSession(
        row.id,
        row.community,
        row.game,
        row.options,
        row.rewards,
        row.state,
        row.version,
        row.seed,
        row.started_at,
        row.next_at,
        row.occurrence,
    )


def open_deck(row: decks.DeckRow) -> OpenDeckFacts:
    """A row as the core sees it."""
    return OpenDeckFacts(
        row.id,
        row.campaign,
        row.round,
        row.community,
        row.size,
        row.taken,
        row.commitment,
        row.payable_after,
        row.opened_at,
        row.closes_at,
    )
