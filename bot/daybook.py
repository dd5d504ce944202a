"""Every morning at ten: yesterday's payments compared with the payer's statement."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot import reconciling
from bot.clock import Clock
from bot.due import Due
from bot.payer import NoStatement, Payer
from bot.paying_words import tell_approvers
from storage import audit, payout_rows, reconciliations
from storage.database import Database
from storage.reconciliations import ReconciliationRow

log = logging.getLogger(__name__)

AGAIN = timedelta(hours=1)
"""After how long a statement that could not be had is asked for again."""
MOST_DAYS = 7
"""So many past days are made up for after a rest."""
STUCK = timedelta(days=1)
"""After how long an order without a clear answer is brought before a person."""


class Daybook:
    """Keeps one payer's days."""

    def __init__(
        self, database: Database, payer: Payer, clock: Clock, due: Callable[[], Due]
    ) -> None:
        self._database = database
        self._payer = payer
        self._clock = clock
        self._due = due
        self._again: datetime | None = None
        self._keeps_account = True

    async def step(self) -> int:
        """Compares the days whose time has come. Returns how many."""
        now = self._clock.now()
        if not self._keeps_account or (self._again is not None and now < self._again):
            return 0
        done = 0
        for day in await self._database.read(lambda tx: self._days(tx, now)):
            if not await self._compare(day, now):
                break
            done += 1
        return done

    async def next_due(self) -> datetime | None:
        """When the next comparison is due; None while nothing was ever sent to the payer."""
        now = self._clock.now()
        if not self._keeps_account or not await self._database.read(payout_rows.first_sent):
            return None
        if self._again is not None and self._again > now:
            return self._again
        zone = self._due().settings.zone
        local = now.astimezone(zone)
        today = datetime.combine(local.date(), reconciling.AT, zone)
        at = today if today > local else today + timedelta(days=1)
        return at.astimezone(now.tzinfo)

    def _days(self, tx: Connection, now: datetime) -> list[date]:
        sent = payout_rows.first_sent(tx)
        if sent is None:
            return []
        zone = self._due().settings.zone
        local = now.astimezone(zone)
        early = local.time() < reconciling.AT
        last = local.date() - timedelta(days=2 if early else 1)
        done = reconciliations.latest(tx)
        first = sent.astimezone(zone).date() if done is None else done.day + timedelta(days=1)
        first = max(first, last - timedelta(days=MOST_DAYS - 1))
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    async def _compare(self, day: date, now: datetime) -> bool:
        zone = self._due().settings.zone
        try:
            row = await reconciling.compare(self._database, self._payer, day, zone, now)
        except NoStatement as error:
            self._again = now + AGAIN
            text = f"⚠️ {day.month} 月 {day.day} 日的对账单取不到：{error}。每小时再试。"
            await self._database.write(
                lambda tx: tell_approvers(tx, self._due(), text, "no-statement", now)
            )
            return False
        if row is None:
            self._keeps_account = False
            return False
        self._again = None
        await self._database.write(lambda tx: self._keep(tx, row, now))
        return True

    def _keep(self, tx: Connection, row: ReconciliationRow, now: datetime) -> None:
        reconciliations.keep(tx, row)
        stuck = payout_rows.unanswered(tx, now - STUCK)
        lines = []
        if row.differences:
            lines.append(reconciling.told(row))
            detail = f"{len(row.differences)} 处差异"
            audit.note(tx, "系统", "对账", row.day.isoformat(), detail, now)
        if stuck:
            oldest = min(one.order_no for one in stuck)
            lines.append(
                f"⚠️ {len(stuck)} 笔超过 1 天没有明确结果，例如 {oldest}：{stuck[0].reason}"
            )
        if lines:
            tell_approvers(tx, self._due(), "\n".join(lines), f"day/{row.day}", now)
