"""Awards, the ledger, payouts and the budgets they are taken from. Integers of fen.

    held ──► due ──► approved ──► submitted ──► paid
                        ▲            │  ▲─┐
                        │            ▼    │ (the payer is asked again under the same number)
                      failed ◄──── unknown ──► paid
    every status but paid ──► expired: the money returns to its budget

An award, its ledger entry, its payout and the budget's share are written in one transaction, or
none of them is. The ledger is double entry: a row moves money between two of the accounts
`budget/<source>`, `owed` (promised to members) and `paid`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from storage.rows import every, insert_all, insert_new, one, pick, values
from storage.tables.money import Award as AwardTable
from storage.tables.money import Budget, Ledger, Payout
from storage.types import order_number, table

_AWARD = table(AwardTable)
_BUDGET = table(Budget)
_LEDGER = table(Ledger)
_PAYOUT = table(Payout)

MOVES = {
    "due": ("held",),
    "approved": ("due", "failed"),
    "submitted": ("approved",),
    "unknown": ("submitted", "unknown"),
    "paid": ("submitted", "unknown"),
    "failed": ("submitted", "unknown"),
    "expired": ("held", "due", "approved", "submitted", "unknown", "failed"),
}
"""For each status, those that it may follow."""


class OverBudget(Exception):
    """The source has less money left than the award needs; nothing was written."""


class IllegalMove(Exception):
    """The payout is not in a status from which this is allowed, or its amount differs."""


@dataclass(frozen=True, slots=True)
class Award:
    """The prize that one member won."""

    order_no: str
    """Follows from `key`, so it is the same in every attempt: 28 letters and digits."""
    key: str
    source: str
    """What paid for it: a campaign's id, or `pool/<id>`."""
    community: str
    member: str
    prize: str
    amount_fen: int
    payable_on: date
    won_at: datetime

    @classmethod
    def of(cls, key: str, *rest: Any) -> "Award":
        """An award with its order number."""
        return cls(order_number(key), key, *rest)


@dataclass(frozen=True, slots=True)
class PrizeRow:
    """An award with the state of its payout, as its winner may see it."""

    order_no: str
    source: str
    community: str
    prize: str
    amount_fen: int
    won_at: datetime
    payout_status: str
    payable_on: date


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """A payout with what it is for."""

    order_no: str
    status: str
    source: str
    community: str
    member: str
    prize: str
    amount_fen: int
    won_at: datetime
    payable_on: date
    approved_by: str | None
    approved_at: datetime | None
    submitted_at: datetime | None
    finished_at: datetime | None
    attempts: int
    receipt: str
    reason: str
    updated_at: datetime


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
) -> Award:
    """Awards a prize from a pool whose budget is `budget_fen`; a known key awards nothing and
    returns what it awarded before. Raises OverBudget."""
    known = one(tx, pick(_AWARD, Award).where(_AWARD.c.key == key), Award)
    if known is not None:
        return known
    insert_new(tx, _BUDGET, [{"source": source, "budget_fen": budget_fen}])
    _commit_money(tx, source, amount_fen, budget_fen)
    new = Award.of(key, source, community, member, prize, amount_fen, payable_on, now)
    write_awards(tx, [new])
    return new


def raise_budget(tx: Connection, source: str, budget_fen: int) -> None:
    """Adds to a source's budget: each deck of a campaign brings its own."""
    insert_new(tx, _BUDGET, [{"source": source, "budget_fen": 0}])
    tx.execute(
        update(_BUDGET)
        .where(_BUDGET.c.source == source)
        .values(budget_fen=_BUDGET.c.budget_fen + budget_fen)
    )


def commit_money(tx: Connection, source: str, amount_fen: int) -> None:
    """Takes money from a source's budget. Raises OverBudget."""
    _commit_money(tx, source, amount_fen, None)


def write_awards(tx: Connection, awards: Sequence[Award]) -> None:
    """Writes new awards with their ledger rows and payouts; their money is committed already."""
    rows = [values(one) for one in awards]
    insert_all(tx, _AWARD, rows)
    insert_all(
        tx,
        _PAYOUT,
        [
            {
                "order_no": one.order_no,
                "amount_fen": one.amount_fen,
                "payable_on": one.payable_on,
                "updated_at": one.won_at,
            }
            for one in awards
        ],
    )
    insert_all(
        tx,
        _LEDGER,
        [
            _entry(
                one.order_no, "award", f"budget/{one.source}", "owed", one.amount_fen, one.won_at
            )
            for one in awards
        ],
    )


def committed(tx: Connection, source: str) -> int:
    """Fen of a source's budget that are bound: awarded and not returned."""
    query = select(_BUDGET.c.committed_fen - _BUDGET.c.returned_fen)
    return tx.execute(query.where(_BUDGET.c.source == source)).scalar() or 0


def budget_lines(tx: Connection) -> list[BudgetLine]:
    """Every source's figures, by source."""
    return every(tx, pick(_BUDGET, BudgetLine).order_by(_BUDGET.c.source), BudgetLine)


def prizes(tx: Connection, member: str) -> list[PrizeRow]:
    """What a member won, newest first."""
    query = select(
        _AWARD.c.order_no,
        _AWARD.c.source,
        _AWARD.c.community,
        _AWARD.c.prize,
        _AWARD.c.amount_fen,
        _AWARD.c.won_at,
        _PAYOUT.c.status,
        _PAYOUT.c.payable_on,
    ).join_from(_AWARD, _PAYOUT, _AWARD.c.order_no == _PAYOUT.c.order_no)
    mine = query.where(_AWARD.c.member == member)
    return every(tx, mine.order_by(_AWARD.c.won_at.desc(), _AWARD.c.order_no), PrizeRow)


