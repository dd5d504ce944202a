"""Money of a week: what each source may cost, and what was won, paid and returned by its end.

A shared deck and a pool are counted whole, whichever community won from them: their budget is one.
A deck of one community is counted with its community.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import (
    CTE,
    ColumnElement,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from storage.figures.scope import DAYS, Scope
from storage.tables.money import Award, Budget, Payout
from storage.tables.play import Deck, Draw
from storage.types import table

_AWARD = table(Award)
_BUDGET = table(Budget)
_DECK = table(Deck)
_DRAW = table(Draw)
_PAYOUT = table(Payout)

RETURNED = ("expired", "rejected")
POOLS = "pool/%"
"""Sources that are pools; every other source is a campaign."""
WEEKS = 5
"""The summary's own week and the four that its means are taken over."""

Fens = tuple[int, int, int]
"""Won, paid, returned."""


@dataclass(frozen=True, slots=True)
class SourceNumbers:
    """A campaign's decks that could be drawn from in the week, or a pool; fen by the week's end."""

    source: str
    budget_fen: int
    committed_fen: int
    settled_fen: int
    returned_fen: int
    winners: int
    """Distinct members of the scope who won from it in the week."""


@dataclass(frozen=True, slots=True)
class _Deck:
    id: int
    campaign: str
    budget_fen: int
    opened_at: datetime
    closed_at: datetime | None

    def open_in(self, week: Scope) -> bool:
        """Could be drawn from at some time of the week."""
        stays = self.closed_at is None or self.closed_at >= week.start
        return self.opened_at < week.end and stays


def paid_by(at: datetime) -> ColumnElement[bool]:
    """The payout had arrived before an instant."""
    return and_(_PAYOUT.c.status == "paid", _PAYOUT.c.finished_at < at)


def settled(week: Scope) -> int:
    """Fen paid in the week to members of the scope, whenever they were won."""
    query = (
        select(func.coalesce(func.sum(_PAYOUT.c.amount_fen), 0))
        .join(_AWARD, _AWARD.c.order_no == _PAYOUT.c.order_no)
        .where(week.members(Award), _PAYOUT.c.status == "paid", week.during(Payout, "finished_at"))
    )
    return int(week.tx.execute(query).scalar_one())


def sources(week: Scope) -> tuple[SourceNumbers, ...]:
    """Campaigns by name, then pools by name."""
    return Purse(week, weeks=1).sources(week)


