"""Money of a week: what each source may cost, and what was won, paid and returned by its end.

A shared deck and a pool are counted whole, whichever community won from them: their budget is one.
A deck of one community is counted with its community.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from storage.figures.scope import Scope
from storage.tables.money import Award, Budget, Payout
from storage.tables.play import Deck, Draw
from storage.types import table

_AWARD = table(Award)
_BUDGET = table(Budget)
_DECK = table(Deck)
_DRAW = table(Draw)
_PAYOUT = table(Payout)

POOLS = "pool/%"
"""Sources that are pools; every other source is a campaign."""


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
    winners = _winners(week)
    budgets = {**_deck_budgets(week), **_pool_budgets(week)}
    totals = {**_deck_totals(week), **_pool_totals(week)}
    return tuple(
        SourceNumbers(source, budget, *totals.get(source, (0, 0, 0)), winners.get(source, 0))
        for source, budget in budgets.items()
    )


def _open_in(week: Scope) -> ColumnElement[bool]:
    """Decks that could be drawn from at some time of the week."""
    return and_(
        or_(week.here(Deck), _DECK.c.community == ""),
        _DECK.c.opened_at < week.end,
        or_(_DECK.c.closed_at.is_(None), _DECK.c.closed_at >= week.start),
    )


def _deck_budgets(week: Scope) -> dict[str, int]:
    query = (
        select(_DECK.c.campaign, func.sum(_DECK.c.budget_fen))
        .where(_open_in(week))
        .group_by(_DECK.c.campaign)
        .order_by(_DECK.c.campaign)
    )
    return {source: int(fen) for source, fen in week.tx.execute(query)}


def _deck_totals(week: Scope) -> dict[str, tuple[int, int, int]]:
    deck, number = cast(_DRAW.c.deck, String), cast(_DRAW.c.number, String)
    its_award = _AWARD.c.key == literal("draw/") + deck + "/" + _DRAW.c.member + "/" + number
    query = (
        _sums(week, _DECK.c.campaign)
        .select_from(_DECK)
        .join(_DRAW, _DRAW.c.deck == _DECK.c.id)
        .join(_AWARD, its_award)
        .join(_PAYOUT, _PAYOUT.c.order_no == _AWARD.c.order_no)
        .where(_open_in(week))
    )
    return _totals(week, query)


def _pool_budgets(week: Scope) -> dict[str, int]:
    """Pools that ever paid somebody of the scope."""
    paying = select(_AWARD.c.source).where(
        week.here(Award), _AWARD.c.won_at < week.end, _AWARD.c.source.like(POOLS)
    )
    query = (
        select(_BUDGET.c.source, _BUDGET.c.budget_fen)
        .where(_BUDGET.c.source.in_(paying))
        .order_by(_BUDGET.c.source)
    )
    return {source: int(fen) for source, fen in week.tx.execute(query)}


def _pool_totals(week: Scope) -> dict[str, tuple[int, int, int]]:
    query = (
        _sums(week, _AWARD.c.source)
        .select_from(_AWARD)
        .join(_PAYOUT, _PAYOUT.c.order_no == _AWARD.c.order_no)
        .where(_AWARD.c.source.like(POOLS))
    )
    return _totals(week, query)


def _sums(week: Scope, by: Column[str]) -> Select[str, int, int, int]:
    """Won, paid and returned fen of the awards before the week's end, by source."""
    fen = _PAYOUT.c.amount_fen
    returned = and_(_PAYOUT.c.status.in_(("expired", "rejected")), _PAYOUT.c.finished_at < week.end)
    return (
        select(
            by,
            func.sum(fen),
            func.sum(case((paid_by(week.end), fen), else_=0)),
            func.sum(case((returned, fen), else_=0)),
        )
        .where(_AWARD.c.won_at < week.end)
        .group_by(by)
    )


def _totals(week: Scope, query: Select[str, int, int, int]) -> dict[str, tuple[int, int, int]]:
    return {
        source: (int(won), int(paid), int(returned))
        for source, won, paid, returned in week.tx.execute(query)
    }


def _winners(week: Scope) -> dict[str, int]:
    query = (
        select(_AWARD.c.source, func.count(_AWARD.c.member.distinct()))
        .where(week.members(Award), week.during(Award, "won_at"))
        .group_by(_AWARD.c.source)
    )
    return week.pairs(query)