def payouts(
    tx: Connection,
    status: str | None = None,
    payable_by: date | None = None,
    limit: int | None = None,
) -> list[PayoutRow]:
    """Payouts by payable date, of one status or all."""
    query = _payouts()
    if status is not None:
        query = query.where(_PAYOUT.c.status == status)
    if payable_by is not None:
        query = query.where(_PAYOUT.c.payable_on <= payable_by)
    in_order = query.order_by(_PAYOUT.c.payable_on, _AWARD.c.won_at, _PAYOUT.c.order_no)
    return every(tx, in_order.limit(limit), PayoutRow)


def payout(tx: Connection, order_no: str) -> PayoutRow | None:
    """One payout."""
    return one(tx, _payouts().where(_PAYOUT.c.order_no == order_no), PayoutRow)


def to_pay(tx: Connection, asked_before: datetime, limit: int = 100) -> list[PayoutRow]:
    """Payouts for the payer: approved ones, and unanswered ones not touched since
    `asked_before`, which must be asked about and not paid again."""
    query = _payouts().where(
        or_(
            _PAYOUT.c.status == "approved",
            _PAYOUT.c.status.in_(("submitted", "unknown")) & (_PAYOUT.c.updated_at < asked_before),
        )
    )
    return every(
        tx, query.order_by(_PAYOUT.c.updated_at, _PAYOUT.c.order_no).limit(limit), PayoutRow
    )


def mature(tx: Connection, today: date) -> int:
    """Held payouts whose payable date has come are due. Returns how many."""
    ripe = update(_PAYOUT).where(_PAYOUT.c.status == "held", _PAYOUT.c.payable_on <= today)
    return tx.execute(ripe.values(status="due")).rowcount


def approve(tx: Connection, order_no: str, amount_fen: int, by: str, now: datetime) -> None:
    """A person approves exactly this amount. Raises IllegalMove."""
    _move(tx, order_no, "approved", now, amount_fen, approved_by=by, approved_at=now, reason="")


def submit(tx: Connection, order_no: str, now: datetime) -> None:
    """The payer is about to be asked to pay: from here on an answer may be lost. Raises
    IllegalMove."""
    _move(tx, order_no, "submitted", now, submitted_at=now, attempts=_PAYOUT.c.attempts + 1)


def unknown(tx: Connection, order_no: str, reason: str, now: datetime) -> None:
    """No answer that tells. Raises IllegalMove."""
    _move(tx, order_no, "unknown", now, reason=reason)


def failed(tx: Connection, order_no: str, reason: str, now: datetime) -> None:
    """The payer will not pay; it can be approved again. Raises IllegalMove."""
    _move(tx, order_no, "failed", now, reason=reason)


def paid(tx: Connection, order_no: str, receipt: str, now: datetime) -> None:
    """The member has the money. Raises IllegalMove."""
    _move(tx, order_no, "paid", now, receipt=receipt, reason="", finished_at=now)
    _book(tx, order_no, "paid", now)


def expire(tx: Connection, order_no: str, reason: str, now: datetime) -> None:
    """The member did not or may not get it; the money returns to its budget. Raises
    IllegalMove."""
    _move(tx, order_no, "expired", now, reason=reason, finished_at=now)
    _book(tx, order_no, "expired", now)


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


def _move(
    tx: Connection,
    order_no: str,
    status: str,
    now: datetime,
    amount_fen: int | None = None,
    **values: Any,
) -> None:
    """Changes the status if it may follow the present one, and the amount is as expected."""
    allowed = (
        update(_PAYOUT)
        .where(_PAYOUT.c.order_no == order_no, _PAYOUT.c.status.in_(MOVES[status]))
        .values(status=status, updated_at=now, **values)
    )
    if amount_fen is not None:
        allowed = allowed.where(_PAYOUT.c.amount_fen == amount_fen)
    if tx.execute(allowed).rowcount != 1:
        found = payout(tx, order_no)
        state = "unknown order" if found is None else f"{found.status}, {found.amount_fen} fen"
        raise IllegalMove(f"{order_no} ({state}) cannot become {status}")


def _book(tx: Connection, order_no: str, event: str, now: datetime) -> None:
    """Moves what is owed to where it went: to the member, or back to its budget."""
    source, amount_fen = tx.execute(
        select(_AWARD.c.source, _AWARD.c.amount_fen).where(_AWARD.c.order_no == order_no)
    ).one()
    settled = event == "paid"
    to = "paid" if settled else f"budget/{source}"
    tx.execute(insert(_LEDGER), _entry(order_no, event, "owed", to, amount_fen, now))
    column = _BUDGET.c.settled_fen if settled else _BUDGET.c.returned_fen
    tx.execute(
        update(_BUDGET).where(_BUDGET.c.source == source).values({column.name: column + amount_fen})
    )


def _entry(
    order_no: str, event: str, debit: str, credit: str, amount_fen: int, at: datetime
) -> dict[str, Any]:
    return {
        "order_no": order_no,
        "event": event,
        "debit": debit,
        "credit": credit,
        "amount_fen": amount_fen,
        "at": at,
    }


_JOINED = _PAYOUT.join(_AWARD, _AWARD.c.order_no == _PAYOUT.c.order_no)
_OF_AWARD = ("source", "community", "member", "prize", "won_at")


def _payouts() -> Select[Any]:
    def home(name: str) -> Table:
        return _AWARD if name in _OF_AWARD else _PAYOUT

    names = PayoutRow.__dataclass_fields__
    return select(*(home(name).c[name] for name in names)).select_from(_JOINED)
