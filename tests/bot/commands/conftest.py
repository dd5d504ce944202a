"""A small bank to type commands in: two RMs, everybody else once, three communities.

Lines go the whole way: stored event → dispatcher → effects → rows; what is read back is what the
outbox owes. Only the sending is left out.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.app import channel_types
from bot.channel import Connections
from bot.clock import MovableClock
from bot.dispatch import Dispatcher
from bot.due import Due, Moment, due_keys
from bot.http import Http
from bot.inbox import Inbox
from bot.runtime import Runtime
from bot.settings import AppSettings, Settings
from bot.wecom.api import WecomApi
from bot.wecom.events_json import kind_of, to_json
from sop.community import Community, DeliveryMode, Role, Staff
from sop.events import Pressed, ReplyTo, Said
from storage import audit, inbox, occurrences, outbox, payouts, people
from storage.database import Database, open_database
from storage.people import CommunityRow
from tests.house import shipped_library
from tests.prize_deeds import win

SHANGHAI = ZoneInfo("Asia/Shanghai")
COMMUNITIES = (
    Community(
        "wealth-01",
        "财富一群",
        "wr01",
        "li",
        DeliveryMode.ROBOT,
        frozenset({"wealth"}),
        SHANGHAI,
        "群运",
    ),
    Community(
        "wealth-02", "财富二群", "wr02", "li", DeliveryMode.ASSIST, frozenset({"wealth"}), SHANGHAI
    ),
    Community(
        "salary-01", "代发 客户群", "wr03", "chen", DeliveryMode.ROBOT, frozenset(), SHANGHAI
    ),
)
STAFF = {
    one.id: one
    for one in (
        Staff("li", "李静", frozenset({Role.RM}), frozenset({"wealth-01", "wealth-02"})),
        Staff("chen", "陈明", frozenset({Role.RM}), frozenset({"salary-01"})),
        Staff("yun", "赵芸", frozenset({Role.OPERATOR}), frozenset()),
        Staff("shen", "沈洁", frozenset({Role.REVIEWER}), frozenset()),
        Staff("wang", "王强", frozenset({Role.MANAGER}), frozenset()),
        Staff("admin", "周工", frozenset({Role.ADMIN}), frozenset()),
        Staff("new", "新人", frozenset({Role.RM}), frozenset()),
    )
}


def at(text: str) -> datetime:
    """`2026-11-24 12:00` in Shanghai as an instant."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Bank:
    """The bot of a bank on one database, with its clock standing at `now`."""

    def __init__(self, database: Database, clock: MovableClock, http: Http) -> None:
        self.database = database
        self.clock = clock
        settings = _settings()
        library, workdays = shipped_library()
        api = WecomApi(http, settings.api, settings.corp_id, 1, "secret", clock)
        connections = Connections(settings, api, None)
        channels = {name: one(connections) for name, one in channel_types().items()}
        self.due = Due(settings, library, workdays, Runtime(settings, channels, library))
        self.dispatcher = Dispatcher(
            database,
            lambda: self.due,
            clock,
            Inbox(database, clock),
            stale=lambda chat: None,
            done=lambda: None,
        )
        self._typed = 0
        self._read = 0

    async def open(self) -> None:
        """Communities as configuration has them."""
        rows = [
            CommunityRow(
                one.id,
                one.name,
                one.chat_id,
                one.owner,
                one.mode.value,
                sorted(one.labels),
                one.zone.key,
            )
            for one in COMMUNITIES
        ]
        await self.write(people.sync_communities, rows, self.clock.now())

    async def write(self, work: Any, *args: Any) -> Any:
        """One storage function in a transaction of its own."""
        return await self.database.write(lambda tx: work(tx, *args))

    async def say(self, sender: str, line: str, chat: str | None = None) -> list[tuple[str, str]]:
        """Types a line; answers with what is owed by it: (to whom, text)."""
        self._typed += 1
        to = ReplyTo("aibot_reply", {"url": "http://x"})
        if chat is None:
            to = ReplyTo("app_message", {"user": sender})
        event = Said(self.clock.now(), sender, chat, line, to)
        row = inbox.NewEvent(
            f"typed/{self._typed}", chat or sender, kind_of(event), to_json(event), event.at
        )
        await self.write(inbox.add, [row])
        assert await self.dispatcher.step() == 1
        return await self.owed()

    async def press(self, sender: str, key: str) -> list[tuple[str, str]]:
        """Presses a button of a card; answers with what is owed by it."""
        self._typed += 1
        to = ReplyTo("card_update", {"response_code": "c", "user": sender})
        event = Pressed(self.clock.now(), sender, "t", key, to)
        name = f"typed/{self._typed}"
        row = inbox.NewEvent(name, sender, kind_of(event), to_json(event), event.at)
        await self.write(inbox.add, [row])
        assert await self.dispatcher.step() == 1
        return await self.owed()

    async def owed(self) -> list[tuple[str, str]]:
        """What the outbox owes since last asked, in order: (to whom, text)."""
        rows = sorted(await self.write(outbox.listing, None, 1000), key=lambda row: row.id)
        new = [row for row in rows if row.id > self._read]
        self._read = max((row.id for row in new), default=self._read)
        return [(_whom(row), _text(row.body)) for row in new]

    async def reply(self, sender: str, line: str, chat: str | None = None) -> str:
        """Types a line and gives the one answer."""
        ((_, text),) = await self.say(sender, line, chat)
        return text

    async def audited(self) -> list[tuple[str, str, str, str]]:
        """Every deed, oldest first: (actor, action, subject, detail)."""
        rows = await self.write(audit.listing)
        return [(row.actor, row.action, row.subject, row.detail) for row in reversed(rows)]

    async def move(self, text: str) -> None:
        """Moves the clock and does what is due then; what it posts is not read."""
        await self.clock.advance_to(at(text))
        moment = Moment(self.clock.now(), bytes(32))
        await self.write(self.due.plan, moment.now)
        keys, *_ = await self.write(due_keys, moment.now)
        for key in keys:
            await self.write(self.due.run_occurrence, key, moment)
        await self.owed()

    async def row(self, identity: str) -> tuple[str, str, str] | None:
        """An occurrence's (status, due time in Shanghai, reason)."""
        row = await self.write(occurrences.get, identity)
        return row and (row.status, f"{row.due_at.astimezone(SHANGHAI):%m-%d %H:%M}", row.reason)

    async def arrive(self, community: str, member: str, name: str, days: int) -> None:
        """A member who joined some days ago."""
        joined = self.clock.now() - timedelta(days=days)
        await self.write(people.arrive, community, member, name, "", joined)


