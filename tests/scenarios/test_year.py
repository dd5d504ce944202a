"""A year of the calendar over a real database, against a list made by asking every day.

The machine is switched off and on, transactions are lost, the clock is wrong by minutes or weeks
and put right again: nothing may be missed or doubled. Two broken twins show that the year would
tell: one moves the watermark before it lists, one forgets it when it starts.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, create_engine, text

from bot.due import WATERMARK, Due
from bot.runtime import Runtime
from sop.workdays import Workdays, YearCalendar, published
from storage import occurrences, people
from tests.house import FIRST, SECOND, content, library_of, settings_of

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
END = datetime(2027, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
CALENDAR = Workdays(published() | {2027: YearCalendar()})
RESTARTS, JUMPS = 200, 50

PLAN = {
    "plan": "year",
    "title": "一年",
    "applies_to": {"communities": [FIRST, SECOND]},
    "on_holiday": "shift",
    "jitter": "6m",
    "week": {
        "monday": [content("mon", "09:00", remind="15m", announce="1d")],
        "tuesday": [
            {
                "id": "tue",
                "at": "19:30",
                "variants": {"a": {"content": {"text": "甲"}}, "b": {"content": {"text": "乙"}}},
            }
        ],
        "friday": [content("fri", "20:00", on_holiday="skip")],
        "sunday": [content("sun", "00:00", on_holiday="run")],
    },
    "dates": {"10-01": [content("national", "10:00", remind="2h")]},
    "after_join": {
        "1": [{"id": "second", "at": "10:00", "message": {"text": "您好"}}],
        "30": [{"id": "month", "at": "10:00", "on_holiday": "run", "message": {"text": "您好"}}],
    },
    "overrides": {SECOND: {"steps": {"mon": {"at": "23:50"}, "sun": {"skip": True}}}},
}


def joiners() -> dict[datetime, str]:
    """Who joins the first community when: at five past midnight, every fifth day."""
    return {START + timedelta(days=n, minutes=5): f"wm{n}" for n in range(0, 365, 5)}


@cache
def wanted() -> list[str]:
    """Keys of everything due in the year, by asking every day of it and some around."""
    library, found = library_of(PLAN), set()
    written = library.plans["year"]
    joined = {at.astimezone(SHANGHAI).date() for at in joiners()}
    for community in (FIRST, SECOND):
        plan = written.in_community(community)
        for number in range(-40, 390):
            day = date(2026, 1, 1) + number * DAY
            lists = [plan.week[key] for key in plan.week if key == day.weekday()]
            lists += [plan.dates[key] for key in plan.dates if key.on(day.year) == day]
            if community == FIRST:
                after = plan.after_join
                lists += [after[key] for key in after if day - key * DAY in joined]
            for step in (one for steps in lists for one in steps):
                runs_on, policy = day, step.on_holiday or "shift"
                if policy != "run" and CALENDAR.is_holiday(day):
                    if policy == "skip":
                        continue
                    while not CALENDAR.is_workday(runs_on):
                        runs_on += DAY
                at = datetime.combine(runs_on, step.at, tzinfo=SHANGHAI).astimezone(UTC)
                phases = {"": timedelta(), "#remind": step.remind, "#announce": step.announce}
                for phase, ahead in phases.items():
                    if ahead is not None and START < at - ahead <= END:
                        found.add(f"year/{step.id}/{runs_on}/{community}{phase}")
    return sorted(found)


class Crash(Exception):
    """The machine dies within a transaction."""


Plan = Callable[[Due, Engine, datetime, bool], int]


def planned(due: Due, engine: Engine, now: datetime, dies: bool) -> int:
    """One tick as the calendar does it: listing and watermark in one transaction."""
    with engine.begin() as tx:
        added = due.plan(tx, now)
        if dies:
            raise Crash
    return added


def eager(due: Due, engine: Engine, now: datetime, dies: bool) -> int:
    """The broken twin that moves the watermark first, and lists in another transaction."""
    with engine.begin() as tx:
        since = occurrences.watermark(tx, WATERMARK) or now - timedelta(minutes=1)
        occurrences.set_watermark(tx, WATERMARK, now)
    if dies:
        raise Crash
    with engine.begin() as tx:
        occurrences.set_watermark(tx, WATERMARK, since)
        return due.plan(tx, now)


@dataclass
class Year:
    """The machine, its clock and the world's time."""

    engine: Engine
    plan: Plan
    forgets: bool = False
    """Starts without the watermark: the other broken twin."""
    end: datetime = END
    started: int = 0
    jumped: int = 0

    def live(self) -> None:
        """Looks at the calendar again and again, from the year's first minute to its last."""
        chance = random.Random(20261122)
        seconds = int((self.end - START).total_seconds())
        restarts = sorted(
            START + timedelta(seconds=chance.randrange(seconds)) for _ in range(RESTARTS)
        )
        jumps = sorted(START + timedelta(seconds=chance.randrange(seconds)) for _ in range(JUMPS))
        arrivals = joiners()
        now, put_right, wrong_by = START + timedelta(seconds=30), START, timedelta()
        due = self.begin()
        while now < self.end:
            with self.engine.begin() as tx:
                for at in [one for one in arrivals if one <= now]:
                    people.arrive(tx, FIRST, arrivals.pop(at), "客户", "code", at)
            pause = timedelta(minutes=chance.choice([1, 10, 60, 180, 300]))
            if wrong_by and now >= put_right:
                wrong_by = timedelta()
            elif jumps and jumps[0] <= now:
                jumps.pop(0)
                self.jumped += 1
                minutes = chance.choice([2, 90, 2000, 9000, 60_000, -2, -300, -5000])
                wrong_by = timedelta(minutes=minutes)
                put_right = now + timedelta(minutes=chance.choice([1, 90, 900]))
            dies = False
            if restarts and restarts[0] <= now:
                restarts.pop(0)
                dies = chance.random() < 0.5
                pause = timedelta(minutes=chance.choice([1, 30] if dies else [1, 30, 600, 1500]))
                due = self.begin()
            with suppress(Crash):
                self.plan(due, self.engine, now + wrong_by, dies)
            now += pause
        self.plan(due, self.engine, self.end, False)

    def begin(self) -> Due:
        """A new process: nothing is kept but the database."""
        self.started += 1
        settings, library = settings_of("http://127.0.0.1:1"), library_of(PLAN)
        if self.forgets:
            with self.engine.begin() as tx:
                tx.execute(text("DELETE FROM watermark"))
        return Due(settings, library, CALENDAR, Runtime(settings, {}, library))

    def listed(self) -> list[str]:
        """Keys of what was listed; wrong clocks may have looked into the next year."""
        with self.engine.begin() as tx:
            return sorted(
                one.key for one in occurrences.between(tx, START, END + timedelta(microseconds=1))
            )


