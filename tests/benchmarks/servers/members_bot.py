"""The bot of a large bank: `python -m tests.benchmarks.servers.members_bot FOLDER SANDBOX_URL`.

Reads everybody, then once more as in a night; works the night's chores off; answers 查 and
lists over all groups; chooses by every shipped segment. Prints one line of JSON: seconds, and MB.
"""

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from bot import nights
from bot.app import App
from bot.clock import MovableClock, SystemClock
from bot.config import App as AppEntry
from bot.config import CommunityEntry, Config, Listen, StaffEntry, Wecom
from bot.outward import keep_at
from bot.settings import Settings, settings
from bot.shelf import shipped
from bot.warm import warm_up
from bot.wecom.parse import received
from sop.events import ReplyTo, Said
from sop.tagging import next_night
from storage.database import open_database
from tests.benchmarks.machine import pin_as_told, rss_mb
from tests.benchmarks.report import ensure
from tests.benchmarks.servers import members_sandbox as bank

PATIENCE = 600.0
LISTS = (
    *("名单 沉睡成员", "名单 爱答题的成员", "名单 高价值成员"),
    *("沉默", "活跃", "排行 活跃", "导出 沉睡成员"),
)
"""What a manager of all groups asks for."""
LABELLED = 30
"""Groups whose labels are worked out: a tenth, the rest is alike."""
WORKERS = ("groups", "relations")
"""Who reads WeCom beside the roster."""


def bench_settings(folder: Path, api: str) -> Settings:
    """300 groups that the sandbox has."""
    config = Config(
        company="测试银行",
        database=f"sqlite:///{folder}/members.db",
        listen=Listen(),
        digest=None,
        wecom=Wecom(corp_id=bank.CORP, api=api, app=AppEntry(agent=bank.AGENT)),
        staff=[
            StaffEntry(id="boss", name="王强", roles=["manager"]),
            *[
                StaffEntry(id=f"rm{one:02}", name=f"经理 {one}", roles=["rm"])
                for one in range(bank.MANAGERS)
            ],
        ],
        communities=[
            CommunityEntry(
                id=f"bench-{group:03}",
                name=f"测试群 {group}",
                chat_id=bank.chat(group),
                owner=bank.manager(group),
                mode="assist",
                review=False,
            )
            for group in range(bank.GROUPS)
        ],
    )
    secrets = {
        "QUNYUN_APP_SECRET": bank.SECRET,
        "QUNYUN_APP_TOKEN": bank.TOKEN,
        "QUNYUN_APP_AES_KEY": bank.AES_KEY,
    }
    return settings(config, secrets, folder)


class Bench:
    """One bot, measured."""

    def __init__(self, app: App, clock: MovableClock) -> None:
        self._app = app
        self._clock = clock
        self._heard = 0

    async def one(self, query: str, **given: Any) -> Any:
        """The value that a query answers."""

        def work(tx: Connection) -> Any:
            return tx.execute(text(query), given).scalar_one()

        return await self._app.database.read(work)

    async def everybody_read(self) -> float:
        """Seconds until every group and every contact has been read since now, by the loops of
        the service with their pauses."""
        app, since = self._app, self._clock.now()
        workers = [one for one in app._workers if one.name in WORKERS]
        loops = [app.roster.run(), *(keep_at(one) for one in workers)]
        self._clock.run(True)
        began = time.perf_counter()
        tasks = [asyncio.create_task(one) for one in loops]
        groups = "SELECT count(*) FROM group_state WHERE read_at >= :since"
        contacts = "SELECT count(*) FROM watermark WHERE name LIKE 'contacts/%' AND at >= :since"
        wanted = {groups: bank.GROUPS, contacts: bank.MANAGERS}
        stamp = _stamp(since)
        for query, number in wanted.items():
            while await self.one(query, since=stamp) < number:
                ensure(time.perf_counter() - began < PATIENCE, f"not read in {PATIENCE} s: {query}")
                await asyncio.sleep(0.05)
        took = time.perf_counter() - began
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._clock.run(False)
        return took

    async def chore(self, name: str, groups: int) -> float:
        """Seconds of one of the night's chores in so many groups, a transaction each."""
        app, now = self._app, self._clock.now()
        due = app._due
        turns = await app.database.read(lambda tx: nights.waiting(due, tx, now))
        mine = [community for chore, community in turns if chore == name][:groups]
        ensure(len(mine) == groups, f"{name} waits in {len(mine)} groups")
        began = time.perf_counter()
        for one in mine:
            work = partial(nights.work, due=due, chore=name, community=one, now=now)
            await app.database.write(work)
        return time.perf_counter() - began

    async def shown(self, line: str) -> float:
        """Seconds from a manager's stored message to its owed answer."""
        self._heard += 1
        reply = ReplyTo("app_message", {"user": "boss"})
        event = Said(self._clock.now(), "boss", None, line, reply)
        await self._app.inbox(received(event, f"asked/{self._heard}"))
        began = time.perf_counter()
        await self._app.dispatcher.step()
        return time.perf_counter() - began

    async def chosen(self) -> dict[str, tuple[float, int]]:
        """For each shipped segment: seconds to choose from all members, and how many those are."""
        found = {}
        due, now = self._app._due, self._clock.now()
        for name, segment in due.library.segments.items():

            def work(tx: Connection, who: Any = segment.who) -> int:
                facts = due.facts(tx)
                return sum(len(facts.choose(one.id, who, now)) for one in due.settings.communities)

            began = time.perf_counter()
            number = await self._app.database.read(work)
            found[name] = time.perf_counter() - began, number
        return found


