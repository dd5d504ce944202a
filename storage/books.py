"""Do the books agree with each other: ledger, budgets, awards and payouts."""

from sqlalchemy import Connection, func, select

from storage import ledger, spending
from storage.tables.money import Award, Budget, Ledger, Payout
from storage.types import table

_AWARD = table(Award)
_BUDGET = table(Budget)
_LEDGER = table(Ledger)
_PAYOUT = table(Payout)

_ENDS = {"paid": "paid", "expired": "expired", "rejected": "rejected"}
"""The entry that a payout of this status must have in the ledger."""


def wrong(tx: Connection) -> list[str]:
    """Everything that does not agree, in Chinese; empty when all is well."""
    return [*ledger.broken(tx), *_budgets(tx), *_payouts(tx), *_spending(tx)]


def _budgets(tx: Connection) -> list[str]:
    """What a budget's row says must be the sum of its entries."""
    sums: dict[tuple[str, str], int] = {
        (source, event): int(fen)
        for source, event, fen in tx.execute(
            select(_LEDGER.c.source, _LEDGER.c.event, func.sum(_LEDGER.c.amount_fen)).group_by(
                _LEDGER.c.source, _LEDGER.c.event
            )
        )
    }
    found = []
    for row in tx.execute(select(_BUDGET).order_by(_BUDGET.c.source)):

        def booked(*events: str, source: str = row.source) -> int:
            return sum(sums.get((source, event), 0) for event in events)

        for word, fen, entries in (
            ("投放", row.budget_fen, booked("fund") - booked("release")),
            ("已发出", row.committed_fen, booked("award")),
            ("已领取", row.settled_fen, booked("paid")),
            ("已退回", row.returned_fen, booked("expired", "rejected")),
        ):
            if fen != entries:
                found.append(f"奖金来源 {row.source} {word} {fen} 分，账本上是 {entries} 分")
    return found


def _payouts(tx: Connection) -> list[str]:
    """Every award has its payout of the same amount, and every end its entry."""
    query = (
        select(_AWARD.c.order_no, _AWARD.c.amount_fen, _PAYOUT.c.amount_fen, _PAYOUT.c.status)
        .join_from(_AWARD, _PAYOUT, _AWARD.c.order_no == _PAYOUT.c.order_no, isouter=True)
        .order_by(_AWARD.c.order_no)
    )
    ends: dict[str, set[str]] = {}
    for number, event in tx.execute(
        select(_LEDGER.c.order_no, _LEDGER.c.event).where(_LEDGER.c.order_no.is_not(None))
    ):
        ends.setdefault(number, set()).add(event)
    found = []
    for number, won, paid, status in tx.execute(query):
        if status is None or won != paid:
            found.append(f"中奖记录 {number} 没有金额相同的发奖记录")
            continue
        wanted = {"award"} | ({_ENDS[status]} if status in _ENDS else set())
        if ends.get(number, set()) != wanted:
            found.append(f"发奖记录 {number} 是“{status}”，账本上却不是")
    return found


def _spending(tx: Connection) -> list[str]:
    """The summary's rollup of money is what awards and payouts add up to."""
    wrong = spending.differing(tx)
    if not wrong:
        return []
    return [f"周报的资金汇总有 {wrong} 行和奖品不一致；请运行 qunyun rollups rebuild 改正"]
