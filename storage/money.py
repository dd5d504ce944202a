"""Awards and the budgets that they are taken from. Integers of fen.

An award, its ledger entry, its payout and the budget's share are written in one transaction, or
none of them is. What becomes of a payout: `storage.payouts`; how money is booked:
`storage.ledger`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import BigInteger, Connection, Update, bindparam, select, update

from storage import coupons, ledger, spending
from storage.coupons import NoCouponLeft as NoCouponLeft
from storage.ledger import Entry
from storage.rows import every, for_change, insert_all, insert_new, one, pick, values
from storage.tables.money import Award as AwardTable
from storage.tables.money import Budget, Payout
from storage.types import order_number, pickup_code, table

_AWARD = table(AwardTable)
_BUDGET = table(Budget)
_PAYOUT = table(Payout)


class OverBudget(Exception):
    """The source has less money left than the award needs; nothing was written."""


@dataclass(frozen=True, slots=True)
class Award:
    """The prize that one member won."""

    order_no: str
    """Follows from `key`, so it is the same in every attempt: 28 letters and digits."""
    key: str
    source: str
    """What paid for it: a campaign's id, `pool/<id>` or `points/<id>`."""
    community: str
    member: str
    prize: str
    amount_fen: int
    payable_on: date
    won_at: datetime
    kind: str = "cash"
    """cash, coupon, gift or points."""
    points: int = 0
    claim_by: date | None = None
    """The last local day on which the member may take it; None: no such day."""
    replaces: str | None = None
    """The order number of the award that came to nothing and is given once more."""
    deck: int = 0
    """The deck that it was drawn from; 0: none."""

    @classmethod
    def of(
        cls,
        key: str,
        source: str,
        community: str,
        member: str,
        prize: str,
        amount_fen: int,
        payable_on: date,
        won_at: datetime,
        *,
        kind: str = "cash",
        points: int = 0,
        claim_by: date | None = None,
        replaces: str | None = None,
        deck: int = 0,
    ) -> "Award":
        """An award with its order number."""
        return cls(
            order_number(key),
            key,
            source,
            community,
            member,
            prize,
            amount_fen,
            payable_on,
            won_at,
            kind,
            points,
            claim_by,
            replaces,
            deck,
        )


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """投放, 已发出, 已领取, 已退回 of a source."""

    source: str
    budget_fen: int
    committed_fen: int
    settled_fen: int
    returned_fen: int


def award(
    tx: Connection,
    *,
    key: str,
    source: str,
    budget_fen: int,
    community: str,
    member: str,
    prize: str,
    amount_fen: int,
    payable_on: date,
    now: datetime,
    kind: str = "cash",
    points: int = 0,
    claim_by: date | None = None,
) -> Award:
    """Awards a prize from a source whose whole budget is `budget_fen`; a known key awards nothing
    and returns what it awarded before. Raises OverBudget, NoCouponLeft."""
    known = one(tx, pick(_AWARD, Award).where(_AWARD.c.key == key), Award)
    if known is not None:
        return known
    before = _budget_of(tx, source)
    _commit_money(tx, source, amount_fen, budget_fen)
    if budget_fen != before:
        ledger.append(tx, source, [ledger.fund(source, budget_fen - before, now)])
    new = Award.of(
        key,
        source,
        community,
        member,
        prize,
        amount_fen,
        payable_on,
        now,
        kind=kind,
        points=points,
        claim_by=claim_by,
    )
    write_awards(tx, [new])
    return new


def raise_budget(tx: Connection, source: str, budget_fen: int, now: datetime) -> None:
    """Adds to a source's budget: each deck of a campaign brings its own."""
    _budget_of(tx, source)
    tx.execute(
        update(_BUDGET)
        .where(_BUDGET.c.source == source)
        .values(budget_fen=_BUDGET.c.budget_fen + budget_fen)
    )
    ledger.append(tx, source, [ledger.fund(source, budget_fen, now)])


def release(tx: Connection, source: str, amount_fen: int, now: datetime) -> int:
    """Takes what a closed deck did not use back from its source's budget, as far as it is free.
    Returns how many fen those were."""
    free = _BUDGET.c.budget_fen - _BUDGET.c.committed_fen + _BUDGET.c.returned_fen
    query = select(free).where(_BUDGET.c.source == source)
    taken = min(amount_fen, int(tx.execute(for_change(tx, query)).scalar() or 0))
    if taken <= 0:
        return 0
    less = update(_BUDGET).where(_BUDGET.c.source == source)
    tx.execute(less.values(budget_fen=_BUDGET.c.budget_fen - taken))
    ledger.append(tx, source, [ledger.fund(source, -taken, now)])
    return taken


def commit_money(tx: Connection, source: str, amount_fen: int) -> None:
    """Takes money from a source's budget. Raises OverBudget."""
    _commit_money(tx, source, amount_fen, None)


