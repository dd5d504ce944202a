"""One installation under fault: sandbox WeCom and payers here, the bot a process that may be
killed.

The bot is `qunyun serve` in a process of its own (`tests.faults.nest`), on the machine's clock,
over real HTTP and a real database; all that it shares with this process are sockets.
"""

import asyncio
import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.clock import MovableClock
from bot.sandbox.callbacks import Timing
from bot.sandbox.purse import Order, Purse
from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox
from storage import payout_rows, payouts
from storage.database import open_database
from tests.faults.checker import Paid, Shown, shown_as
from tests.faults.records import Records, pass_time

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
HOST = "127.0.0.1"
LONG = os.environ.get("QUNYUN_FAULTS") == "long"
"""Whether the long runs are wanted."""
DEADLINE = 180.0 if LONG else 60.0
"""Real seconds after which waiting has failed."""

CORP, AGENT, AIBOT = "wwfault0123456789", 1000002, "aibfault"
KEY = "k" * 43
SECRET = "not-a-secret-but-long-enough-to-be-one"
ROBOT_KEY = "00000000-0000-4000-8000-fault0000001"


class Installation:
    """One bot with its surroundings, from before its first start."""

    def __init__(
        self, nest: Path, folder: Path, records: Records, seed: Callable[[int], Seed]
    ) -> None:
        """`nest` is the socket where bots are had, `seed` makes the sandbox's for a port."""
        self._nest = nest
        self.records = records
        self.folder = folder
        self.port = _free_port()
        self.clock = MovableClock(running=True)
        # WeCom gives up after three retries. What it never delivers proves nothing about the bot.
        timing = Timing(retry_seconds=0.25, retries=100_000)
        self.sandbox = Sandbox(self.clock, seed(self.port), timing=timing)
        self.cut_off: Counter[Shown] = Counter()
        self.secrets: Mapping[str, str] = {}
        self._bot: _Bot | None = None

    @property
    def config(self) -> Path:
        """The bot's configuration."""
        return self.folder / "config.yaml"

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """A file of the configuration or the library. JSON is YAML."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    async def close(self) -> None:
        """Ends whatever still runs."""
        if self._bot is not None:
            self._bot.leave()
        await self.sandbox.close()

    # the bot's life

    async def start(self, crash_at: str = "", twin: str = "") -> None:
        """Starts the bot, or a broken twin of it; `crash_at` names where it shall die."""
        self._bot = await self._process_of(("serve",), "bot.log", crash_at, twin)

    async def _process_of(
        self, words: tuple[str, ...], log: str, crash_at: str = "", twin: str = ""
    ) -> "_Bot":
        """A process of the nest's that runs a command of the terminal and prints into a file."""
        reader, writer = await asyncio.open_unix_connection(self._nest)
        wanted = {
            "argv": [*words, "-c", str(self.config)],
            "env": os.environ | {"CRASH_AT": crash_at, **self.secrets},
            "log": str(self.folder / log),
            "twin": twin,
        }
        writer.write(json.dumps(wanted).encode() + b"\n")
        return _Bot(int(await reader.readline()), reader, writer)

    async def died(self) -> None:
        """Waits until SIGKILL has ended the bot; notes what it was sending, then lets some
        minutes pass."""
        async with asyncio.timeout(DEADLINE):
            assert await self._process.wait() == -signal.SIGKILL, self.log()
        sending = "SELECT channel, body FROM outbox WHERE status = 'sending'"
        self.cut_off.update(map(shown_as, await self.records.select(sending)))
        await self.pass_time()

    async def until_dead(self) -> None:
        """Waits for the bot's death, minutes of waiting being skipped."""
        async with asyncio.timeout(DEADLINE):
            while not await self.dies_within(0.1):
                await self.pass_time()

    async def dies_within(self, seconds: float) -> bool:
        """Whether the bot ends by itself within that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._process.wait()
                return True
        return False

    def kill(self) -> None:
        """kill -9, now, if it is not dead already."""
        with suppress(ProcessLookupError):
            self._process.signal(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM: the bot, once it is up, ends in its own time."""
        await self.until(self.listens)
        self._process.signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE):
            code = await self._process.wait()
            assert code == 0, f"{code}\n{self.log()}"

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Asks again and again while the bot lives; fails at the deadline with the bot's log."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not await condition():
                    assert not self._process.ended, f"ended by itself\n{self.log()}"
                    await self.pass_time()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"not within {DEADLINE:g} s\n{self.log()}") from None

    async def listens(self) -> bool:
        """Whether the bot takes connections."""
        try:
            _, writer = await asyncio.open_connection(HOST, self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def command(self, *words: str) -> str:
        """What a command of the terminal prints; it must succeed."""
        log = self.folder / "command.log"
        log.unlink(missing_ok=True)
        process = await self._process_of(words, log.name)
        async with asyncio.timeout(DEADLINE):
            code = await process.wait()
        printed = log.read_text(encoding="utf-8")
        assert code == 0, printed
        return printed

    async def pass_time(self) -> None:
        """Some minutes go by, for the bot's rows and for the payers."""
        now = self.clock.now()
        await pass_time(self.records, now)
        for order in self._orders():
            if order.paid_at is not None and order.paid_at > now:
                order.paid_at = now
            if order.found_from is not None and order.found_from > now:
                order.found_from = now

    async def approve_payouts(self) -> int:
        """While the bot is down: their day has come and a person approves them all."""
        now = self.clock.now()

        def approve(tx: Connection) -> int:
            payouts.mature(tx, now.astimezone(ZONE).date() + timedelta(days=30), now)
            due = payout_rows.listing(tx, "due")
            for row in due:
                payouts.approve(tx, row.order_no, row.amount_fen, "wangqiang", now)
            return len(due)

        database = await open_database(self.records.url)
        try:
            return await database.write(approve)
        finally:
            await database.close()

    # the payers

    def purses(self) -> list[Purse]:
        """Every service that pays."""
        three = (self.sandbox.payer, self.sandbox.redpacket, self.sandbox.transfer)
        return [one for one in three if one is not None]

    def payments(self, members: Iterable[str]) -> list[Paid]:
        """Every time that money moved, as the payers know it."""
        known = {self.sandbox.openids.of(one): one for one in members}
        return [
            Paid(number, known.get(order.member, order.member), order.amount_fen)
            for purse in self.purses()
            for number, order in purse.orders.items()
            for _ in range(order.payments)
        ]

    def at_payment(self, do: Callable[[], None]) -> None:
        """Does something at the instant at which a payer has paid and not yet answered."""
        for purse in self.purses():
            purse.orders = _Tripwire(do, purse.orders)

    def _orders(self) -> list[Order]:
        return [order for purse in self.purses() for order in purse.orders.values()]

    def log(self) -> str:
        """The end of what the bot has printed so far."""
        return (self.folder / "bot.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    @property
    def _process(self) -> "_Bot":
        assert self._bot is not None
        return self._bot


class _Bot:
    """A running bot."""

    def __init__(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._number = number
        self._writer = writer
        self._end = asyncio.create_task(reader.readline())

    @property
    def ended(self) -> bool:
        """Whether it is known to have ended."""
        return self._end.done()

    def signal(self, number: int) -> None:
        """Sends it a signal, unless it has ended."""
        if not self.ended:
            os.kill(self._number, number)

    async def wait(self) -> int:
        """How it ended: 0, an exit code, or minus a signal."""
        code = int(await asyncio.shield(self._end))
        self._writer.close()
        return code

    def leave(self) -> None:
        """Nobody wants it any more."""
        self._end.cancel()
        self._writer.close()


class _Tripwire(dict[str, Order]):
    """A payer's orders; the first new one sets something off."""

    def __init__(self, do: Callable[[], None], orders: dict[str, Order]) -> None:
        super().__init__(orders)
        self._do: Callable[[], None] | None = do

    def __setitem__(self, key: str, value: Order) -> None:
        super().__setitem__(key, value)
        if self._do is not None:
            self._do()
            self._do = None


def _free_port() -> int:
    """A port that no connection is given as its own end: a browser that tries again and again to
    reach a bot that is down would at last be connected with itself, and hold the port."""
    first = 20_000 + os.getpid() * 7 % 10_000
    for port in range(first, first + 2_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise OSError("no port is free")


def noon(now_hour: int) -> str:
    """A zone in which it is about noon: a standing deck opens only by day, a test at any hour."""
    return f"Etc/GMT{now_hour - 12:+d}"
