"""Money of a week: what each source may cost, and what was won, paid and returned by its end.

A shared deck and a pool are counted whole, whichever community won from them: their budget is one.
A deck of one community is counted with its community.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from typing import NamedTuple, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from storage.figures.scope import DAYS, Scope
from storage.merging import id_that_counts
from storage.tables.money import Award, Budget, Payout, Spending
from storage.tables.play import Deck
from storage.types import table

_AWARD = table(Award)
_BUDGET = table(Budget)
_DECK = table(Deck)
_PAYOUT = table(Payout)
_SPENDING = table(Spending)
K = TypeVar("K")

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


class Payment(NamedTuple):
    """Money that a member received, whenever it was won."""

    community: str
    member: str
    at: datetime
    fen: int


def sources(week: Scope) -> tuple[SourceNumbers, ...]:
    """Campaigns by name, then pools by name."""
    return Purse(week, weeks=1).sources(week)


class Purse:
    """The money of some communities in a week and in those before it, read at once: a shared
    source is added up whole, however few of the communities are asked for."""

    def __init__(self, last: Scope, weeks: int = WEEKS) -> None:
        self._last = last
        self._ends = [last.midnight(DAYS - DAYS * back) for back in range(weeks)]

    def sources(self, week: Scope) -> tuple[SourceNumbers, ...]:
        """Those of one of the weeks; of any other they are read for it alone."""
        if week.end not in self._ends:
            return sources(week)
        winners = self._winners[self._ends.index(week.end)]
        return tuple(
            SourceNumbers(source, budget, *fens, winners.get(source, 0))
            for source, budget, fens in (*self._campaigns(week), *self._pools(week))
        )

    def settled(self, week: Scope) -> dict[str, int]:
        """Fen paid in one of the weeks to members, by community, whenever they were won."""
        found: dict[str, int] = defaultdict(int)
        start, end = week.start, week.end
        for one in self.payments:
            if start <= one.at < end:
                found[one.community] += one.fen
        return found

    @cached_property
    def payments(self) -> Sequence[Payment]:
        """What members of these communities received in these weeks."""
        week, since = self._last, self._last.midnight(-DAYS * (len(self._ends) - 1))
        query = (
            select(
                _PAYOUT.c.community,
                id_that_counts(_AWARD.c.member),
                _PAYOUT.c.finished_at,
                _PAYOUT.c.amount_fen,
            )
            .join(_AWARD, _AWARD.c.order_no == _PAYOUT.c.order_no)
            .where(week.here(Payout), _PAYOUT.c.finished_at >= since, paid_by(week.end))
        )
        rows = week.tx.execute(query).all()
        return [Payment(*row) for row in rows if row[1] not in week.staff]

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
        return [_Deck(*row) for row in week.tx.execute(query).all()]

    @cached_property
    def _deck_totals(self) -> Mapping[int, Sequence[Fens]]:
        ids = sorted(deck.id for deck in self._decks)
        campaigns = sorted({deck.campaign for deck in self._decks})
        found = self._totals(_SPENDING.c.deck, sources=campaigns, decks=ids)
        return {id: found.get(id, self._nothing) for id in ids}

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
        return {source: (int(fen), since[source]) for source, fen in week.tx.execute(query).all()}

    @cached_property
    def _pool_totals(self) -> Mapping[str, Sequence[Fens]]:
        pools = sorted(self._pool_budgets)
        found = self._totals(_SPENDING.c.source, sources=pools)
        return {source: found.get(source, self._nothing) for source in pools}

    @cached_property
    def _winners(self) -> Sequence[Mapping[str, int]]:
        """Of each of the weeks, how many members of the scope won from each source."""
        weeks = [
            replace(self._last, monday=self._last.day(-DAYS * n)) for n in range(len(self._ends))
        ]
        won = [(_AWARD.c.won_at >= one.start) & (_AWARD.c.won_at < one.end) for one in weeks]
        member = id_that_counts(_AWARD.c.member)
        query = (
            select(
                _AWARD.c.source,
                *(func.count(case((each, member)).distinct()) for each in won),
            )
            .where(
                self._last.here(Award),
                member.not_in(self._last.staff),  # a colleague stays one under an old id
                _AWARD.c.won_at >= weeks[-1].start,
                _AWARD.c.won_at < weeks[0].end,
            )
            .group_by(_AWARD.c.source)
        )
        rows = self._last.tx.execute(query).all()
        return [{source: counts[n] for source, *counts in rows} for n in range(len(weeks))]

    @property
    def _nothing(self) -> Sequence[Fens]:
        return [(0, 0, 0)] * len(self._ends)

    def _totals(self, of: Column[K], **among: Sequence[object]) -> dict[K, list[Fens]]:
        """Committed, settled and returned fen before each of the ends, of some `sources` and, of
        these, some `decks`."""
        ends = {f"end{number}": end for number, end in enumerate(self._ends)}
        query = _spent(of, len(ends), by_deck="decks" in among)
        spent: dict[K, list[Fens]] = defaultdict(lambda: list(self._nothing))
        for week, key, *fens in self._last.tx.execute(query, {**ends, **among}).all():
            for number in range(week + 1):  # what was spent before an end was before later ones
                before = zip(spent[key][number], fens, strict=True)
                won, paid, returned = (one + int(more) for one, more in before)
                spent[key][number] = (won, paid, returned)
        return spent


@cache
def _spent(of: Column[K], weeks: int, *, by_deck: bool) -> CompoundSelect[int, K, int, int, int]:
    """A row for each week in which something was spent: its number, and what. The last week is 0
    and ends with `end0`; the earliest is all of the time before its end."""
    fens = [_SPENDING.c[name] for name in ("committed_fen", "settled_fen", "returned_fen")]
    among = [_SPENDING.c.source.in_(bindparam("sources", expanding=True))]
    if by_deck:
        among.append(_SPENDING.c.deck.in_(bindparam("decks", expanding=True)))
    each = []
    for number in range(weeks):
        during = [_SPENDING.c.quarter < bindparam(f"end{number}")]
        if number + 1 < weeks:
            during.append(_SPENDING.c.quarter >= bindparam(f"end{number + 1}"))
        sums = (func.sum(column) for column in fens)
        query = select(literal(number), of, *sums).where(*among, *during)
        each.append(query.group_by(of))
    return union_all(*each)
