"""Pays approved payouts, and asks about those whose answer is missing.

The order is marked as submitted before the call, so a crash in between is followed by a query,
never by a second order. Nothing is called inside a transaction.
"""

import asyncio
import logging
from datetime import timedelta

from bot.clock import Clock
from bot.crash import crash_point
from bot.payer import Failed, NeverSeen, Order, Paid, Payer, Uncertain
from sop.money import yuan
from storage import money
from storage.database import Database

log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(minutes=2)


class Paying:
    """Drives one payer."""

    def __init__(self, database: Database, payer: Payer, clock: Clock) -> None:
        self._database = database
        self._payer = payer
        self._clock = clock
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Pays until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                log.exception("paying failed", extra={"action": "paying_failed"})
            await asyncio.sleep(2)

    async def step(self) -> int:
        """Handles everything approved or unanswered. Returns how many orders changed."""
        if not self._payer.automatic:
            return 0
        async with self._turn:
            now = self._clock.now()
            waiting = await self._database.read(
                lambda tx: money.to_pay(tx, asked_before=now - ASK_AGAIN)
            )
            done = 0
            for row in waiting:
                order = Order(row.order_no, row.member, row.amount_fen, row.prize)
                try:
                    act = self._submit if row.status == "approved" else self._ask
                    done += await act(order)
                except money.IllegalMove as error:  # a person or another process was quicker
                    log.info("order moved on: %s", error, extra={"action": "order_moved"})
            return done

    async def _submit(self, order: Order) -> int:
        now = self._clock.now()
        await self._database.write(lambda tx: money.submit(tx, order.order_no, now))
        crash_point("K10")
        return await self._settle(order, await self._payer.pay(order))

    async def _ask(self, order: Order) -> int:
        outcome = await self._payer.query(order.order_no)
        if isinstance(outcome, NeverSeen):
            crash_point("K10")
            return await self._settle(order, await self._payer.pay(order))
        return await self._settle(order, outcome)

    async def _settle(self, order: Order, outcome: Paid | Failed | Uncertain) -> int:
        now = self._clock.now()
        number = order.order_no
        if isinstance(outcome, Paid) and outcome.amount_fen not in (None, order.amount_fen):
            found = yuan(outcome.amount_fen or 0)
            outcome = Uncertain(f"平台记的是 {found} 元，应付 {yuan(order.amount_fen)} 元，请核对")
        match outcome:
            case Paid(receipt):
                await self._database.write(lambda tx: money.paid(tx, number, receipt, now))
            case Failed(reason):
                await self._database.write(lambda tx: money.failed(tx, number, reason, now))
            case Uncertain(reason):
                await self._database.write(lambda tx: money.unknown(tx, number, reason, now))
                return 0
        return 1
