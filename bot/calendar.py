"""The alarm clock: APScheduler wakes us, the tables say what is due.

APScheduler keeps one job for each distinct slot of the plans and one short tick, in memory only;
it never holds an occurrence, so a missed job, a jump of the clock or a second process neither
loses nor doubles one (reliability.md, findings 1–3: its own stores do).
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection

from bot import (
    deck_work,
    digest,
    maturing,
    nights,
    reminding,
    unstamped,
    waivers,
    week_ahead,
)
from bot.clock import Clock
from bot.crash import crash_point
from bot.due import DUE_AT_ONCE, Due, Moment, due_keys
from sop import planner
from sop.library import Library
from sop.seeds import derive
from storage import decks, follow_ups, games, gatherings, occurrences
from storage.database import Database

log = logging.getLogger(__name__)

MATURE_EVERY = timedelta(hours=1)
SLICE = 32
"""Units of work asked for at once: when every group's step falls due in the same second, callbacks
still get their commits in between."""


class Calendar:
    """Keeps the plans' calendar, the games' clocks, the decks' ends and the payouts' days."""

    def __init__(
        self,
        database: Database,
        due: Callable[[], Due],
        clock: Clock,
        *,
        tick_seconds: float = 10.0,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._due = due
        self._clock = clock
        self._tick_seconds = tick_seconds
        self._done = done
        self._turn = asyncio.Lock()
        self._alarm = asyncio.Event()
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._slots: set[planner.Slot] = set()
        self._followed: Library | None = None
        self._ran: Library | None = None
        self._matured_at: datetime | None = None
        self.last_tick: datetime | None = None

    def wake(self) -> None:
        """Something may be due: look now."""
        self._alarm.set()

    async def run(self) -> None:
        """Ticks until cancelled; a failed tick is logged and the next one tries again."""
        self._scheduler.add_job(self._ring, IntervalTrigger(seconds=self._tick_seconds))
        self._scheduler.start()
        try:
            while True:
                try:
                    await self.tick()
                    await self._follow()
                except Exception:
                    log.exception("calendar tick failed", extra={"action": "calendar_failed"})
                try:
                    # Not wait_for: in Python 3.11 it can swallow a cancellation.
                    async with asyncio.timeout(self._tick_seconds * 3):
                        await self._alarm.wait()
                except TimeoutError:
                    # The watchdog: if APScheduler stopped waking us, we still look.
                    log.warning("no alarm came", extra={"action": "calendar_watchdog"})
                self._alarm.clear()
        finally:
            self._scheduler.shutdown(wait=False)

    async def _follow(self) -> None:
        """Sets the alarms of the library that runs now; only those that differ are touched."""
        library = self._due().library
        if library is self._followed:
            return
        slots = set(await asyncio.to_thread(planner.slots, list(library.plans.values())))
        for slot in self._slots - slots:
            self._scheduler.remove_job(str(slot))
            self._slots.discard(slot)
        for slot in slots - self._slots:
            trigger = CronTrigger(
                day_of_week=slot.weekday, hour=slot.hour, minute=slot.minute, timezone=slot.zone
            )
            self._scheduler.add_job(self._ring, trigger, id=str(slot))
            self._slots.add(slot)
            await asyncio.sleep(0)  # half a millisecond each: callbacks come in between
        self._followed = library

    async def _ring(self) -> None:
        self.wake()

    async def tick(self) -> int:
        """Does everything that is due now. Returns how many units of work there were."""
        async with self._turn:
            due = self._due()
            now = self._clock.now()
            work = await self._database.write(lambda tx: due.plan(tx, now))
            work += await self._standing(due, now)
            work += await self._mature(due, now)
            seed = self._clock.entropy(32)
            found = await self._database.read(lambda tx: _found(tx, due, now, seed))
            units, more = found
            units += self._because_of_edits(due, now)
            done = work
            for start in range(0, len(units), SLICE):
                done += await self._carry_out(units[start : start + SLICE])
            self.last_tick = now
        if done:
            self._done()
        if done and more:
            self.wake()
        return done

    def _because_of_edits(self, due: Due, now: datetime) -> list[Callable[[Connection], None]]:
        """What another library than at the last tick asks for."""
        before, self._ran = self._ran, due.library
        if before is due.library:
            return []
        moment = Moment(now, b"")
        units: list[Callable[[Connection], None]] = []
        units.append(partial(deck_work.amend, due=due, moment=moment))
        if before is not None:
            units.append(partial(unstamped.look, due=due, now=now, before=before))
        if due.library.waived:
            units.append(partial(waivers.write_down, due=due, now=now))
        return units

    async def _carry_out(self, units: list[Callable[[Connection], None]]) -> int:
        """Runs units of work, each alone if it must be; returns how many succeeded."""
        results = await asyncio.gather(
            *(self._database.write(unit) for unit in units), return_exceptions=True
        )
        failures = [one for one in results if isinstance(one, BaseException)]
        for failure in failures:
            log.error("due work failed", exc_info=failure, extra={"action": "due_failed"})
        return len(units) - len(failures)

    async def _standing(self, due: Due, now: datetime) -> int:
        moment = Moment(now, self._clock.entropy(32))
        opened = await self._database.write(lambda tx: _rounds(tx, due, moment))
        if opened:
            crash_point("K8")
        return opened

    async def _mature(self, due: Due, now: datetime) -> int:
        if self._matured_at is not None and now - self._matured_at < MATURE_EVERY:
            return 0
        self._matured_at = now
        moment = Moment(now, b"")
        await self._database.write(lambda tx: due.forget(tx, moment))
        await self._database.write(lambda tx: maturing.warn_of_coupons(tx, due, now))
        done = await self._database.write(lambda tx: maturing.expire(tx, due, now))
        while True:  # in slices, with other work in between
            found = await self._database.write(lambda tx: maturing.mature(tx, due, now))
            done += found
            if found < maturing.AT_ONCE:
                return done

    async def next_due(self) -> datetime | None:
        """The next instant with something to do."""
        now = self._clock.now()
        due = self._due()
        planned = (
            due.next_planned(now),
            nights.next_night(due, now),
            unstamped.next_look(due, now),
            digest.next_look(due, now),
            week_ahead.next_look(due, now),
        )
        rows, payable = await self._database.read(
            lambda tx: (_next_rows(tx), maturing.next_day(tx, due.settings.zone))
        )
        if payable is not None and self._matured_at is not None:
            payable = max(payable, self._matured_at + MATURE_EVERY)
        return min((one for one in (*planned, *rows, payable) if one is not None), default=None)


_Unit = Callable[[Connection], None]


def _found(tx: Connection, due: Due, now: datetime, seed: bytes) -> tuple[list[_Unit], bool]:
    """What is due now, each a transaction; and whether there may be more of it."""
    keys, sessions, closing, calls = due_keys(tx, now)
    units: list[_Unit] = []
    for key in keys:
        moment = Moment(now, derive(seed, f"occurrence/{key}"))
        units.append(partial(due.run_occurrence, key=key, moment=moment))
    for session in sessions:
        moment = Moment(now, derive(seed, f"game/{session}"))
        units.append(partial(due.tick_game, session=session, moment=moment))
    for deck in closing:
        moment = Moment(now, derive(seed, f"deck/{deck}"))
        units.append(partial(deck_work.wake, due=due, deck=deck, moment=moment))
    for call in calls:
        units.append(partial(due.tick_gathering, gathering=call, moment=Moment(now, b"")))
    for chore, place in nights.waiting(due, tx, now):
        units.append(partial(nights.work, due=due, chore=chore, community=place, now=now))
    for name in digest.waiting(due, tx, now):
        units.append(partial(digest.work, due=due, name=name, now=now))
    for key in reminding.waiting(tx, now):
        units.append(partial(reminding.remind, due=due, key=key, now=now))
    if unstamped.waiting(due, tx, now):
        units.append(partial(unstamped.warn, due=due, now=now))
    if week_ahead.waiting(due, tx, now):
        units.append(partial(week_ahead.work, due=due, now=now))
    return units, len(keys) == DUE_AT_ONCE


def _rounds(tx: Connection, due: Due, moment: Moment) -> int:
    """Rounds that begin, or were asked for at the terminal."""
    return deck_work.open_standing(tx, due, moment) + deck_work.requested(tx, due, moment)


def _next_rows(tx: Connection) -> list[datetime | None]:
    return [
        occurrences.next_due(tx),
        games.next_due(tx),
        decks.next_due(tx),
        gatherings.next_due(tx),
        follow_ups.next_reminder(tx),
    ]
