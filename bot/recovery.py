"""After a restore: the payer is asked about every order before anything is paid again.

While it lasts nothing is submitted. Each order that could have been paid since the copy was made is
asked about once: paid ones are booked, unclear ones count as submitted, so they are asked about
and never sent as new. Then the payer's statements since the copy are read for payments that this
database knows nothing of. When all that is done paying goes on by itself; a payer that cannot be
asked (finance's list) waits for `payouts reconcile --done`.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.clock import Clock
from bot.crash import crash_point
from bot.due import Due
from bot.payer import Failed, NeverSeen, NoStatement, Outcome, Paid, PaidLine, Payer, Waiting
from bot.paying_words import tell_approvers
from bot.restored import Mark, found
from sop.money import yuan
from storage import audit, paying, payout_rows, payouts
from storage.database import Database
from storage.payout_rows import PayoutRow

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=5)
"""After how long a payer that did not answer is asked again."""
MOST_DAYS = 31
"""Statements that are read: no payer looks further back (reliability.md, finding 8)."""


class Recovery:
    """Decides whether anything may be paid."""

    def __init__(
        self,
        database: Database,
        payer: Payer,
        clock: Clock,
        due: Callable[[], Due],
        mark: Mark | None,
    ) -> None:
        self._database = database
        self._payer = payer
        self._clock = clock
        self._due = due
        self._mark = mark
        self._looked = False
        self._asked: set[str] = set()
        self._again: datetime | None = None

    async def over(self) -> bool:
        """Whether paying may go on."""
        return await self._database.read(lambda tx: paying.state(tx).mode) != paying.RECONCILE

    def next_due(self) -> datetime | None:
        """When the payer is asked again; None while it is not waited for."""
        return self._again

    async def step(self) -> int:
        """Looks once whether the database was restored; if so, goes on comparing. Returns how
        much was done."""
        if not self._looked:
            await self._look()
            self._looked = True
        now = self._clock.now()
        if await self.over():
            self._again = None
            return 0
        if not self._payer.automatic or (self._again is not None and now < self._again):
            return 0
        return await self._compare(now)

    async def _look(self) -> None:
        now = self._clock.now()

        def work(tx: Connection) -> int:
            row, home = paying.state(tx), paying.home(tx)
            reason = found(row, home, self._mark)
            if reason is not None and row.mode != paying.RECONCILE:
                paying.enter(tx, reason, now)
                text = f"⚠️ 发奖已暂停：{reason}。正在向发奖渠道逐笔核对，核对完会告诉您。"
                if not self._payer.automatic:
                    text = (
                        f"⚠️ 发奖已暂停：{reason}。请财务核对哪些已经发过，"
                        "导入结果后运行 qunyun payouts reconcile --done。"
                    )
                tell_approvers(tx, self._due(), text, "restored", now)
            if home != row.home:
                paying.settle_at(tx, home)
            return row.submitted

        submitted = await self._database.write(work)
        mark = None if self._mark is None else self._mark.read()
        # Only ever upwards: until the comparison is over, the old mark says why it is needed.
        if self._mark is not None and (mark is None or mark < submitted):
            await asyncio.to_thread(self._mark.write, submitted)

    async def _compare(self, now: datetime) -> int:
        today = now.astimezone(self._due().settings.zone).date()
        rows = await self._database.read(lambda tx: payout_rows.could_be_paid(tx, today))
        open_ones = [row for row in rows if row.order_no not in self._asked]
        unclear = 0
        for row in open_ones:
            try:
                outcome = await self._payer.query(row.order_no)
            except Exception:
                log.exception("query failed", extra={"action": "order_failed"})
                unclear += 1
                continue
            crash_point("K21")
            if await self._database.write(partial(_book, row=row, outcome=outcome, now=now)):
                self._asked.add(row.order_no)
            else:
                unclear += 1
        if unclear:
            self._again = now + AGAIN
            return len(open_ones) - unclear
        return len(open_ones) + await self._finish(now)

    async def _finish(self, now: datetime) -> int:
        zone = self._due().settings.zone
        last = await self._database.read(payout_rows.last_change)
        today = now.astimezone(zone).date()
        first = today if last is None else last.astimezone(zone).date() - timedelta(days=1)
        first = max(first, today - timedelta(days=MOST_DAYS))
        lines: list[PaidLine] = []
        try:
            for n in range((today - first).days + 1):
                lines += await self._payer.statement(first + timedelta(days=n), ()) or []
        except NoStatement as error:
            log.warning("no statement: %s", error, extra={"action": "no_statement"})
            self._again = now + AGAIN
            return 0
        asked = len(self._asked)

        def work(tx: Connection) -> int:
            strangers = _book_lines(tx, lines, now)
            paying.leave(tx)
            submitted = paying.state(tx).submitted
            text = f"✅ 恢复后的核对做完了，问了 {asked} 笔，发奖继续。"
            if strangers:
                shown = "\n".join(
                    f"> {one.order_no}　{yuan(one.amount_fen)} 元" for one in strangers[:20]
                )
                text = (
                    f"⚠️ 恢复后的核对做完了，发奖继续。对方付过 {len(strangers)} 笔"
                    f"我们没有记录或已退回的，请人工核对：\n{shown}"
                )
            tell_approvers(tx, self._due(), text, "recovered", now)
            detail = f"问了 {asked} 笔，差异 {len(strangers)} 处"
            audit.note(tx, "系统", "恢复核对", "", detail, now)
            return submitted

        submitted = await self._database.write(work)
        crash_point("K22")
        if self._mark is not None:
            await asyncio.to_thread(self._mark.write, submitted)
        self._asked.clear()
        self._again = None
        return 1


def _book(tx: Connection, row: PayoutRow, outcome: Outcome | NeverSeen, now: datetime) -> bool:
    """What the payer said of one order. False where it has to be asked again."""
    fresh = payout_rows.get(tx, row.order_no)
    if fresh is None or fresh.status not in payouts.MOVES["found_paid"][1]:
        return True
    if isinstance(outcome, NeverSeen):
        return True
    if isinstance(outcome, Paid) and outcome.amount_fen in (None, row.amount_fen):
        payouts.found_paid(tx, row.order_no, outcome.receipt, now)
        return True
    if fresh.status in ("held", "due", "failed"):
        return isinstance(outcome, Failed)
    if fresh.status == "approved":
        payouts.submit(tx, row.order_no, now, now)
    if isinstance(outcome, Failed):
        payouts.failed(tx, row.order_no, outcome.reason, now)
    else:
        reason = "平台记的金额不同，请核对" if isinstance(outcome, Paid) else outcome.reason
        confirm = outcome.confirm if isinstance(outcome, Waiting) else ""
        payouts.unknown(tx, row.order_no, reason, now, now + AGAIN, confirm)
    return True


def _book_lines(tx: Connection, lines: list[PaidLine], now: datetime) -> list[PaidLine]:
    """Books payments of a statement that we had not recorded; returns those of which we know
    nothing, or which we believe returned or of another amount."""
    known = payout_rows.many(tx, [line.order_no for line in lines])
    strangers = []
    for line in lines:
        row = known.get(line.order_no)
        same = row is not None and row.amount_fen == line.amount_fen
        if row is not None and same and row.status == "paid":
            continue
        if row is not None and same and row.status in payouts.MOVES["found_paid"][1]:
            payouts.found_paid(tx, line.order_no, line.receipt, now)
        else:
            strangers.append(line)
    return strangers
