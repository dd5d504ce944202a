"""Money leaves once: lost answers, refusals, wrong amounts, over real HTTP to the platform."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.paying import ASK_AGAIN, Paying
from bot.payouts.manual import Manual
from bot.payouts.marketing_platform import MarketingPlatform
from storage import money, payouts
from tests.house import House, at, opened

FEN = 188


async def approved(house: House, *members: str) -> list[str]:
    """Awards that a person has approved: their order numbers."""
    now = house.clock.now()
    numbers = []
    for member in members:
        one = await house.database.write(
            lambda tx, member=member: money.award(
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
        )
        await house.database.write(lambda tx: payouts.mature(tx, now.date(), now))
        await house.database.write(
            lambda tx, one=one: payouts.approve(tx, one.order_no, FEN, "wang", now)
        )
        numbers.append(one.order_no)
    return numbers


def paying_of(house: House) -> Paying:
    payer = MarketingPlatform(house.settings, house.http, house.clock)
    return Paying(house.database, payer, house.clock, lambda: house.due)


async def found(house: House) -> list[tuple[Any, ...]]:
    return await house.rows("SELECT status, attempts, reason FROM payout ORDER BY order_no")


async def later(house: House, paying: Paying, wait: timedelta = ASK_AGAIN[0]) -> int:
    await house.clock.advance(wait + timedelta(seconds=1))
    return await paying.step()


async def test_approved_payout_is_paid_once(bureau: Any) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    (number,) = await approved(house, "wm1")
    assert [await paying.step() for _ in range(3)] == [1, 0, 0]
    assert await found(house) == [("paid", 1, "")]
    order = bureau.sandbox.payer.orders[number]
    assert (order.member, order.amount_fen, order.remark, order.payments) == (
        "wm1",
        FEN,
        "骰子红包",
        1,
    )
    assert await house.rows("SELECT event, debit, credit FROM ledger ORDER BY number") == [
        ("fund", "bank", "budget/pool/small"),
        ("award", "budget/pool/small", "owed"),
        ("paid", "owed", "paid"),
    ]
    assert await house.rows("SELECT committed_fen, settled_fen FROM budget") == [(FEN, FEN)]


@pytest.mark.parametrize("status", ["held", "due", "expired"])
async def test_payout_without_approval_is_not_paid(bureau: Any, status: str) -> None:
    house = bureau.house
    await approved(house, "wm1")
    await house.write(f"UPDATE payout SET status = '{status}'")
    assert await paying_of(house).step() == 0
    assert bureau.sandbox.payer.orders == {}


@pytest.mark.parametrize(
    ("fault", "first", "steps"),
    [
        # Paid, but the answer is lost.
        ("payer_cut", "unknown", 2),
        # HTTP 503 and never seen: paid again under the same number.
        ("payer_down", "unknown", 2),
        # Accepted, paid ten minutes later: asked after 2, 7 and 22 minutes.
        ("payer_processing", "unknown", 4),
    ],
)
async def test_order_without_a_clear_answer_is_asked_about_and_paid_once(
    bureau: Any, fault: str, first: str, steps: int
) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    (number,) = await approved(house, "wm1")
    bureau.sandbox.faults.set(fault, 1)
    assert await paying.step() == 0
    assert [one[:2] for one in await found(house)] == [(first, 1)]
    assert await paying.step() == 0
    done = [await later(house, paying, wait) for wait in ASK_AGAIN[: steps - 1]]
    assert done == [*[0] * (steps - 2), 1]
    assert await found(house) == [("paid", 1, "")]
    assert list(bureau.sandbox.payer.orders) == [number]
    assert bureau.sandbox.payer.paid_fen == FEN


async def test_crash_between_marking_and_calling_is_found_out(bureau: Any) -> None:
    house = bureau.house
    (number,) = await approved(house, "wm1")
    await house.database.write(
        lambda tx: payouts.submit(tx, number, house.clock.now(), house.clock.now() + ASK_AGAIN[0])
    )
    paying = paying_of(house)
    assert await paying.step() == 0
    assert await later(house, paying) == 1
    assert await found(house) == [("paid", 1, "")]
    assert bureau.sandbox.payer.paid_fen == FEN


async def test_refused_payouts_are_told_to_who_may_approve_once_a_reason(bureau: Any) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    await approved(house, "wm1", "wm2")
    bureau.sandbox.faults.set("payer_refused", 2)
    await paying.step()
    assert [one[:2] for one in await found(house)] == [("failed", 1)] * 2
    (told,) = [one for one in await house.owed() if "没有发成功" in one]
    assert told.split("\n")[:2] == [
        "wang: ⚠️ 没有发成功：骰子红包 1.88 元，客户账户不能入账",
        "> 今天同样原因的只提醒一次，全部请看：名单 pool/small",
    ]


async def test_two_payers_at_once_pay_once(bureau: Any) -> None:
    house = bureau.house
    await approved(house, "wm1", "wm2", "wm3")
    one, other = paying_of(house), paying_of(house)
    done = await asyncio.gather(one.step(), other.step())
    assert sum(done) == 3
    assert [status for status, _, _ in await found(house)] == ["paid"] * 3
    assert bureau.sandbox.payer.paid_fen == 3 * FEN


async def test_refused_signature_pays_nobody_and_can_be_mended(bureau: Any) -> None:
    house = bureau.house
    await approved(house, "wm1")
    object.__setattr__(house.settings, "payout_secret", "wrong")
    paying = paying_of(house)
    await paying.step()
    assert await found(house) == [
        (
            "unknown",
            1,
            "营销平台不认我们的签名，请核对 QUNYUN_PAYOUT_SECRET 和服务器时间（HTTP 401）",
        )
    ]
    assert bureau.sandbox.payer.orders == {}


NO_ORDER = (404, {"error": "not_found"})


@pytest.mark.parametrize(
    ("answers", "payout", "asked"),
    [
        ([(200, {"status": "paid", "receipt": "R1"})], ("paid", 1, ""), ["POST"]),
        ([(200, {"status": "paid", "amount_fen": FEN})], ("paid", 1, ""), ["POST"]),
        ([(200, {"status": "failed", "reason": "账户冻结"})], ("failed", 1, "账户冻结"), ["POST"]),
        ([(200, {"status": "failed"})], ("failed", 1, "平台拒绝"), ["POST"]),
        # Regression: another amount was taken for ours.
        (
            [(200, {"status": "paid", "amount_fen": FEN + 1})],
            ("unknown", 1, "平台记的是 1.89 元，应付 1.88 元，请核对"),
            ["POST"],
        ),
        (
            [(409, {"error": "order_conflict"})],
            ("unknown", 1, "营销平台有同号的订单，内容却不同，请与平台核对（HTTP 409）"),
            ["POST"],
        ),
        ([(200, ["paid"])], ("unknown", 1, "平台的答复看不懂（HTTP 200）"), ["POST"]),
        ([NO_ORDER], ("unknown", 1, "平台说没有这笔订单"), ["POST"]),
    ],
)
async def test_answer_of_the_platform(
    sqlite_url: str,
    canned: Any,
    answers: list[tuple[int, Any]],
    payout: tuple[str, int, str],
    asked: list[str],
) -> None:
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        await approved(house, "wm1")
        canned.answers = answers
        await paying_of(house).step()
        assert await found(house) == [payout]
        assert [one.split()[0] for one in canned.asked] == asked


@pytest.mark.parametrize(
    ("answers", "status", "asked"),
    [
        ([(500, {}), NO_ORDER, (200, {"status": "paid"})], "paid", ["POST", "GET", "POST"]),
        ([(500, {}), (200, {"status": "paid"})], "paid", ["POST", "GET"]),
        ([(500, {}), (200, {"status": "failed"})], "failed", ["POST", "GET"]),
        ([(500, {}), (200, {"status": "processing"})], "unknown", ["POST", "GET"]),
        # A 404 of a gateway proves nothing, so nothing is paid upon it.
        ([(500, {}), (404, {"error": "no route"})], "unknown", ["POST", "GET"]),
        ([(500, {}), NO_ORDER, (502, {})], "unknown", ["POST", "GET", "POST"]),
    ],
)
async def test_asking_about_an_order(
    sqlite_url: str, canned: Any, answers: list[tuple[int, Any]], status: str, asked: list[str]
) -> None:
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        (number,) = await approved(house, "wm1")
        canned.answers = answers
        paying = paying_of(house)
        await paying.step()
        await later(house, paying)
        assert [one[0] for one in await found(house)] == [status]
        paths = {"POST": "/marketing/payouts", "GET": f"/marketing/payouts/{number}"}
        assert canned.asked == [f"{verb} {paths[verb]}" for verb in asked]


async def test_wrong_amount_cannot_be_approved(bureau: Any) -> None:
    house = bureau.house
    (number,) = await approved(house, "wm1")
    await house.write("UPDATE payout SET status = 'due'")
    with pytest.raises(payouts.IllegalMove):
        await house.database.write(
            lambda tx: payouts.approve(tx, number, FEN + 1, "wang", house.clock.now())
        )
    assert await paying_of(house).step() == 0


async def test_manual_payer_calls_nobody(bureau: Any) -> None:
    house = bureau.house
    await approved(house, "wm1")
    payer = Manual(house.settings, house.http, house.clock)
    paying = Paying(house.database, payer, house.clock, lambda: house.due)
    assert await paying.step() == 0
    assert await found(house) == [("approved", 0, "")]
    assert bureau.sandbox.payer.orders == {}


async def test_unanswered_order_is_asked_about_ever_less_often(
    sqlite_url: str, canned: Any
) -> None:
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        await approved(house, "wm1")
        canned.answers = [(500, {})]
        paying = paying_of(house)
        await paying.step()
        waited = []
        for _ in range(6):
            (due,) = await house.rows("SELECT next_at FROM payout")
            until = datetime.fromisoformat(due[0])
            waited.append((until - house.clock.now()).total_seconds() / 60)
            assert await paying.next_due() in (until, at("11-23 10:00"))
            await house.clock.advance_to(until)
            await paying.step()
        assert waited == [2, 5, 15, 60, 60, 60]


async def test_alarm_is_told_once_a_day(sqlite_url: str, canned: Any) -> None:
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        await approved(house, "wm1", "wm2")
        await house.owed()
        canned.answers = [(401, {"error": "bad_signature"})]
        paying = paying_of(house)
        await paying.step()
        (told,) = await house.owed()
        assert told.startswith(
            "wang: ⚠️ 发奖渠道需要人处理：营销平台不认我们的签名，"
            "请核对 QUNYUN_PAYOUT_SECRET 和服务器时间（HTTP 401）"
        )
        await later(house, paying)
        assert await house.owed() == []
        await house.clock.advance(timedelta(days=1))
        await paying.step()
        assert len(await house.owed()) == 1


async def test_only_cash_goes_to_the_payer(bureau: Any) -> None:
    house = bureau.house
    (number,) = await approved(house, "wm1")
    await house.write("UPDATE award SET kind = 'gift'")
    assert await paying_of(house).step() == 0
    assert await found(house) == [("approved", 0, "")]
    assert number not in bureau.sandbox.payer.orders


async def test_notification_has_the_order_asked_about_at_once(bureau: Any) -> None:
    house, paying = bureau.house, paying_of(bureau.house)
    (number,) = await approved(house, "wm1")
    bureau.sandbox.faults.set("payer_cut", 1)
    assert await paying.step() == 0
    assert await paying.step() == 0
    assert await paying.notified(number)
    assert not await paying.notified("QY00000000000000000000000000")
    assert await paying.step() == 1
    assert await found(house) == [("paid", 1, "")]