def _stamp(instant: datetime) -> str:
    """As SQLite keeps it."""
    return instant.astimezone(UTC).isoformat(" ", "microseconds")


def populate(tx: Connection, now: datetime) -> None:
    """Up to 19 active days for each member, of the last 60."""
    rows = [
        {
            "community": f"bench-{one % bank.GROUPS:03}",
            "day": (now - timedelta(days=1 + (one * 7 + turn * 3) % 60)).date().isoformat(),
            "member": bank.member(one),
            "kind": ("message", "answer", "checkin")[turn % 3],
            "n": 1 + turn % 3,
            "last_at": _stamp(now - timedelta(days=1 + (one * 7 + turn * 3) % 60)),
        }
        for one in range(bank.MEMBERS)
        for turn in range(one % 20)
    ]
    tx.execute(
        text(
            "INSERT OR IGNORE INTO daily (community, day, member, kind, n, last_at) "
            "VALUES (:community, :day, :member, :kind, :n, :last_at)"
        ),
        rows,
    )


async def measured(step: Callable[[], Awaitable[float]]) -> dict[str, float]:
    """Seconds of a step, and the memory after it."""
    return {"seconds": await step(), "mb": rss_mb(os.getpid())}


async def main(folder: Path, api: str) -> None:
    """Measures one thing after the other."""
    chosen = bench_settings(folder, api)
    library, workdays = shipped()
    clock = MovableClock(SystemClock().now())
    app = App(chosen, library, workdays, await open_database(chosen.database), clock)
    warm_up()
    await app.introduce()
    await app.calendar.tick()
    bench = Bench(app, clock)
    found: dict[str, Any] = {"first": await measured(bench.everybody_read)}
    await app.database.write(lambda tx: populate(tx, clock.now()))
    await clock.advance_to(next_night(clock.now(), chosen.zone) + timedelta(minutes=1))
    found["night"] = await measured(bench.everybody_read)
    found["standings"] = await measured(partial(bench.chore, "standings", bank.GROUPS))
    found["labels"] = await measured(partial(bench.chore, "labels", LABELLED))
    names = [bank.name(one) for one in range(0, 1000, 50)]
    found["by name"] = [await bench.shown(f"查 {one}") for one in names]
    ids = [bank.member(one) for one in range(0, 50_000, 2_500)]
    found["by id"] = [await bench.shown(f"查 {one}") for one in ids]
    found["lists"] = {line: await bench.shown(line) for line in LISTS}
    found["segments"] = await bench.chosen()
    found["mb"] = rss_mb(os.getpid())
    found["members"] = await bench.one("SELECT count(*) FROM membership WHERE left_at IS NULL")
    found["contacts"] = await bench.one("SELECT count(*) FROM relation WHERE ended_at IS NULL")
    found["answers"] = await bench.one("SELECT count(*) FROM audit WHERE action = '查'")
    await app.close()
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    pin_as_told()
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
