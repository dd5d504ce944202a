"""A small bank under fault: sandbox WeCom and payer here, the bot a process that may be killed.

The bot is `python -m bot serve` on the machine's clock, over real HTTP and a real database; all
that it shares with this process are sockets.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import MovableClock
from bot.sandbox.callbacks import Timing
from bot.sandbox.payer import Order
from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    GroupSeed,
    RobotSeed,
    Seed,
    StaffSeed,
)
from bot.sandbox.server import Sandbox
from storage import money
from storage.database import open_database
from tests.faults.checker import Deeds, Paid, Shown, Wanted, findings, shown_as
from tests.faults.records import Records, pass_time, set_watermark, snapshot

ROOT = Path(__file__).parents[2]
TWINS = Path(__file__).with_name("twins.py")
ZONE = ZoneInfo("Asia/Shanghai")
HOST = "127.0.0.1"
DEADLINE = 30.0
"""Real seconds after which waiting has failed."""
LATE = timedelta(minutes=2)
"""The plan's step was due this long before the bot's first start: it is caught up."""

CORP, AGENT, AIBOT = "wwfault0123456789", 1000002, "aibfault"
KEY = "k" * 43
SECRET = "not-a-secret"
GROUP, QUIET_GROUP = "wrFaultGroup01", "wrFaultGroup02"
ROBOT_KEY = "00000000-0000-4000-8000-fault0000001"
LONG = os.environ.get("QUNYUN_FAULTS") == "long"
"""Whether the long runs are wanted."""
MEMBERS = 360 if LONG else 24
"""In the group at first. There are more cards than people who draw."""
CARDS = (("8.88 元红包", 888, 4), ("5.00 元红包", 500, 8), ("1.88 元红包", 188, MEMBERS))
KEYWORD = "抽奖"


def customer(number: int) -> str:
    """The id of a member of the group, from 0."""
    return f"wmFault{number:03}"


class Bank:
    """One installation, from before its first start."""

    def __init__(self, folder: Path, records: Records) -> None:
        self.records = records
        self._folder = folder
        self._port = _free_port()
        self._clock = MovableClock(running=True)
        # WeCom gives up after three retries. What it never delivers proves nothing about the bot.
        timing = Timing(retry_seconds=0.25, retries=100_000)
        self.sandbox = Sandbox(self._clock, _seed(self._port), timing=timing)
        self.deeds = Deeds()
        self.wanted = Wanted(KEYWORD, (), {}, CARDS)
        self.cut_off: Counter[Shown] = Counter()
        self._bot: Process | None = None

    async def open(self) -> None:
        """Starts the sandbox and writes configuration and library."""
        address = f"http://{HOST}:{await self.sandbox.start()}"
        due = (self._clock.now() - LATE).astimezone(ZONE)
        step = f"fault-week/now/{due.date()}"
        self.wanted = Wanted(
            KEYWORD,
            (f"{step}/quiet", f"{step}/wealth"),
            {"group_robot": 2, "assist": 2},
            CARDS,
        )
        config = _config(address, self.records.url, self._port, _noon(self._clock.now()))
        self._write("config.yaml", config)
        self._write("library/plans/week.yaml", _plan(due))
        self._write("library/campaigns/hook.yaml", _campaign())
        await set_watermark(self.records, due - LATE)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # JSON is YAML.
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    async def close(self) -> None:
        """Ends whatever still runs."""
        if self._bot is not None and self._bot.returncode is None:
            self._bot.kill()
            await self._bot.wait()
        await self.sandbox.close()

    # the bot's life

    async def start(self, crash_at: str = "", twin: str = "") -> None:
        """Starts the bot, or a broken twin of it; `crash_at` names where it shall die."""
        program = ["-m", "bot"] if not twin else [str(TWINS), twin]
        with (self._folder / "bot.log").open("ab") as log:
            self._bot = await asyncio.create_subprocess_exec(
                sys.executable,
                *program,
                "serve",
                "-c",
                str(self._folder / "config.yaml"),
                cwd=ROOT,
                env=_environment(crash_at),
                stdout=log,
                stderr=log,
            )

    async def died(self) -> None:
        """Waits until SIGKILL has ended the bot; notes what it was sending, then lets some
        minutes pass."""
        async with asyncio.timeout(DEADLINE):
            assert await self._process.wait() == -signal.SIGKILL, self.log()
        sending = "SELECT channel, body FROM outbox WHERE status = 'sending'"
        self.cut_off.update(map(shown_as, await self.records.select(sending)))
        await pass_time(self.records, self._clock.now())

    def kill(self) -> None:
        """kill -9, now."""
        self._process.kill()

    async def stop(self) -> None:
        """SIGTERM: the bot ends in its own time."""
        self._process.terminate()
        async with asyncio.timeout(DEADLINE):
            assert await self._process.wait() == 0, self.log()

    async def settled(self) -> None:
        """Waits until the bot has nothing left to do, minutes of waiting being skipped."""
        await self.until(self._idle)
        await self.sandbox.settle()
        await self.until(self._idle)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Asks again and again while the bot lives; fails at the deadline with the bot's log."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not await condition():
                    assert self._process.returncode is None, self.log()
                    await pass_time(self.records, self._clock.now())
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"not within {DEADLINE:g} s\n{self.log()}") from None

    async def listens(self) -> bool:
        """Whether the bot takes connections."""
        try:
            _, writer = await asyncio.open_connection(HOST, self._port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def opened(self) -> bool:
        """Whether members can draw."""
        if not await self.listens():
            return False
        (row,) = await self.records.select("SELECT count(*) AS decks FROM deck")
        return bool(row["decks"])

    async def _idle(self) -> bool:
        counts = await self.records.select(
            "SELECT"
            " (SELECT count(*) FROM inbox WHERE status = 'pending') AS events,"
            " (SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending')) AS letters,"
            " (SELECT count(*) FROM payout"
            "   WHERE status IN ('approved', 'submitted', 'unknown')) AS payouts,"
            " (SELECT count(*) FROM occurrence WHERE status <> 'planned') AS occurrences,"
            " (SELECT count(*) FROM deck) AS decks"
        )
        ready = {"occurrences": len(self.wanted.occurrences), "decks": 1}
        return counts == [{"events": 0, "letters": 0, "payouts": 0, **ready}]

    async def approve_payouts(self) -> int:
        """While the bot is down: their day has come and a person approves them all."""
        now = self._clock.now()

        def approve(tx: Any) -> int:
            money.mature(tx, now.astimezone(ZONE).date() + timedelta(days=1))
            due = money.payouts(tx, "due")
            for row in due:
                money.approve(tx, row.order_no, row.amount_fen, "wangqiang", now)
            return len(due)

        database = await open_database(self.records.url)
        try:
            return await database.write(approve)
        finally:
            await database.close()

    # people

    def say(self, member: str, text: str) -> None:
        """A member says something to the intelligent bot."""
        self.sandbox.actions.say(member, GROUP, text, at_bot=True)
        self.deeds.said.append((member, text))

    def join(self, name: str) -> str:
        """A stranger joins the group. Returns their id."""
        member = self.sandbox.actions.join(GROUP, name=name).id
        self.deeds.joined.append(member)
        return member

    def at_payment(self, do: Callable[[], None]) -> None:
        """Does something at the instant at which the payer has paid and not yet answered."""
        self.sandbox.payer.orders = _Tripwire(do, self.sandbox.payer.orders)

    # judgement

    async def findings(self, *, resent: bool = True) -> list[str]:
        """What the checker finds wrong, the bot being idle or down.

        Unless `resent`, not even a letter that was on its way at a kill may be shown twice.
        """
        self.deeds.shown = [
            (one.sender.kind, "card" if one.card else one.text)
            for one in self.sandbox.messages.all()
            if one.sender.kind in ("robot", "aibot", "app")
        ]
        self.deeds.paid = [
            Paid(number, order.member, order.amount_fen)
            for number, order in self.sandbox.payer.orders.items()
            for _ in range(order.payments)
        ]
        tables = await snapshot(self.records)
        damage = await self.records.damage()
        cut_off = self.cut_off if resent else None
        return damage + findings(tables, self.deeds, self.wanted, cut_off)

    def log(self) -> str:
        """The end of what the bot has printed so far."""
        return (self._folder / "bot.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    @property
    def _process(self) -> Process:
        assert self._bot is not None
        return self._bot


class _Tripwire(dict[str, Order]):
    """The payer's orders; the first new one sets something off."""

    def __init__(self, do: Callable[[], None], orders: dict[str, Order]) -> None:
        super().__init__(orders)
        self._do: Callable[[], None] | None = do

    def __setitem__(self, key: str, value: Order) -> None:
        super().__setitem__(key, value)
        if self._do is not None:
            self._do()
            self._do = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(crash_at: str) -> dict[str, str]:
    return os.environ | {
        "CRASH_AT": crash_at,
        "QUNYUN_APP_SECRET": SECRET,
        "QUNYUN_APP_TOKEN": SECRET,
        "QUNYUN_APP_AES_KEY": KEY,
        "QUNYUN_AIBOT_TOKEN": SECRET,
        "QUNYUN_AIBOT_AES_KEY": KEY,
        "QUNYUN_PAYOUT_SECRET": SECRET,
        "QUNYUN_ROBOT_WEALTH": ROBOT_KEY,
    }