def _whom(row: outbox.OutboxRow) -> str:
    if row.channel == "aibot_reply":
        return "group"
    return row.target.get("community") or row.target["user"]


def _text(body: dict[str, Any]) -> str:
    if "file" in body:
        return f"文件 {body['file']['name']}"
    return str(body.get("markdown") or body.get("text") or body["card"]["text"])


def _settings() -> Settings:
    app = AppSettings(1000002, "secret", "token", "k" * 43)
    return Settings(
        company="示例银行",
        zone=SHANGHAI,
        database="",
        library=(),
        workdays=(),
        host="127.0.0.1",
        port=1,
        corp_id="ww1",
        api="http://127.0.0.1:1",
        app=app,
        aibot=None,
        staff=STAFF,
        communities=COMMUNITIES,
        payer="manual",
        payout_url="",
        payout_secret="",
        robot_keys={},
    )


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Bank]:
    database = await open_database(url)
    http = Http(["http://127.0.0.1:1"])
    bank = Bank(database, MovableClock(at("2026-11-24 12:00"), seed=b"bank"), http)
    await bank.open()
    yield bank
    await http.close()
    await database.close()


@pytest.fixture
async def bank(sqlite_url: str) -> AsyncIterator[Bank]:
    """Tuesday noon, nothing happened yet."""
    async with opened(sqlite_url) as bank:
        yield bank


@pytest.fixture
async def bank_anywhere(database_url: str) -> AsyncIterator[Bank]:
    """The same on each kind of database in turn."""
    async with opened(database_url) as bank:
        yield bank


@pytest.fixture
async def waiting(bank: Bank) -> Bank:
    """Three prizes of the hook and one of a pool wait; one of them is suspicious."""
    for number, name in enumerate(("王小明", "李四", "张三"), start=1):
        await bank.arrive("wealth-01", f"wm{number}", name, 10)
    await win(bank, "k1", "wm1", 888)
    await win(bank, "k2", "wm2", 188)
    flagged = await win(bank, "k3", "wm3", 188)
    why = "已退群：到期时不在群里\n批量进群：进群前 10 分钟里有 40 人进群"
    await bank.write(payouts.flag, flagged, why)
    await win(bank, "k4", "wm1", 500, source="pool/tuesday-games", prize="骰子红包")
    return bank
