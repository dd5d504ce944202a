"""Awards, budgets, payouts and the ledger, over both databases."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import money
from storage.database import Database
from storage.money import Award, BudgetLine, IllegalMove, OverBudget, PayoutRow, PrizeRow
from storage.rows import insert_all
from storage.tables.money import Budget, Ledger
from storage.types import order_number, table

At = Callable[[float], datetime]
PAYABLE = date(2026, 11, 30)
POOL = "pool/tuesday-games"
KEY = "game/12/wm1"
ORDER = order_number(KEY)
LEDGER = table(Ledger)


def award(
    tx: Connection, now: datetime, key: str = KEY, amount_fen: int = 600, budget_fen: int = 1000
) -> Award:
    return money.award(
        tx,
        key=key,
        source=POOL,
        budget_fen=budget_fen,
        community="c1",
        member="wm1",
        prize="红包",
        amount_fen=amount_fen,
        payable_on=PAYABLE,
        now=now,
    )


def ledger(tx: Connection) -> list[tuple[object, ...]]:
    query = select(LEDGER.c.event, LEDGER.c.debit, LEDGER.c.credit, LEDGER.c.amount_fen)
    return [tuple(row) for row in tx.execute(query.order_by(LEDGER.c.at, LEDGER.c.event))]


async def lines(database: Database) -> list[tuple[int, int, int, int]]:
    found = await database.read(money.budget_lines)
    return [(one.budget_fen, one.committed_fen, one.settled_fen, one.returned_fen) for one in found]


def test_order_number_follows_from_the_awards_key() -> None:
    assert order_number("game/12/wm1") == "QY6AA52B4B0EA7B5AAA151BA5EA8"


async def test_award_writes_prize_payout_ledger_and_budget(database: Database, at: At) -> None:
    won = await database.write(lambda tx: award(tx, at(0)))
    assert won == Award(ORDER, KEY, POOL, "c1", "wm1", "红包", 600, PAYABLE, at(0))
    assert await database.read(lambda tx: money.prizes(tx, "wm1")) == [
        PrizeRow(ORDER, POOL, "c1", "红包", 600, at(0), "held", PAYABLE)
    ]
    assert await database.read(lambda tx: money.payout(tx, ORDER)) == PayoutRow(
        order_no=ORDER,
        status="held",
        source=POOL,
        community="c1",
        member="wm1",
        prize="红包",
        amount_fen=600,
        won_at=at(0),
        payable_on=PAYABLE,
        approved_by=None,
        approved_at=None,
        submitted_at=None,
        finished_at=None,
        attempts=0,
        receipt="",
        reason="",
        updated_at=at(0),
    )
    assert await database.read(ledger) == [("award", f"budget/{POOL}", "owed", 600)]
    assert await database.read(money.budget_lines) == [BudgetLine(POOL, 1000, 600, 0, 0)]
    assert await database.read(lambda tx: money.committed(tx, POOL)) == 600


async def test_repeated_key_awards_once(database: Database, at: At) -> None:
    first = await database.write(lambda tx: award(tx, at(0)))
    assert await database.write(lambda tx: award(tx, at(5), amount_fen=999)) == first
    assert await lines(database) == [(1000, 600, 0, 0)]


async def test_award_over_budget_writes_nothing(database: Database, at: At) -> None:
    await database.write(lambda tx: award(tx, at(0)))
    with pytest.raises(OverBudget, match=rf"^{POOL}: 401 fen are not left$"):
        await database.write(lambda tx: award(tx, at(1), "game/13/wm1", 401))
    await database.write(lambda tx: award(tx, at(1), "game/14/wm1", 400))
    assert await lines(database) == [(1000, 1000, 0, 0)]
    assert len(await database.read(lambda tx: money.prizes(tx, "wm1"))) == 2


@pytest.mark.parametrize(("budget_fen", "fits"), [(1000, True), (999, False)])
async def test_edited_budget_counts_from_the_next_award(
    database: Database, at: At, budget_fen: int, fits: bool
) -> None:
    await database.write(lambda tx: award(tx, at(0), budget_fen=2000))
    again = partial(award, now=at(1), key="k2", amount_fen=400, budget_fen=budget_fen)
    if fits:
        await database.write(again)
        assert await lines(database) == [(1000, 1000, 0, 0)]
    else:
        with pytest.raises(OverBudget):
            await database.write(again)
        assert await lines(database) == [(2000, 600, 0, 0)]


async def test_database_itself_refuses_to_overspend(database: Database) -> None:
    over = {"source": POOL, "budget_fen": 10, "committed_fen": 11}
    with pytest.raises(IntegrityError):
        await database.write(lambda tx: insert_all(tx, table(Budget), [over]))


@pytest.mark.parametrize(
    "change", [update(LEDGER).values(amount_fen=1), delete(LEDGER)], ids=["update", "delete"]
)
async def test_ledger_is_append_only(database: Database, at: At, change: object) -> None:
    await database.write(lambda tx: award(tx, at(0)))
    with pytest.raises(DBAPIError, match="ledger is append-only"):
        await database.write(lambda tx: tx.execute(change))  # type: ignore[call-overload]
    assert await database.read(ledger) == [("award", f"budget/{POOL}", "owed", 600)]


STEPS: dict[str, Callable[[Connection, datetime], None]] = {
    "approved": lambda tx, now: money.approve(tx, ORDER, 600, "finance", now),
    "submitted": lambda tx, now: money.submit(tx, ORDER, now),
    "unknown": lambda tx, now: money.unknown(tx, ORDER, "超时", now),
    "paid": lambda tx, now: money.paid(tx, ORDER, "r1", now),
    "failed": lambda tx, now: money.failed(tx, ORDER, "账户异常", now),
    "expired": lambda tx, now: money.expire(tx, ORDER, "24 小时未领取", now),
}
PATHS = {
    "held": [],
    "due": ["due"],
    "approved": ["due", "approved"],
    "submitted": ["due", "approved", "submitted"],
    "unknown": ["due", "approved", "submitted", "unknown"],
    "paid": ["due", "approved", "submitted", "paid"],
    "failed": ["due", "approved", "submitted", "failed"],
    "expired": ["expired"],
}
ALLOWED = {
    "held": {"expired"},
    "due": {"approved", "expired"},
    "approved": {"submitted", "expired"},
    "submitted": {"unknown", "paid", "failed", "expired"},
    "unknown": {"unknown", "paid", "failed", "expired"},
    "paid": set[str](),
    "failed": {"approved", "expired"},
    "expired": set[str](),
}


async def go(database: Database, at: At, status: str) -> None:
    await database.write(lambda tx: award(tx, at(0)))
    for step in PATHS[status]:
        if step == "due":
            await database.write(lambda tx: money.mature(tx, PAYABLE))
        else:
            await database.write(lambda tx, step=step: STEPS[step](tx, at(1)))


@pytest.mark.parametrize("to", STEPS)
@pytest.mark.parametrize("from_", PATHS)
async def test_payout_makes_allowed_moves_only(
    database: Database, at: At, from_: str, to: str
) -> None:
    await go(database, at, from_)
    if to in ALLOWED[from_]:
        await database.write(lambda tx: STEPS[to](tx, at(2)))
        expected = to
    else:
        with pytest.raises(
            IllegalMove, match=rf"^{ORDER} \({from_}, 600 fen\) cannot become {to}$"
        ):
            await database.write(lambda tx: STEPS[to](tx, at(2)))
        expected = from_
    row = await database.read(lambda tx: money.payout(tx, ORDER))
    assert row is not None
    assert (row.status, row.order_no) == (expected, ORDER)


async def test_paid_award_is_settled(database: Database, at: At) -> None:
    await go(database, at, "unknown")
    await database.write(lambda tx: money.paid(tx, ORDER, "r1", at(2)))
    row = await database.read(lambda tx: money.payout(tx, ORDER))
    assert row is not None
    assert (row.receipt, row.reason, row.finished_at, row.attempts, row.approved_by) == (
        "r1",
        "",
        at(2),
        1,
        "finance",
    )
    assert await lines(database) == [(1000, 600, 600, 0)]
    assert await database.read(ledger) == [
        ("award", f"budget/{POOL}", "owed", 600),
        ("paid", "owed", "paid", 600),
    ]


async def test_expired_award_returns_its_money(database: Database, at: At) -> None:
    await go(database, at, "submitted")
    await database.write(lambda tx: money.expire(tx, ORDER, "退回", at(2)))
    assert await lines(database) == [(1000, 600, 0, 600)]
    assert await database.read(ledger) == [
        ("award", f"budget/{POOL}", "owed", 600),
        ("expired", "owed", f"budget/{POOL}", 600),
    ]
    assert await database.read(lambda tx: money.committed(tx, POOL)) == 0
    await database.write(lambda tx: award(tx, at(3), "k2", 1000))
    assert await lines(database) == [(1000, 1600, 0, 600)]


async def test_approval_is_for_exactly_the_amount(database: Database, at: At) -> None:
    await go(database, at, "due")
    with pytest.raises(IllegalMove):
        await database.write(lambda tx: money.approve(tx, ORDER, 601, "finance", at(2)))


async def test_unknown_order_cannot_move(database: Database, at: At) -> None:
    with pytest.raises(IllegalMove, match=r"^QY0 \(unknown order\) cannot become submitted$"):
        await database.write(lambda tx: money.submit(tx, "QY0", at(0)))


async def test_payouts_mature_on_their_date(database: Database, at: At) -> None:
    await database.write(lambda tx: award(tx, at(0)))
    assert await database.write(lambda tx: money.mature(tx, date(2026, 11, 29))) == 0
    assert await database.write(lambda tx: money.mature(tx, PAYABLE)) == 1
    assert await database.write(lambda tx: money.mature(tx, PAYABLE)) == 0
    (row,) = await database.read(lambda tx: money.payouts(tx, "due"))
    assert row.order_no == ORDER
    assert await database.read(lambda tx: money.payouts(tx, "held")) == []
    assert await database.read(lambda tx: money.payouts(tx, None, date(2026, 11, 29))) == []


async def test_payer_sees_approved_orders_and_old_questions(database: Database, at: At) -> None:
    for n in range(3):
        await database.write(lambda tx, n=n: award(tx, at(n), f"k{n}", 100))
    await database.write(lambda tx: money.mature(tx, PAYABLE))
    orders = [order_number(f"k{n}") for n in range(3)]
    for n, order in enumerate(orders):
        await database.write(lambda tx, o=order, n=n: money.approve(tx, o, 100, "f", at(n)))
    await database.write(lambda tx: money.submit(tx, orders[0], at(5)))
    await database.write(lambda tx: money.submit(tx, orders[1], at(5)))
    await database.write(lambda tx: money.unknown(tx, orders[1], "超时", at(9)))
    rows = await database.read(lambda tx: money.to_pay(tx, asked_before=at(6)))
    assert [(row.order_no, row.status) for row in rows] == [
        (orders[2], "approved"),
        (orders[0], "submitted"),
    ]
