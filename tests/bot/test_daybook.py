"""Every morning: yesterday's payments against the statement, over real HTTP to the platform."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.payer import PaidLine
from bot.paying import Paying
from bot.payouts.marketing_platform import MarketingPlatform
from bot.reconciling import Difference, bounds, differences
from storage import money, payouts, reconciliations
from storage.payout_rows import PayoutRow
from tests.house import ZONE, House

FEN = 188


def row(order_no: str, status: str = "paid", fen: int = FEN) -> PayoutRow:
    """A payout of which only number, status and amount matter."""
    given = dict.fromkeys(PayoutRow.__dataclass_fields__)
    return PayoutRow(**(given | {"order_no": order_no, "status": status, "amount_fen": fen}))  # type: ignore[arg-type]


def line(order_no: str, fen: int = FEN) -> PaidLine:
    return PaidLine(order_no, fen)


@pytest.mark.parametrize(
    ("ours", "theirs", "before", "known", "found"),
    [
        ([], [], [], [], []),
        ([row("A")], [line("A")], [], [row("A")], []),
        # Paid there before midnight, recorded here after it.
        ([row("A")], [], [line("A")], [], []),
        ([], [line("A")], [], [row("A")], []),
        ([row("A")], [], [], [], [Difference("A", "missing_there", FEN, None)]),
        ([], [line("A")], [], [], [Difference("A", "unknown_here", None, FEN)]),
        (
            [],
            [line("A")],
            [],
            [row("A", "unknown")],
            [Difference("A", "missing_here", FEN, FEN)],
        ),
        (
            [row("A")],
            [line("A", 189)],
            [],
            [row("A")],
            [Difference("A", "amount", FEN, 189)],
        ),
        (
            [row("B")],
            [line("C"), line("A")],
            [],
            [row("A", "failed")],
            [
                Difference("A", "missing_here", FEN, FEN),
                Difference("B", "missing_there", FEN, None),
                Difference("C", "unknown_here", None, FEN),
            ],
        ),
    ],
)
def test_differences_of_a_day(
    ours: list[PayoutRow],
    theirs: list[PaidLine],
    before: list[PaidLine],
    known: list[PayoutRow],
    found: list[Difference],
) -> None:
    by_number = {one.order_no: one for one in known}
    assert differences(ours, theirs, before, by_number) == found


def test_day_begins_and_ends_in_its_zone() -> None:
    start, end = bounds(date(2026, 11, 23), ZONE)
    assert (start, end) == (
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        datetime(2026, 11, 23, 16, tzinfo=UTC),
    )


def paying_of(house: House) -> Paying:
    payer = MarketingPlatform(house.settings, house.http, house.clock)
    return Paying(house.database, payer, house.clock, lambda: house.due)


async def approved(house: House, *members: str) -> list[str]:
    """Awards that may be paid: their order numbers."""
    now = house.clock.now()

    def work(tx: Any) -> list[str]:
        numbers = []
        for member in members:
            one = money.award(
                tx,
                key=f"test/{member}",
                source="pool/small",
                budget_fen=2000,
                community="first",
                member=member,
                prize="骰子红包",
                amount_fen=FEN,
                payable_on=now.date(),
                now=now,
            )
            numbers.append(one.order_no)
        payouts.mature(tx, now.date(), now)
        for number in numbers:
            payouts.approve(tx, number, FEN, "wang", now)
        return numbers

    return await house.database.write(work)


async def paid(house: House, paying: Paying, *members: str) -> list[str]:
    """Awards, approved and paid: their order numbers."""
    numbers = await approved(house, *members)
    assert await paying.step() == len(members)
    return numbers


async def next_morning(bureau: Any, paying: Paying) -> list[str]:
    """What is owed after tomorrow's comparison."""
    await bureau.house.owed()
    await bureau.house.clock.advance(timedelta(days=1, hours=1, minutes=1))
    await paying.step()
    return list(await bureau.house.owed())


async def test_day_without_a_difference_is_quiet(bureau: Any) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    await paid(house, paying, "wm1", "wm2")
    assert await next_morning(bureau, paying) == []
    last = await house.database.read(reconciliations.latest)
    assert last is not None
    assert (last.day, last.payer, last.ours, last.theirs, last.theirs_fen, last.differences) == (
        date(2026, 11, 23),
        "marketing_platform",
        2,
        2,
        2 * FEN,
        [],
    )
    assert await paying.step() == 0  # once a day
    assert await paying.next_due() == house.clock.now() + timedelta(hours=23, minutes=59)


async def test_differences_are_told_and_kept(bureau: Any) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    one, two = await paid(house, paying, "wm1", "wm2")
    del bureau.sandbox.payer.orders[one]
    bureau.sandbox.payer.orders[two].said_fen = FEN + 1
    told = await next_morning(bureau, paying)
    lines = [
        f"> {one}　我们记为已发放，对方没有这一笔　我们 1.88 元",
        f"> {two}　金额不同　我们 1.88 元，对方 1.89 元",
    ]
    assert told == [
        "wang: ⚠️ 11 月 23 日对账（marketing_platform）有 2 处差异："
        "我们 2 笔 3.76 元，对方 1 笔 1.89 元\n" + "\n".join(sorted(lines))
    ]
    last = await house.database.read(reconciliations.latest)
    assert last is not None
    assert [difference["what"] for difference in last.differences] == [
        what for _, what in sorted([(one, "missing_there"), (two, "amount")])
    ]


async def test_statement_that_cannot_be_had_is_asked_for_again(bureau: Any) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    await paid(house, paying, "wm1")
    bureau.sandbox.faults.set("payer_bad_signature", 1)
    (told,) = await next_morning(bureau, paying)
    assert told.startswith("wang: ⚠️ 11 月 23 日的对账单取不到：")
    assert await house.database.read(reconciliations.latest) is None
    assert await paying.step() == 0
    assert await paying.next_due() == house.clock.now() + timedelta(hours=1)
    await house.clock.advance(timedelta(hours=1))
    assert await paying.step() == 1
    assert await house.database.read(reconciliations.latest) is not None


async def test_days_of_rest_are_made_up_for(bureau: Any) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    await paid(house, paying, "wm1")
    await house.clock.advance(timedelta(days=3, hours=2))
    assert await paying.step() == 3
    days = await house.rows("SELECT day, theirs FROM reconciliation ORDER BY day")
    assert days == [("2026-11-23", 1), ("2026-11-24", 0), ("2026-11-25", 0)]


async def test_order_without_an_answer_is_brought_before_a_person(bureau: Any) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    bureau.sandbox.faults.set("payer_stuck", 1)
    (number,) = await approved(house, "wm1")
    assert await paying.step() == 0
    told = await next_morning(bureau, paying)
    assert told == [f"wang: ⚠️ 1 笔超过 1 天没有明确结果，例如 {number}：平台正在处理"]