def _seed(port: int) -> Seed:
    callbacks = f"http://{HOST}:{port}/wecom"
    members = tuple(customer(number) for number in range(MEMBERS))
    return Seed(
        corp=CorpSeed(CORP, "示例银行"),
        app=AppSeed(AGENT, SECRET, SECRET, KEY, f"{callbacks}/app/{AGENT}"),
        aibot=AibotSeed(AIBOT, SECRET, SECRET, KEY, f"{callbacks}/aibot/{AIBOT}"),
        staff=(StaffSeed("lijing", "李静"), StaffSeed("wangqiang", "王强", "主管")),
        customers=tuple(CustomerSeed(one, f"客户{one[-3:]}") for one in members),
        groups=(
            GroupSeed(
                GROUP,
                "财富群",
                "lijing",
                members=members,
                robots=(RobotSeed(ROBOT_KEY, "群运小助手"),),
                aibot=True,
                robots_in_customer_group=True,
            ),
            GroupSeed(QUIET_GROUP, "静群", "lijing"),
        ),
        payer_secret=SECRET,
    )


def _noon(now: datetime) -> str:
    """A zone in which it is about noon: a standing deck opens only by day, a test at any hour."""
    return f"Etc/GMT{now.hour - 12:+d}"


def _config(address: str, database: str, port: int, zone: str) -> dict[str, Any]:
    return {
        "company": "示例银行",
        "zone": zone,
        "database": database,
        "library": ["library"],
        "listen": {"port": port},
        "wecom": {
            "corp_id": CORP,
            "api": address,
            "app": {"agent": AGENT},
            "aibot": {"id": AIBOT, "mode": "callback"},
        },
        "staff": [
            {"id": "lijing", "name": "李静", "roles": ["rm"]},
            {"id": "wangqiang", "name": "王强", "roles": ["manager"]},
        ],
        "communities": [
            _community("wealth", "财富群", GROUP, "robot"),
            _community("quiet", "静群", QUIET_GROUP, "assist"),
        ],
        "payouts": {"payer": "marketing_platform", "url": f"{address}/marketing"},
    }


