"""Every payer under every fault, driven by the bot over its database for two days: what the books
say at the end, and how often money moved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.pages.notify import notify_routes
from bot.pages.server import Server
from bot.paying import Paying
from storage import money, payouts
from tests.house import House, opened

PLATFORM, PACKET, TRANSFER = "marketing_platform", "wecom_redpacket", "wechat_transfer"
PAYERS = (PLATFORM, PACKET, TRANSFER)
FEN = 188
PAID = ("paid", 1)
OPEN = ("unknown", 0)

ENDS: dict[str, tuple[tuple[str, int], tuple[str, int], tuple[str, int]]] = {
    # fault: (status, how often money moved) of each payer
    "payer_cut": (PAID, PAID, PAID),
    "payer_down": (PAID, PAID, PAID),
    "payer_processing": (PAID, PAID, PAID),
    "payer_stuck": (OPEN, OPEN, OPEN),
    "payer_late": (PAID, PAID, PAID),
    # Another amount in their books than in ours is for people to settle.
    "payer_wrong_amount": (("unknown", 1), ("unknown", 1), ("unknown", 1)),
    "payer_refused": (("failed", 0), ("failed", 0), ("failed", 0)),
    "payer_untaken": (PAID, ("expired", 0), ("expired", 0)),
    "payer_bad_signature": (PAID, PAID, PAID),
    "payer_forged_answer": (PAID, PAID, PAID),
    "payer_old_certificate": (PAID, PAID, PAID),
    "payer_notify_twice": (PAID, PAID, PAID),
}


@dataclass
class Shop:
    """The house with a payer of choice."""

    house: House
    counter: Any

    def paying(self, name: str, **more: Any) -> Paying:
        payer = self.counter.payer(name, self.counter.settings(name, **more))
        return Paying(self.house.database, payer, self.house.clock, lambda: self.house.due)

    async def owe(self) -> str:
        """An award that a person has approved: its number."""
        now = self.house.clock.now()

        def work(tx: Any) -> str:
            one = money.award(
                tx,
                key="test/wm1",
                source="pool/small",
                budget_fen=2000,
                community="first",
                member="wm1",
                prize="骰子红包",
                amount_fen=FEN,
                payable_on=now.date(),
                now=now,
            )
            payouts.mature(tx, now.date(), now)
            payouts.approve(tx, one.order_no, FEN, "wang", now)
            return one.order_no

        return await self.house.database.write(work)

    async def pass_time(self, paying: Paying, span: timedelta) -> None:
        """Whatever becomes due is done, each at its time."""
        clock = self.house.clock
        end = clock.now() + span
        await paying.step()
        while (due := await paying.next_due()) is not None and due <= end:
            await clock.advance_to(max(due, clock.now() + timedelta(seconds=1)))
            await paying.step()
        await clock.advance_to(end)

    async def statuses(self) -> list[tuple[Any, ...]]:
        return await self.house.rows("SELECT order_no, status FROM payout")

    async def paid_fen(self) -> int:
        """What our own books say was paid."""
        rows = await self.house.rows("SELECT amount_fen FROM ledger WHERE event = 'paid'")
        return sum(fen for (fen,) in rows)


@pytest.fixture
async def shop(sqlite_url: str, counter: Any) -> AsyncIterator[Shop]:
    url = counter.sandbox.url
    async with opened(sqlite_url, "", service=url, clock=counter.clock) as house:
        yield Shop(house, counter)


@pytest.mark.parametrize("fault", sorted(ENDS))
@pytest.mark.parametrize("name", PAYERS)
async def test_books_agree_with_the_payer(shop: Shop, name: str, fault: str) -> None:
    shop.counter.sandbox.faults.set(fault, 1)
    number, paying = await shop.owe(), shop.paying(name)
    await shop.pass_time(paying, timedelta(days=2))
    status, payments = ENDS[fault][PAYERS.index(name)]
    purse = shop.counter.purse(name)
    moved = {one: order.payments for one, order in purse.orders.items()}
    assert (await shop.statuses(), moved) == ([(number, status)], {number: payments})
    # Of another amount we have booked nothing; of every other the same on both sides.
    ours = 0 if fault == "payer_wrong_amount" else purse.paid_fen
    assert await shop.paid_fen() == ours


async def test_notification_brings_the_answer_forward(shop: Shop) -> None:
    """Told by WeChat Pay, over our own server, long before the next regular question."""
    asked: list[str] = []

    async def ready() -> list[str]:
        return []

    async def ask(number: str) -> bool:
        asked.append(number)
        return await paying.notified(number)

    payer = shop.counter.payer(TRANSFER)
    server = Server(notify_routes(payer, ask), ready, lambda: b"", "127.0.0.1", 0)
    await server.start()
    url = f"http://127.0.0.1:{server.port}"
    paying = shop.paying(TRANSFER, listen={"public": url})
    try:
        number = await shop.owe()
        shop.counter.sandbox.faults.set("payer_notify_twice", 1)
        await paying.step()
        await shop.counter.sandbox.settle()
        before = await shop.statuses()
        await paying.step()
        async with ClientSession() as session, session.post(f"{url}/payouts/notify") as forged:
            refused = forged.status
    finally:
        await server.close()
    assert (asked, refused) == ([number, number], 401)
    assert (before, await shop.statuses()) == ([(number, "unknown")], [(number, "paid")])
    assert await shop.paid_fen() == FEN


@pytest.mark.parametrize("name", PAYERS)
async def test_statement_agrees_with_our_books(shop: Shop, name: str) -> None:
    number, paying = await shop.owe(), shop.paying(name)
    await shop.pass_time(paying, timedelta(hours=1))
    day = shop.house.clock.now().date()
    lines = await shop.counter.payer(name).statement(day, [number])
    assert [(one.order_no, one.amount_fen) for one in lines] == [(number, FEN)]
    assert await shop.paid_fen() == FEN
