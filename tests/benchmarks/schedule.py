"""G10, G11: planning 100,000 occurrences, and 1,000 that fall due in the same second.

Ours lists rows in the database (FULL durability) with the shipped library for 500 communities,
day by day, as the calendar's tick does. APScheduler keeps one job for each step and community in
its memory store; 10,000 are added and the time is taken ten times, since its cost per job does
not change with their number (performance study, section 5).

`python -m tests.benchmarks.schedule SIDE` runs one side and prints JSON; SIDES names them.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Connection, func, select

from bot.calendar import Calendar
from bot.channel import Connections
from bot.channels.assist import CHANNEL as ASSIST
from bot.clock import MovableClock
from bot.due import Due
from bot.runtime import Runtime
from bot.settings import Settings
from bot.shelf import shipped
from bot.warm import warm_up
from sop.community import Community, DeliveryMode
from storage import people
from storage.database import open_database
from storage.tables.work import Occurrence, Outbox
from storage.types import table
from tests.benchmarks.machine import SERVER, pin_as_told, rss_mb, run_json
from tests.benchmarks.report import (
    Row,
    alternating,
    ensure,
    middle,
    milliseconds,
    paired,
    spread,
    times,
)
from tests.benchmarks.servers.product import bench_settings

WANTED = 100_000
ADDED, STORED = 10_000, 500
COMMUNITIES = 500
DUE = 1_000
FIRST_DAY = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
MONDAY_0930 = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def _installation(folder: str, communities: int) -> tuple[Settings, Due]:
    """The shipped library for so many communities; scripts go to their RM."""
    chosen = bench_settings(Path(folder), "http://127.0.0.1:9")
    chosen = replace(
        chosen,
        communities=tuple(
            Community(
                f"bench-{number:04d}",
                f"测试群 {number}",
                f"wrBenchmarkGroup{number:04d}",
                "rm",
                DeliveryMode.ASSIST,
                frozenset({"wealth"}),
                chosen.zone,
            )
            for number in range(communities)
        ),
    )
    library, workdays = shipped()
    # Nothing is sent here; the channel only cuts messages to size.
    channel = ASSIST(Connections(chosen, None, None))  # type: ignore[arg-type]
    return chosen, Due(chosen, library, workdays, Runtime(chosen, {"assist": channel}, library))


async def plan_ours() -> dict[str, float]:
    """Day by day until 100,000 are listed."""
    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        chosen, due = _installation(folder, COMMUNITIES)
        database = await open_database(chosen.database)
        await database.write(lambda tx: due.plan(tx, FIRST_DAY))
        before, listed, day = rss_mb(os.getpid()), 0, FIRST_DAY
        began = time.perf_counter()
        while listed < WANTED:
            day += timedelta(days=1)
            listed += await database.write(partial(due.plan, now=day))
        seconds = time.perf_counter() - began
        grown = rss_mb(os.getpid()) - before
        rows = await database.read(_occurrences)
        await database.close()
    ensure(sum(rows.values()) == listed, f"planned {listed}, found {rows}")
    return {"seconds": seconds * WANTED / listed, "mb": grown}


async def plan_aps() -> dict[str, float]:
    """10,000 jobs, times ten."""
    scheduler = AsyncIOScheduler(timezone="Asia/Shanghai")
    scheduler.start(paused=True)
    before = rss_mb(os.getpid())
    began = time.perf_counter()
    for number in range(ADDED):
        trigger = CronTrigger(
            day_of_week=number % 7, hour=number // 7 % 24, minute=number % 60, timezone="UTC"
        )
        scheduler.add_job(_nothing, trigger, args=(number,), id=str(number))
    seconds = time.perf_counter() - began
    grown = rss_mb(os.getpid()) - before
    scheduler.shutdown(wait=False)
    scale = WANTED / ADDED
    return {"seconds": seconds * scale, "mb": grown * scale}


async def plan_aps_sql() -> dict[str, float]:
    """500 jobs in its SQLAlchemy store on SQLite, as its manual sets it up, times two hundred."""
    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        store = SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.db")
        scheduler = AsyncIOScheduler(timezone="UTC", jobstores={"default": store})
        scheduler.start(paused=True)
        began = time.perf_counter()
        for number in range(STORED):
            trigger = CronTrigger(day_of_week=number % 7, hour=number // 7 % 24, timezone="UTC")
            scheduler.add_job(_nothing, trigger, args=(number,), id=str(number))
        seconds = time.perf_counter() - began
        scheduler.shutdown(wait=False)
    return {"seconds": seconds * WANTED / STORED}


async def _nothing(_: int) -> None:
    """A job."""


async def _watched(work: Awaitable[Any]) -> float:
    """Awaits the work; returns the longest time in ms that the loop could not run others."""
    longest, over = 0.0, False

    async def watch() -> None:
        nonlocal longest
        last = time.perf_counter()
        while not over:
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last - 0.001), now

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    await work
    over = True
    await watching
    return 1000 * longest


async def due_ours() -> dict[str, float]:
    """Monday 09:30 comes for 1,000 communities: each step runs, with its text, letter and row."""
    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        chosen, due = _installation(folder, DUE)
        database = await open_database(chosen.database)
        await database.write(partial(_known, chosen))
        clock = MovableClock(MONDAY_0930 - timedelta(seconds=30), seed=b"bench")
        calendar = Calendar(database, lambda: due, clock)
        warm_up()  # as `qunyun serve` does
        await calendar.tick()
        await clock.advance_to(MONDAY_0930)
        began = time.perf_counter()
        blocked = await _watched(calendar.tick())
        seconds = time.perf_counter() - began
        rows, letters = await database.read(_occurrences), await database.read(_letters)
        await database.close()
    ensure(rows == {"done": DUE}, f"due: {rows}")
    ensure(letters == 2 * DUE, f"due: {letters} letters")  # the script, and a card to report back
    return {"last": 1000 * seconds, "blocked": blocked, "missed": 0}


async def due_aps() -> dict[str, float]:
    """1,000 date jobs at one instant, two seconds from now."""
    fired: list[float] = []

    async def job(_: int) -> None:
        fired.append(time.time())

    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.start()
    at = time.time() + 2.0
    for number in range(DUE):
        scheduler.add_job(job, DateTrigger(datetime.fromtimestamp(at, UTC)), args=(number,))
    blocked = await _watched(asyncio.sleep(max(0.0, at - time.time()) + 2.0))
    scheduler.shutdown(wait=False)
    last = max(fired, default=at) - at
    return {"last": 1000 * last, "blocked": blocked, "missed": DUE - len(fired)}


def _known(chosen: Settings, tx: Connection) -> None:
    rows = [
        people.CommunityRow(one.id, one.name, one.chat_id, one.owner, one.mode.value, ["wealth"],
                            one.zone.key)
        for one in chosen.communities
    ]  # fmt: skip
    people.sync_communities(tx, rows, MONDAY_0930)


def _occurrences(tx: Connection) -> dict[str, int]:
    status = table(Occurrence).c.status
    return Counter(dict(tx.execute(select(status, func.count()).group_by(status)).all()))


def _letters(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(table(Outbox))).scalar_one()


def _sides(rounds: int, *names: str) -> list[list[dict[str, float]]]:
    return alternating(rounds, [partial(run_json, "schedule", name, core=SERVER) for name in names])


def seconds(value: float) -> str:
    """`2.5 s`."""
    return f"{value:.1f} s"


def planning(rounds: int) -> list[Row]:
    """G10."""
    ours, theirs, stored = _sides(rounds, "plan-ours", "plan-aps", "plan-aps-sql")
    mine, jobs = [one["seconds"] for one in ours], [one["seconds"] for one in theirs]
    durable = [one["seconds"] for one in stored]
    ratio, kept = paired(jobs, mine), paired(durable, mine)
    mb, their_mb = middle([one["mb"] for one in ours]), middle([one["mb"] for one in theirs])
    share = their_mb / max(mb, 0.1)
    return [
        Row("G10", "100,000 occurrences planned and kept (FULL) against APScheduler in memory",
            spread(mine, seconds), spread(jobs, seconds), times(ratio), ">= 20x", ratio >= 20),
        Row("", "… against APScheduler's SQLAlchemy store, SQLite", spread(mine, seconds),
            spread(durable, seconds), times(kept), ">= 100x", kept >= 100),
        Row("", "… memory taken, against APScheduler in memory", f"{mb:.0f} MB",
            f"{their_mb:.0f} MB", times(share), ">= 20x", share >= 20),
    ]  # fmt: skip


def due(rounds: int) -> list[Row]:
    """G11."""
    ours, theirs = _sides(rounds, "due-ours", "due-aps")

    def told(runs: list[dict[str, float]], what: str) -> str:
        return spread([one[what] for one in runs], milliseconds)

    blocked = middle([one["blocked"] for one in ours])
    missed = max(one["missed"] for one in ours)
    return [
        Row("G11", "1,000 due in one second: missed", f"{missed:.0f}",
            f"{max(one['missed'] for one in theirs):.0f}", f"{missed:.0f}", "0", missed == 0),
        Row("", "… longest that the event loop was blocked", told(ours, "blocked"),
            told(theirs, "blocked"), milliseconds(blocked), "<= 20 ms", blocked <= 20),
        Row("", "… the last one done (ours: text, letter and row committed; theirs: fired)",
            told(ours, "last"), told(theirs, "last"), "", ""),
    ]  # fmt: skip


SIDES = {
    "plan-ours": plan_ours,
    "plan-aps": plan_aps,
    "plan-aps-sql": plan_aps_sql,
    "due-ours": due_ours,
    "due-aps": due_aps,
}


if __name__ == "__main__":
    pin_as_told()
    print(json.dumps(asyncio.run(SIDES[sys.argv[1]]())))