class Purse:
    """The sources of some communities in a week and in those before it, read at once: a shared
    source is added up whole, however few of the communities are asked for."""

    def __init__(self, last: Scope, weeks: int = WEEKS) -> None:
        self._last = last
        self._ends = [last.midnight(DAYS - DAYS * back) for back in range(weeks)]

    def sources(self, week: Scope) -> tuple[SourceNumbers, ...]:
        """Those of one of the weeks; of any other they are read for it alone."""
        if week.end not in self._ends:
            return sources(week)
        winners = _winners(week)
        return tuple(
            SourceNumbers(source, budget, *fens, winners.get(source, 0))
            for source, budget, fens in (*self._campaigns(week), *self._pools(week))
        )

    def _campaigns(self, week: Scope) -> Iterator[tuple[str, int, Fens]]:
        number = self._ends.index(week.end)
        of: dict[str, list[_Deck]] = {}
        for deck in self._decks:
            if deck.open_in(week):
                of.setdefault(deck.campaign, []).append(deck)
        for campaign, decks in sorted(of.items()):
            each = [self._deck_totals[deck.id][number] for deck in decks]
            won, paid, returned = (sum(fens) for fens in zip(*each, strict=True))
            yield campaign, sum(deck.budget_fen for deck in decks), (won, paid, returned)

    def _pools(self, week: Scope) -> Iterator[tuple[str, int, Fens]]:
        """Pools that had ever paid somebody of the scope."""
        number = self._ends.index(week.end)
        for source, (budget, first) in sorted(self._pool_budgets.items()):
            if first < week.end:
                yield source, budget, self._pool_totals[source][number]

    @cached_property
    def _decks(self) -> list[_Deck]:
        week, start = self._last, self._last.midnight(-DAYS * (len(self._ends) - 1))
        names = ("id", "campaign", "budget_fen", "opened_at", "closed_at")
        query = select(*(_DECK.c[name] for name in names)).where(
            or_(week.here(Deck), _DECK.c.community == ""),
            _DECK.c.opened_at < week.end,
            or_(_DECK.c.closed_at.is_(None), _DECK.c.closed_at >= start),
        )
        return [_Deck(*row) for row in week.tx.execute(query)]

    @cached_property
    def _deck_totals(self) -> Mapping[int, Sequence[Fens]]:
        won = _won_from_decks([deck.id for deck in self._decks])
        query = select(won.c.deck, *self._sums(won)).group_by(won.c.deck)
        found = {deck: _threes(sums) for deck, *sums in self._last.tx.execute(query)}
        return {deck.id: found.get(deck.id, self._nothing) for deck in self._decks}

    @cached_property
    def _pool_budgets(self) -> Mapping[str, tuple[int, datetime]]:
        """What each may cost, and when it first paid somebody of the scope."""
        week = self._last
        first = (
            select(_AWARD.c.source, func.min(_AWARD.c.won_at))
            .where(week.here(Award), _AWARD.c.won_at < week.end, _AWARD.c.source.like(POOLS))
            .group_by(_AWARD.c.source)
        )
        since = week.pairs(first)
        query = select(_BUDGET.c.source, _BUDGET.c.budget_fen).where(_BUDGET.c.source.in_(since))
        return {source: (int(fen), since[source]) for source, fen in week.tx.execute(query)}

    @cached_property
    def _pool_totals(self) -> Mapping[str, Sequence[Fens]]:
        won = (
            select(_AWARD.c.source, _AWARD.c.won_at, *_payout_columns())
            .join_from(_AWARD, _PAYOUT, _PAYOUT.c.order_no == _AWARD.c.order_no)
            .where(
                _AWARD.c.source.in_(sorted(self._pool_budgets)),
                _AWARD.c.won_at < self._last.end,
            )
            .cte("won")
        )
        query = select(won.c.source, *self._sums(won)).group_by(won.c.source)
        found = {source: _threes(sums) for source, *sums in self._last.tx.execute(query)}
        return {source: found.get(source, self._nothing) for source in self._pool_budgets}

    @property
    def _nothing(self) -> Sequence[Fens]:
        return [(0, 0, 0)] * len(self._ends)

    def _sums(self, won: CTE) -> Iterator[ColumnElement[int]]:
        """Won, paid and returned fen before each of the ends."""
        for end in self._ends:
            before = won.c.won_at < end
            ended = and_(before, won.c.finished_at < end)
            for condition in (
                before,
                and_(ended, won.c.status == "paid"),
                and_(ended, won.c.status.in_(RETURNED)),
            ):
                yield func.sum(case((condition, won.c.amount_fen), else_=0))


def _payout_columns() -> tuple[ColumnElement[str], ...]:
    return tuple(_PAYOUT.c[name] for name in ("amount_fen", "status", "finished_at"))


def _threes(sums: Sequence[int]) -> list[Fens]:
    whole = [int(one) for one in sums]
    return [(whole[n], whole[n + 1], whole[n + 2]) for n in range(0, len(whole), 3)]


def _won_from_decks(decks: Sequence[int]) -> CTE:
    """Every award of these decks with its payout: those of the draws, and what was given once
    more (补发) for one that came to nothing, which names that one in its key."""
    deck, number = cast(_DRAW.c.deck, String), cast(_DRAW.c.number, String)
    its_award = _AWARD.c.key == literal("draw/") + deck + "/" + _DRAW.c.member + "/" + number
    won = (
        select(_DRAW.c.deck, _AWARD.c.order_no, _AWARD.c.won_at, *_payout_columns())
        .join_from(_DRAW, _AWARD, its_award)
        .join(_PAYOUT, _PAYOUT.c.order_no == _AWARD.c.order_no)
        .where(_DRAW.c.deck.in_(sorted(decks)))
        .cte("won", recursive=True)
    )
    given_again = (
        select(won.c.deck, _AWARD.c.order_no, _AWARD.c.won_at, *_payout_columns())
        .join_from(won, _AWARD, _AWARD.c.key == literal("reissue/") + won.c.order_no)
        .join(_PAYOUT, _PAYOUT.c.order_no == _AWARD.c.order_no)
        .where(won.c.status.in_(RETURNED))
    )
    return won.union_all(given_again)


def _winners(week: Scope) -> dict[str, int]:
    query = (
        select(_AWARD.c.source, func.count(_AWARD.c.member.distinct()))
        .where(week.members(Award), week.during(Award, "won_at"))
        .group_by(_AWARD.c.source)
    )
    return week.pairs(query)