def test_year_of_restarts_and_wrong_clocks_misses_and_doubles_nothing(sqlite_url: str) -> None:
    year = Year(create_engine(sqlite_url), planned)
    year.live()
    assert (year.started, year.jumped) == (RESTARTS + 1, JUMPS)
    assert year.listed() == wanted()
    year.engine.dispose()


@pytest.mark.parametrize(("plan", "forgets"), [(eager, False), (planned, True)])
def test_spring_of_a_broken_twin_misses_some(sqlite_url: str, plan: Plan, forgets: bool) -> None:
    spring = START + 90 * DAY
    year = Year(create_engine(sqlite_url), plan, forgets, spring)
    year.live()
    listed = set(year.listed())
    year.engine.dispose()
    assert listed < set(wanted())
    earlier = {key for key in wanted() if key.split("/")[2] < "2026-03-20"}
    assert len(earlier - listed) > 5


@pytest.mark.parametrize(("ahead", "since"), [(timedelta(days=400), "now"), (DAY, "later")])
def test_first_start_with_a_clock_far_ahead_is_forgotten(
    sqlite_url: str, ahead: timedelta, since: str
) -> None:
    one = Year(create_engine(sqlite_url), planned)
    due, monday = one.begin(), datetime(2026, 11, 23, 0, 59, tzinfo=UTC)
    found = [
        planned(due, one.engine, at, False) for at in (monday + ahead, monday, monday + 7 * MINUTE)
    ]
    assert found == [0, 0, 1 if since == "now" else 0]
    one.engine.dispose()
