"""The product as a server: `python -m tests.benchmarks.servers.product FOLDER STUB_URL [MONTH]`.

With a month's file, its summary is read all the time, as the product reads one.

A real SQLite file, the shipped library, every loop running: inbox, dispatcher, calendar,
delivery, roster, payouts. Answers go over HTTP to the stub.
"""

import asyncio
import logging
import signal
import sys
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from bot.app import App
from bot.clock import SystemClock
from bot.config import Aibot, CommunityEntry, Config, Listen, StaffEntry, Wecom
from bot.config import App as AppEntry
from bot.counting import Count
from bot.settings import Settings, settings
from bot.shelf import shipped
from bot.warm import warm_up
from sop.library import Library
from storage import people
from storage.database import open_database
from tests.benchmarks import wire
from tests.benchmarks.machine import pin_as_told


def bench_settings(folder: Path, api: str) -> Settings:
    """50 groups of one RM, the stub as WeCom."""
    config = Config(
        company="测试银行",
        database=f"sqlite:///{folder}/product.db",
        listen=Listen(),
        wecom=Wecom(
            corp_id="wwbenchmark0000000",
            api=api,
            app=AppEntry(agent=1000002),
            aibot=Aibot(id=wire.BOT, name=wire.NAME, mode="callback"),
        ),
        staff=[StaffEntry(id="rm", name="李静", roles=["rm"])],
        communities=[
            CommunityEntry(
                id=f"bench-{number:04d}",
                name=f"测试群 {number}",
                chat_id=wire.chat(number),
                owner="rm",
                mode="assist",
                review=False,
            )
            for number in range(wire.CHATS)
        ],
    )
    secrets = {
        "QUNYUN_APP_SECRET": "secret",
        "QUNYUN_APP_TOKEN": wire.TOKEN,
        "QUNYUN_APP_AES_KEY": wire.AES_KEY,
        "QUNYUN_AIBOT_TOKEN": wire.TOKEN,
        "QUNYUN_AIBOT_AES_KEY": wire.AES_KEY,
    }
    return replace(settings(config, secrets, folder), port=0)


def _known_members(tx: Connection) -> None:
    """The roster has been read: nobody who speaks is new."""
    now = SystemClock().now()
    for place in range(wire.CHATS):
        for number in range(wire.MEMBERS):
            people.arrive(
                tx, f"bench-{place:04d}", wire.member(place, number), "客户", "roster", now
            )


async def _read_summaries(file: Path) -> None:
    from tests.benchmarks.servers.summaries import known
    from tests.month import MONDAY, ZONE

    communities, staff = known(file)
    count = Count(
        f"sqlite:///{file}", Library(), staff, tuple(communities), MONDAY, ZONE, "全部社群"
    )
    while True:
        await count.apart()


async def main(folder: Path, api: str, month: Path | None = None) -> None:
    """Serves until told to stop."""
    chosen = bench_settings(folder, api)
    library, workdays = shipped()
    app = App(chosen, library, workdays, await open_database(chosen.database), SystemClock())
    warm_up()
    await app.start()
    await app.database.write(_known_members)
    print(app.server.port, flush=True)
    tasks = [asyncio.ensure_future(app.run())]
    if month is not None:
        tasks.append(asyncio.ensure_future(_read_summaries(month)))

    def stop() -> None:
        for task in tasks:
            task.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    pin_as_told()
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], *map(Path, sys.argv[3:])))
