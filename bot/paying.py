"""Pays approved payouts, and asks about those whose answer is missing.

The order is marked as submitted before the call, so a crash in between is followed by a query,
never by a second order. Nothing is called inside a transaction. A database that turns out to be an
older copy of itself is first compared with the payer (`bot.recovery`); every morning yesterday is
compared with the payer's statement (`bot.daybook`).
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.clock import Clock
from bot.crash import crash_point
from bot.daybook import Daybook
from bot.due import Due
from bot.payer import Failed, NeverSeen, Order, Outcome, Paid, Payer, Uncertain, Waiting
from bot.paying_words import tell_approvers, tell_failed
from bot.recovery import Recovery
from bot.restored import Mark
from sop.money import yuan
from storage import paying, payout_rows, payouts
from storage.database import Database
from storage.payout_rows import PayoutRow

log = logging.getLogger(__name__)

ASK_AGAIN = (
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""After how long an unanswered order is asked about, then again, and at last every hour."""
AT_ONCE = 4
"""Calls to the payer side by side: one that hangs holds up no other for long."""
_PAUSE = 2.0


class Paying:
    """Drives one payer."""

    def __init__(
        self,
        database: Database,
        payer: Payer,
        clock: Clock,
        due: Callable[[], Due],
        *,
        mark: Mark | None = None,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """`mark` is the file that betrays a restored SQLite database; `done` is called when
        somebody was told something."""
        self._database = database
        self._payer = payer
        self._clock = clock
        self._due = due
        self._mark = mark
        self._done = done
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._marking = asyncio.Lock()
        self._marked = 0
        self._recovery = Recovery(database, payer, clock, due, mark)
        self._daybook = Daybook(database, payer, clock, due)

    async def run(self) -> None:
        """Pays until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                log.exception("paying failed", extra={"action": "paying_failed"})
            with contextlib.suppress(TimeoutError):
                # Not wait_for: in Python 3.11 it can swallow a cancellation.
                async with asyncio.timeout(_PAUSE):
                    await self._woken.wait()
            self._woken.clear()

    async def step(self) -> int:
        """Handles everything approved or unanswered. Returns how much was done."""
        async with self._turn:
            done = await self._recovery.step()
            if not await self._recovery.over():
                self._told(done)
                return done
            if not self._payer.automatic:
                return done
            done += await self._daybook.step()
            now = self._clock.now()
            waiting = await self._database.read(lambda tx: payout_rows.to_pay(tx, now))
            for start in range(0, len(waiting), AT_ONCE):
                part = waiting[start : start + AT_ONCE]
                done += sum(await asyncio.gather(*(self._handle(row) for row in part)))
            self._told(done)
            return done

    async def next_due(self) -> datetime | None:
        """The next instant with something to do; None for a payer that is not called."""
        if not self._payer.automatic:
            return None
        dues = [
            await self._database.read(payout_rows.next_ask),
            await self._daybook.next_due(),
            self._recovery.next_due(),
        ]
        return min((one for one in dues if one is not None), default=None)

    async def notified(self, order_no: str) -> bool:
        """The payer let us know that something happened to an order: ask about it now. False for
        one that is not on its way."""
        now = self._clock.now()
        known = await self._database.write(lambda tx: payouts.ask_now(tx, order_no, now))
        if known:
            self._woken.set()
        return known

    def _told(self, done: int) -> None:
        if done:
            self._done()

    async def _handle(self, row: PayoutRow) -> int:
        """One order; whatever goes wrong with it harms no other."""
        try:
            if row.status == "approved":
                return await self._submit(row)
            return await self._ask(row)
        except payouts.IllegalMove as error:  # a person or another process was quicker
            log.info("order moved on: %s", error, extra={"action": "order_moved"})
        except Exception:
            log.exception("order %s failed", row.order_no, extra={"action": "order_failed"})
            await self._leave_open(row, Uncertain("程序出错，请看日志", alarm=True))
        return 0

    async def _submit(self, row: PayoutRow) -> int:
        now = self._clock.now()

        def submit(tx: Connection) -> int:
            payouts.submit(tx, row.order_no, now, now + ASK_AGAIN[0])
            return paying.sent(tx)

        sent = await self._database.write(submit)
        await self._leave_mark(sent)
        crash_point("K10")
        return await self._settle(row, await self._payer.pay(_order(row)))

    async def _leave_mark(self, sent: int) -> None:
        """Puts the count on disk, unless a higher one is there already."""
        if self._mark is None:
            return
        async with self._marking:
            if sent > self._marked:
                await asyncio.to_thread(self._mark.write, sent)
                self._marked = sent

    async def _ask(self, row: PayoutRow) -> int:
        outcome = await self._payer.query(row.order_no)
        if isinstance(outcome, NeverSeen):
            crash_point("K10")
            return await self._settle(row, await self._payer.pay(_order(row)))
        return await self._settle(row, outcome)

    async def _settle(self, row: PayoutRow, outcome: Outcome) -> int:
        now = self._clock.now()
        outcome = checked(row, outcome)
        match outcome:
            case Paid(receipt):
                crash_point("K12")
                await self._write(lambda tx: payouts.paid(tx, row.order_no, receipt, now))
            case Failed(reason, returned):

                def fail(tx: Connection) -> None:
                    payouts.failed(tx, row.order_no, reason, now)
                    if returned:
                        payouts.expire(tx, row.order_no, reason, now)
                    else:
                        tell_failed(tx, self._due(), row, reason, now)

                await self._write(fail)
            case _:
                await self._leave_open(row, outcome)
                return 0
        return 1

    async def _leave_open(self, row: PayoutRow, outcome: Uncertain | Waiting) -> None:
        """Asked again later, ever less often; an alarm is told once a day."""
        now = self._clock.now()
        at = now + ASK_AGAIN[min(row.asked, len(ASK_AGAIN) - 1)]
        confirm = outcome.confirm if isinstance(outcome, Waiting) else ""
        alarm = isinstance(outcome, Uncertain) and outcome.alarm

        def work(tx: Connection) -> None:
            payouts.unknown(tx, row.order_no, outcome.reason, now, at, confirm)
            if alarm:
                text = f"⚠️ 发奖渠道需要人处理：{outcome.reason}\n> 单号 {row.order_no}"
                what = hashlib.sha256(outcome.reason.encode()).hexdigest()[:12]
                tell_approvers(tx, self._due(), text, f"alarm/{what}", now)

        await self._write(work)
        if alarm:
            self._done()

    async def _write(self, work: Callable[[Connection], Any]) -> None:
        await self._database.write(work)


def checked(row: PayoutRow, outcome: Outcome) -> Outcome:
    """The outcome; a payment of another amount than ours is not taken for ours."""
    if isinstance(outcome, Paid) and outcome.amount_fen not in (None, row.amount_fen):
        theirs = yuan(outcome.amount_fen or 0)
        text = f"平台记的是 {theirs} 元，应付 {yuan(row.amount_fen)} 元，请核对"
        return Uncertain(text, alarm=True)
    return outcome


def _order(row: PayoutRow) -> Order:
    return Order(row.order_no, row.member, row.amount_fen, row.prize, row.submitted_at)