def write_awards(tx: Connection, awards: Sequence[Award]) -> None:
    """Writes new awards with their ledger rows and payouts; their money is committed already.

    A coupon takes the oldest code of its prize (raises NoCouponLeft); points are paid at once:
    the caller adds them to the member's account.
    """
    insert_all(tx, _AWARD, [values(new) for new in awards])
    insert_all(tx, _PAYOUT, [_payout(new) for new in awards])
    for source, its in groupby(awards, attrgetter("source")):
        ledger.append(tx, source, [entry for new in its for entry in _booked(new)])
    for new in awards:
        spending.add(tx, new.source, new.deck, new.won_at, committed_fen=new.amount_fen)
        if new.kind == "coupon":
            coupons.reserve(tx, new.source, new.prize, new.order_no)
        elif new.kind == "points":
            settle(tx, new.source, new.deck, new.amount_fen, new.won_at)


def settle(tx: Connection, source: str, deck: int, amount_fen: int, now: datetime) -> None:
    """Counts money of a source, drawn from a deck (0: from none), as received."""
    settled = {"settled_fen": _BUDGET.c.settled_fen + amount_fen}
    tx.execute(update(_BUDGET).where(_BUDGET.c.source == source).values(settled))
    spending.add(tx, source, deck, now, settled_fen=amount_fen)


def give_back(tx: Connection, source: str, deck: int, amount_fen: int, now: datetime) -> None:
    """Counts money of a source as returned to its budget."""
    returned = {"returned_fen": _BUDGET.c.returned_fen + amount_fen}
    tx.execute(update(_BUDGET).where(_BUDGET.c.source == source).values(returned))
    spending.add(tx, source, deck, now, returned_fen=amount_fen)


def get(tx: Connection, order_no: str) -> Award | None:
    """An award by its order number."""
    return one(tx, pick(_AWARD, Award).where(_AWARD.c.order_no == order_no), Award)


def known(tx: Connection, key: str) -> bool:
    """Whether something was awarded under a key."""
    return tx.execute(select(_AWARD.c.key).where(_AWARD.c.key == key)).first() is not None


def numbers(tx: Connection, source: str) -> dict[str, str]:
    """Order numbers of a source's awards, by key."""
    query = select(_AWARD.c.key, _AWARD.c.order_no).where(_AWARD.c.source == source)
    return dict(tx.execute(query).all())


def left(tx: Connection, source: str) -> int:
    """Fen of a source's budget that are free."""
    query = select(_BUDGET.c.budget_fen - _BUDGET.c.committed_fen + _BUDGET.c.returned_fen)
    return tx.execute(query.where(_BUDGET.c.source == source)).scalar() or 0


def committed(tx: Connection, source: str) -> int:
    """Fen of a source's budget that are bound: awarded and not returned."""
    query = select(_BUDGET.c.committed_fen - _BUDGET.c.returned_fen)
    return tx.execute(query.where(_BUDGET.c.source == source)).scalar() or 0


def budget_lines(tx: Connection) -> list[BudgetLine]:
    """Every source's figures, by source."""
    return every(tx, pick(_BUDGET, BudgetLine).order_by(_BUDGET.c.source), BudgetLine)


def _payout(award: Award) -> dict[str, Any]:
    at_once = award.kind == "points"
    return {
        "order_no": award.order_no,
        "community": award.community,
        "status": "paid" if at_once else "held",
        "amount_fen": award.amount_fen,
        "payable_on": award.payable_on,
        "finished_at": award.won_at if at_once else None,
        "updated_at": award.won_at,
        "code": pickup_code(award.order_no) if award.kind == "gift" else None,
    }


def _booked(award: Award) -> list[Entry]:
    number, fen, at = award.order_no, award.amount_fen, award.won_at
    entries = [Entry("award", number, f"budget/{award.source}", "owed", fen, at)]
    if award.kind == "points":
        entries.append(Entry("paid", number, "owed", "paid", fen, at))
    return entries


def _budget_of(tx: Connection, source: str) -> int:
    """A source's budget in fen; its row is there from here on."""
    query = select(_BUDGET.c.budget_fen).where(_BUDGET.c.source == source)
    found: int | None = tx.execute(query).scalar()
    if found is None:
        insert_new(tx, _BUDGET, [{"source": source, "budget_fen": 0}])
    return found or 0


def _commit_money(tx: Connection, source: str, amount_fen: int, budget_fen: int | None) -> None:
    """One statement judges and takes, so no two can take the same money. A new `budget_fen`
    (the operator edited it) counts from here on."""
    given: dict[str, Any] = {"of": source, "wanted": amount_fen}
    if budget_fen is not None:
        given["new"] = budget_fen
    if tx.execute(_take(budget_fen is not None), given).rowcount != 1:
        raise OverBudget(f"{source}: {amount_fen} fen are not left")


@cache
def _take(edited: bool) -> Update:
    budget = bindparam("new", type_=BigInteger) if edited else _BUDGET.c.budget_fen
    wanted = bindparam("wanted", type_=BigInteger)
    bound = _BUDGET.c.committed_fen - _BUDGET.c.returned_fen
    return (
        update(_BUDGET)
        .where(_BUDGET.c.source == bindparam("of"), bound + wanted <= budget)
        .values(committed_fen=_BUDGET.c.committed_fen + wanted, budget_fen=budget)
    )
