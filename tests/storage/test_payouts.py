"""Payouts as a closed state machine, and what becomes of prizes, over both databases."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from storage import books, coupons, money, payout_rows, payouts
from storage.database import Database
from storage.money import Award
from storage.payouts import IllegalMove
from storage.tables.money import Ledger
from storage.types import order_number, table

At = Callable[[float], datetime]
PAYABLE = date(2026, 11, 30)
LAST = date(2026, 12, 30)
SOURCE = "fair"
ORDER = order_number("k1")
LEDGER = table(Ledger)
MONTH = timedelta(days=30)


def give(tx: Connection, now: datetime, key: str = "k1", **more: Any) -> Award:
    given: dict[str, Any] = {
        "key": key,
        "source": SOURCE,
        "budget_fen": 1000,
        "community": "c1",
        "member": "wm1",
        "prize": "奖品",
        "amount_fen": 600,
        "payable_on": PAYABLE,
        "now": now,
    }
    return money.award(tx, **(given | more))


STEPS: dict[str, Callable[[Connection, datetime], object]] = {
    "mature": lambda tx, now: payouts.mature(tx, PAYABLE, now),
    "approve": lambda tx, now: payouts.approve(tx, ORDER, 600, "wang", now),
    "submit": lambda tx, now: payouts.submit(tx, ORDER, now, now + timedelta(minutes=2)),
    "unknown": lambda tx, now: payouts.unknown(tx, ORDER, "超时", now, now + timedelta(minutes=2)),
    "paid": lambda tx, now: payouts.paid(tx, ORDER, "r1", now),
    "failed": lambda tx, now: payouts.failed(tx, ORDER, "账户异常", now),
    "hand_out": lambda tx, now: payouts.hand_out(tx, ORDER, "li", now),
    "found_paid": lambda tx, now: payouts.found_paid(tx, ORDER, "r1", now),
    "reject": lambda tx, now: payouts.reject(tx, ORDER, "wang", "重复账号", now),
    "expire": lambda tx, now: payouts.expire(tx, ORDER, "逾期", now),
}
PATHS = {
    "held": [],
    "due": ["mature"],
    "approved": ["mature", "approve"],
    "submitted": ["mature", "approve", "submit"],
    "unknown": ["mature", "approve", "submit", "unknown"],
    "paid": ["mature", "approve", "submit", "paid"],
    "failed": ["mature", "approve", "submit", "failed"],
    "expired": ["expire"],
    "rejected": ["reject"],
}
RETURNED = {"expire": "expired", "reject": "rejected"}
ALLOWED: dict[str, dict[str, str]] = {
    "held": {"mature": "due", "found_paid": "paid", **RETURNED},
    "due": {"approve": "approved", "found_paid": "paid", **RETURNED},
    "approved": {"submit": "submitted", "found_paid": "paid", **RETURNED},
    "submitted": {"unknown": "unknown", "paid": "paid", "failed": "failed", "found_paid": "paid"},
    "unknown": {"unknown": "unknown", "paid": "paid", "failed": "failed", "found_paid": "paid"},
    "failed": {"found_paid": "paid", "expire": "expired"},
    "paid": {},
    "expired": {},
    "rejected": {},
}


async def walk(database: Database, at: At, status: str, **more: Any) -> None:
    def work(tx: Connection) -> None:
        give(tx, at(0), **more)
        for step in PATHS[status]:
            STEPS[step](tx, at(1))

    await database.write(work)


async def status(database: Database, order_no: str = ORDER) -> str:
    row = await database.read(lambda tx: payout_rows.get(tx, order_no))
    assert row is not None
    return row.status


async def entries(database: Database) -> list[tuple[str, str, str, int]]:
    query = select(LEDGER.c.event, LEDGER.c.debit, LEDGER.c.credit, LEDGER.c.amount_fen)
    return await database.read(
        lambda tx: [(a, b, c, d) for a, b, c, d in tx.execute(query.order_by(LEDGER.c.number))][1:]
    )


async def figures(database: Database) -> tuple[int, int, int, int]:
    (one,) = await database.read(money.budget_lines)
    return one.budget_fen, one.committed_fen, one.settled_fen, one.returned_fen


def tried(tx: Connection, move: str, now: datetime) -> tuple[str, str, list[str]]:
    """A move that is taken back: the refusal, the status then, and what is wrong in the books."""
    undo = tx.begin_nested()
    try:
        refusal = "nobody's day has come" if STEPS[move](tx, now) == [] else ""
    except IllegalMove as error:
        refusal = str(error)
    row = payout_rows.get(tx, ORDER)
    assert row is not None
    found = refusal, row.status, books.wrong(tx)
    undo.rollback()
    return found


def expected(before: str, move: str) -> tuple[str, str, list[str]]:
    if move in ALLOWED[before]:
        return "", ALLOWED[before][move], []
    if move == "mature":
        return "nobody's day has come", before, []
    became = payouts.MOVES[move][0]
    return f"{ORDER} ({before}, 600 fen) cannot become {became}", before, []


@pytest.mark.parametrize("before", PATHS)
async def test_every_status_makes_only_its_moves(database: Database, at: At, before: str) -> None:
    await walk(database, at, before)
    found = await database.write(lambda tx: {move: tried(tx, move, at(2)) for move in STEPS})
    assert found == {move: expected(before, move) for move in STEPS}
    assert await status(database) == before


@pytest.mark.parametrize(
    ("kind", "handed_out"),
    [("cash", False), ("gift", True), ("coupon", True)],
)
async def test_only_what_we_hand_out_is_paid_by_hand(
    database: Database, at: At, kind: str, handed_out: bool
) -> None:
    await database.write(lambda tx: coupons.add(tx, SOURCE, "奖品", ["A1"], at(0)))
    await walk(database, at, "approved", kind=kind)
    if handed_out:
        await database.write(lambda tx: STEPS["hand_out"](tx, at(2)))
        assert await figures(database) == (1000, 600, 600, 0)
    with pytest.raises(IllegalMove):  # and never twice
        await database.write(lambda tx: STEPS["hand_out"](tx, at(3)))
    assert await status(database) == ("paid" if handed_out else "approved")


async def test_paid_award_is_settled(database: Database, at: At) -> None:
    await walk(database, at, "unknown")
    await database.write(lambda tx: payouts.paid(tx, ORDER, "r1", at(2)))
    row = await database.read(lambda tx: payout_rows.get(tx, ORDER))
    assert row is not None
    found = (row.receipt, row.reason, row.finished_at, row.attempts, row.approved_by, row.next_at)
    assert found == ("r1", "", at(2), 1, "wang", None)
    assert await figures(database) == (1000, 600, 600, 0)
    assert await entries(database) == [
        ("award", "budget/fair", "owed", 600),
        ("paid", "owed", "paid", 600),
    ]


@pytest.mark.parametrize("event", ["expired", "rejected"])
async def test_money_of_what_came_to_nothing_returns(
    database: Database, at: At, event: str
) -> None:
    await walk(database, at, event)
    assert await figures(database) == (1000, 600, 0, 600)
    assert await entries(database) == [
        ("award", "budget/fair", "owed", 600),
        (event, "owed", "budget/fair", 600),
    ]
    await database.write(lambda tx: give(tx, at(3), "k2", amount_fen=1000))
    assert await figures(database) == (1000, 1600, 0, 600)


async def test_approval_is_for_exactly_the_amount(database: Database, at: At) -> None:
    await walk(database, at, "due")
    with pytest.raises(IllegalMove):
        await database.write(lambda tx: payouts.approve(tx, ORDER, 601, "wang", at(2)))
    assert await status(database) == "due"


async def test_unknown_order_cannot_move(database: Database, at: At) -> None:
    with pytest.raises(IllegalMove, match=r"^QY0 \(unknown order\) cannot become submitted$"):
        await database.write(lambda tx: payouts.submit(tx, "QY0", at(0), at(2)))


async def test_payouts_mature_on_their_day_in_slices(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[list[str]]:
        for n in range(3):
            give(tx, at(n), f"k{n}", amount_fen=100)
        early = payouts.mature(tx, date(2026, 11, 29), at(5))
        slices = [payouts.mature(tx, PAYABLE, at(5), 2) for _ in range(3)]
        return [[row.order_no for row in rows] for rows in (early, *slices)]

    k0, k1, k2 = (order_number(f"k{n}") for n in range(3))
    assert await database.write(work) == [[], [k0, k1], [k2], []]
    assert len(await database.read(lambda tx: payout_rows.listing(tx, "due"))) == 3


async def test_payer_sees_what_is_approved_and_what_must_be_asked(
    database: Database, at: At
) -> None:
    await database.write(lambda tx: coupons.add(tx, SOURCE, "奖品", ["A1"], at(0)))

    def work(tx: Connection) -> None:
        for n in range(4):
            kind = "coupon" if n == 3 else "cash"
            give(tx, at(n), f"k{n}", amount_fen=100, kind=kind)
        payouts.mature(tx, PAYABLE, at(4))
        for n in range(4):
            payouts.approve(tx, order_number(f"k{n}"), 100, "wang", at(4))
        payouts.submit(tx, order_number("k0"), at(5), at(7))
        payouts.submit(tx, order_number("k1"), at(5), at(7))
        payouts.unknown(tx, order_number("k1"), "超时", at(6), at(9))

    await database.write(work)

    async def asked(minute: float) -> list[tuple[str, str]]:
        rows = await database.read(lambda tx: payout_rows.to_pay(tx, at(minute)))
        return [(row.order_no, row.status) for row in rows]

    k0, k1, k2 = (order_number(f"k{n}") for n in range(3))
    assert await asked(6) == [(k2, "approved")]
    assert await asked(7) == [(k2, "approved"), (k0, "submitted")]
    assert await asked(9) == [(k2, "approved"), (k0, "submitted"), (k1, "unknown")]
    assert await database.read(payout_rows.next_ask) == at(7)
    assert await database.write(lambda tx: payouts.ask_now(tx, k1, at(6)))
    assert not await database.write(lambda tx: payouts.ask_now(tx, k2, at(6)))
    assert await asked(6) == [(k2, "approved"), (k1, "unknown")]


async def test_orders_are_found_by_their_end_and_gifts_by_their_whole_code(
    database: Database, at: At
) -> None:
    won = await database.write(lambda tx: give(tx, at(0), kind="gift"))
    row = await database.read(lambda tx: payout_rows.get(tx, won.order_no))
    assert row is not None
    assert row.code is not None
    for typed in (ORDER[-4:], ORDER[-6:].lower(), f"…{ORDER[-5:]}"):
        found = await database.read(lambda tx, typed=typed: payout_rows.find(tx, typed))
        assert [one.order_no for one in found] == [ORDER]
    for typed in ("", ORDER[-3:], "%%%%", "____", "ZZZZ", row.code):
        assert await database.read(lambda tx, typed=typed: payout_rows.find(tx, typed)) == []
    by_code = await database.read(lambda tx: payout_rows.by_code(tx, str(row.code)))
    assert by_code == row
    for code in ("", row.code[-4:], ORDER[-4:]):
        assert await database.read(lambda tx, code=code: payout_rows.by_code(tx, code)) is None


@pytest.mark.parametrize("before", ["failed", "expired", "rejected"])
async def test_what_came_to_nothing_is_given_once_more(
    database: Database, at: At, before: str
) -> None:
    await walk(database, at, before, kind="cash", claim_by=LAST)
    today = date(2026, 12, 15)
    new = await database.write(lambda tx: payouts.reissue(tx, ORDER, "li", today, MONTH, at(5)))
    assert new.order_no == order_number(f"reissue/{ORDER}")
    row = await database.read(lambda tx: payout_rows.get(tx, new.order_no))
    assert row is not None
    found = (row.status, row.requested_by, row.replaces, row.payable_on, row.claim_by)
    assert found == ("due", "li", ORDER, today, date(2027, 1, 14))
    assert await status(database) == ("expired" if before == "failed" else before)
    assert await figures(database) == (1000, 1200, 0, 600)
    mine = await database.read(lambda tx: payout_rows.of_member(tx, "wm1"))
    assert [one.order_no for one in mine] == [new.order_no]
    assert await database.read(books.wrong) == []
    with pytest.raises(IllegalMove):
        await database.write(lambda tx: payouts.reissue(tx, ORDER, "li", today, MONTH, at(6)))
    assert await figures(database) == (1000, 1200, 0, 600)


@pytest.mark.parametrize("before", ["held", "due", "approved", "submitted", "unknown", "paid"])
async def test_what_may_still_be_paid_is_not_given_once_more(
    database: Database, at: At, before: str
) -> None:
    await walk(database, at, before)
    with pytest.raises(IllegalMove, match=f"{before}, 600 fen"):
        await database.write(lambda tx: payouts.reissue(tx, ORDER, "li", PAYABLE, MONTH, at(5)))


EXPIRY = [
    ("gift", "held", True),
    ("gift", "due", True),
    ("gift", "approved", True),
    ("coupon", "approved", True),
    ("cash", "held", False),
    ("cash", "approved", False),
    ("cash", "unknown", False),
    ("cash", "failed", True),
]


@pytest.mark.parametrize(("kind", "before", "gone"), EXPIRY)
async def test_unclaimed_prizes_expire_after_their_last_day(
    database: Database, at: At, kind: str, before: str, gone: bool
) -> None:
    await database.write(lambda tx: coupons.add(tx, SOURCE, "奖品", ["A1"], at(0)))
    await walk(database, at, before, kind=kind, claim_by=LAST)

    async def expired(today: date, failed_before: datetime) -> list[str]:
        rows = await database.write(
            lambda tx: payouts.expire_unclaimed(tx, today, failed_before, at(9))
        )
        return [row.order_no for row in rows]

    assert await expired(LAST, at(1)) == []
    assert await expired(date(2026, 12, 31), at(1.5)) == ([ORDER] if gone else [])
    assert await figures(database) == (1000, 600, 0, 600 if gone else 0)
    left = await database.read(lambda tx: coupons.left(tx, SOURCE, "奖品"))
    assert left == (0 if kind == "coupon" and not gone else 1)


@pytest.mark.parametrize(
    ("before", "after", "waiting"),
    [
        ("held", "rejected", 0),
        ("due", "rejected", 0),
        ("approved", "rejected", 0),
        ("submitted", "submitted", 1),
        ("unknown", "unknown", 1),
        ("paid", "paid", 0),
        ("failed", "failed", 0),
    ],
)
async def test_member_who_asks_for_erasure_gives_up_what_is_not_sent(
    database: Database, at: At, before: str, after: str, waiting: int
) -> None:
    await walk(database, at, before)
    left = await database.write(
        lambda tx: payouts.forfeit(tx, "wm1", "wm1", "本人要求删除资料", at(5))
    )
    given_up = int(after == "rejected")
    assert (left, await status(database)) == ((given_up, waiting), after)
    assert await database.read(books.wrong) == []