def _community(id: str, name: str, chat_id: str, mode: str) -> dict[str, Any]:
    entry = {
        "id": id,
        "name": name,
        "chat_id": chat_id,
        "owner": "lijing",
        "mode": mode,
        "review": False,
    }
    return {**entry, "labels": ["all", id]}


def _plan(due: datetime) -> dict[str, Any]:
    step = {
        "id": "now",
        "at": f"{due:%H:%M}",
        "window": "30m",
        "content": {"text": "今天的小知识：先把要花的钱放好。"},
        "catch_up": {"within": "2h", "then": "run"},
    }
    return {
        "plan": "fault-week",
        "title": "故障测试",
        "applies_to": {"labels": ["all"]},
        "dates": {f"{due.date()}": [step]},
    }


def _campaign() -> dict[str, Any]:
    total = sum(fen * count for _, fen, count in CARDS)
    return {
        "campaign": "hook",
        "title": "见面礼",
        "organiser": "示例银行",
        "applies_to": {"labels": ["wealth"]},
        "round": "standing",
        "keyword": KEYWORD,
        "budget": f"{total // 100}.{total % 100:02}",
        "deck": [
            {"prize": prize, "amount": f"{fen // 100}.{fen % 100:02}", "count": count}
            for prize, fen, count in CARDS
        ],
        "payable_after": 0,
        "opening": "欢迎来到社群。",
        "rules": [
            "群成员均可参加，每人一次。",
            "以微信红包发放，逾期未领取视为放弃。",
            "有疑问请私信客户经理。",
        ],
    }
