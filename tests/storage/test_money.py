"""Awards, budgets and the ledger, over both databases."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import books, coupons, money, payout_rows
from storage.coupons import NoCouponLeft
from storage.database import Database
from storage.money import Award, BudgetLine, OverBudget
from storage.payout_rows import PayoutRow
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


def entries(tx: Connection) -> list[tuple[object, ...]]:
    query = select(LEDGER.c.event, LEDGER.c.debit, LEDGER.c.credit, LEDGER.c.amount_fen)
    return [tuple(row) for row in tx.execute(query.order_by(LEDGER.c.number))]


FUNDED = ("fund", "bank", f"budget/{POOL}", 1000)
WON = ("award", f"budget/{POOL}", "owed", 600)


async def lines(database: Database) -> list[tuple[int, int, int, int]]:
    found = await database.read(money.budget_lines)
    return [(one.budget_fen, one.committed_fen, one.settled_fen, one.returned_fen) for one in found]


def test_order_number_follows_from_the_awards_key() -> None:
    assert order_number("game/12/wm1") == "QY6AA52B4B0EA7B5AAA151BA5EA8"


async def test_award_writes_prize_payout_ledger_and_budget(database: Database, at: At) -> None:
    won = await database.write(lambda tx: award(tx, at(0)))
    assert won == Award(ORDER, KEY, POOL, "c1", "wm1", "红包", 600, PAYABLE, at(0))
    row = PayoutRow(
        order_no=ORDER,
        status="held",
        source=POOL,
        community="c1",
        member="wm1",
        prize="红包",
        kind="cash",
        amount_fen=600,
        points=0,
        won_at=at(0),
        payable_on=PAYABLE,
        claim_by=None,
        approved_by=None,
        approved_at=None,
        submitted_at=None,
        finished_at=None,
        attempts=0,
        asked=0,
        next_at=None,
        receipt="",
        reason="",
        flags="",
        requested_by=None,
        code=None,
        confirm="",
        replaces=None,
        updated_at=at(0),
    )
    assert await database.read(lambda tx: payout_rows.get(tx, ORDER)) == row
    assert await database.read(lambda tx: payout_rows.of_member(tx, "wm1")) == [row]
    assert await database.read(entries) == [FUNDED, WON]
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
    assert len(await database.read(lambda tx: payout_rows.of_member(tx, "wm1"))) == 2


@pytest.mark.parametrize(("budget_fen", "fits"), [(1000, True), (999, False)])
async def test_edited_budget_counts_from_the_next_award(
    database: Database, at: At, budget_fen: int, fits: bool
) -> None:
    await database.write(lambda tx: award(tx, at(0), budget_fen=2000))
    again = partial(award, now=at(1), key="k2", amount_fen=400, budget_fen=budget_fen)
    if fits:
        await database.write(again)
        assert await lines(database) == [(1000, 1000, 0, 0)]
        assert (await database.read(entries))[2:] == [
            ("release", f"budget/{POOL}", "bank", 1000),
            ("award", f"budget/{POOL}", "owed", 400),
        ]
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
    assert await database.read(entries) == [FUNDED, WON]


GIVEN: dict[str, Callable[[Connection, datetime], Award]] = {
    kind: partial(
        lambda tx, now, kind, **more: money.award(
            tx,
            key=f"draw/1/{kind}",
            source="fair",
            budget_fen=5000,
            community="c1",
            member="wm1",
            prize="奖品",
            amount_fen=0 if kind == "points" else 500,
            payable_on=PAYABLE,
            now=now,
            kind=kind,
            **more,
        ),
        kind=kind,
        **more,
    )
    for kind, more in {
        "cash": {},
        "coupon": {"claim_by": date(2026, 12, 30)},
        "gift": {"claim_by": date(2026, 12, 30)},
        "points": {"points": 20},
    }.items()
}


@pytest.mark.parametrize(
    ("kind", "status", "points", "claim_by", "code"),
    [
        ("cash", "held", 0, None, None),
        ("coupon", "held", 0, date(2026, 12, 30), None),
        ("gift", "held", 0, date(2026, 12, 30), "YC5S78KWZD"),
        ("points", "paid", 20, None, None),
    ],
)
async def test_kind_of_prize_is_kept_with_its_payout(
    database: Database,
    at: At,
    kind: str,
    status: str,
    points: int,
    claim_by: date | None,
    code: str | None,
) -> None:
    await database.write(lambda tx: coupons.add(tx, "fair", "奖品", ["A1"], at(0)))
    won = await database.write(lambda tx: GIVEN[kind](tx, at(1)))
    row = await database.read(lambda tx: payout_rows.get(tx, won.order_no))
    assert row is not None
    found = (row.kind, row.status, row.points, row.claim_by, row.code)
    assert found == (kind, status, points, claim_by, code)
    left = await database.read(lambda tx: coupons.left(tx, "fair", "奖品"))
    assert left == (0 if kind == "coupon" else 1)
    assert await database.read(books.wrong) == []


async def test_coupon_without_a_code_left_awards_nothing(database: Database, at: At) -> None:
    with pytest.raises(NoCouponLeft, match=r"^fair: 奖品$"):
        await database.write(lambda tx: GIVEN["coupon"](tx, at(1)))
    assert await database.read(lambda tx: payout_rows.listing(tx)) == []
    assert await database.read(entries) == []


async def test_points_are_settled_at_once(database: Database, at: At) -> None:
    await database.write(lambda tx: GIVEN["points"](tx, at(1)))
    assert await database.read(entries) == [
        ("fund", "bank", "budget/fair", 5000),
        ("award", "budget/fair", "owed", 0),
        ("paid", "owed", "paid", 0),
    ]


async def test_unused_money_of_a_deck_leaves_the_budget(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[int]:
        money.raise_budget(tx, "fair", 1000, at(0))
        money.raise_budget(tx, "fair", 500, at(1))
        money.commit_money(tx, "fair", 900)
        return [money.release(tx, "fair", fen, at(2)) for fen in (400, 400, 1)]

    assert await database.write(work) == [400, 200, 0]
    assert await lines(database) == [(900, 900, 0, 0)]
    assert await database.read(entries) == [
        ("fund", "bank", "budget/fair", 1000),
        ("fund", "bank", "budget/fair", 500),
        ("release", "budget/fair", "bank", 400),
        ("release", "budget/fair", "bank", 200),
    ]
