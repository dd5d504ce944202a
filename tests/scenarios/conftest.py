"""A stage: WeCom's sandbox, the bot and their clock, and everything that everybody sees.

People act through the sandbox, which calls the bot over real HTTP; the clock stands still until
a test moves it and its entropy is seeded, so every run of a scenario is the same to the letter.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.clock import MovableClock
from bot.demo import CUSTOMER_GROUP, ZONE, Demo
from bot.desk import outbox_lines
from bot.sandbox.timeline import Message
from bot.shelf import shipped
from sop.library import Library
from sop.workdays import Workdays
from storage import outbox

MONDAY = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
"""The first morning of every scenario: Monday 2026-11-23, 09:10 in Shanghai."""
WEEKDAYS = "一二三四五六日"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
BOTS = ("robot", "app", "aibot")
WAIT_SECONDS = 10.0
PAGE_LINK = re.compile(r"http://127\.0\.0\.1:\d+/m/[\w.-]+")


@dataclass
class Stage:
    """One demo on one database."""

    show: Demo
    log: pytest.LogCaptureFixture
    lines: list[str] = field(default_factory=list)
    _seen: int = 0
    _day: str = ""
    _cards: dict[int, Any] = field(default_factory=dict)

    @property
    def sandbox(self) -> Any:
        return self.show.sandbox

    @property
    def now(self) -> datetime:
        """What the clocks on the wall show."""
        return self.show.clock.now().astimezone(ZONE)

    # people act

    async def say(self, who: str, words: str, *, chat: str = CUSTOMER_GROUP) -> None:
        """Somebody mentions the bot in a group."""
        self.sandbox.actions.say(self.id_of(who), chat, words, at_bot=True)
        await self.settle()

    async def chat(self, who: str, words: str, *, chat: str = CUSTOMER_GROUP) -> None:
        """Somebody writes into a group without mentioning the bot."""
        self.sandbox.actions.say(self.id_of(who), chat, words)
        await self.settle()

    async def ask(self, who: str, words: str) -> None:
        """A colleague writes to the application 1:1."""
        person = self.id_of(who)
        self.sandbox.actions.say(person, f"app:{person}", words)
        await self.settle()

    async def press(self, who: str, button: str) -> None:
        """A colleague presses a button of the latest card that still shows it."""
        person = self.id_of(who)
        for message in reversed(self.sandbox.messages.of(f"app:{person}")):
            for one in (message.card or {}).get("button_list", []):
                if one["text"] == button:
                    self.note(f"（{who} 点了“{button}”）")
                    self.sandbox.actions.press(person, message.n, one["key"], {})
                    await self.settle()
                    return
        raise AssertionError(f"{who} has no card with the button {button}")

    async def confirm(self, who: str) -> None:
        """A colleague confirms the latest group-send task."""
        person = self.id_of(who)
        self.note(f"（{who} 点了“确认发送”）")
        tasks = self.sandbox.mass_sends.describe()
        mine = [one["msgid"] for one in tasks if one["staff"] == person]
        self.sandbox.actions.confirm(person, mine[-1])
        await self.settle()

    async def join(self, name: str, *, chat: str = CUSTOMER_GROUP) -> str:
        """A new customer scans the group's code."""
        person = self.sandbox.actions.join(chat, name=name)
        await self.settle()
        return str(person.id)

    async def leave(self, who: str, *, chat: str = CUSTOMER_GROUP) -> None:
        """A customer leaves by themselves."""
        self.sandbox.actions.leave(chat, self.id_of(who))
        await self.settle()

    def id_of(self, who: str) -> str:
        """The id of a person by name; an id is returned as it is."""
        for person in self.sandbox.world.people.values():
            if who in (person.name, person.id):
                return str(person.id)
        raise AssertionError(f"nobody is called {who}")

    # time passes

    async def settle(self) -> None:
        """Everybody finishes what is due now."""
        await self.show.settle()
        self.collect()

    async def advance(self, length: str) -> None:
        """`30s`, `10m`, `2h`, `1d`."""
        await self.show.clock.advance(span(length))
        self.collect()

    async def until(self, when: str) -> None:
        """The next `二 19:30` (or `二 19:30:05`): every instant with something due is visited."""
        weekday, clock = when.split(" ")
        hour, minute, *second = (int(part) for part in clock.split(":"))
        days = (WEEKDAYS.index(weekday) - self.now.weekday()) % 7
        at = self.now.replace(hour=hour, minute=minute, second=sum(second), microsecond=0)
        at += timedelta(days=days)
        await self.show.clock.advance_to(at if at >= self.now else at + timedelta(days=7))
        self.collect()

    # what everybody sees

    def note(self, line: str) -> None:
        """A stage direction in the transcript."""
        self.collect()
        self._at(self.now, line)

    def collect(self) -> None:
        """Writes down what appeared and which cards changed since."""
        for number, before in list(self._cards.items()):
            message = self.sandbox.messages.get(number)
            if message.card != before:
                self._cards[number] = message.card
                self._at(self.now, f"{self._where(message)} 卡片变为　{_buttons(message.card)}")
        fresh = self.sandbox.messages.all()[self._seen :]
        self._seen += len(fresh)
        # Different chats are served at once: which of two is a millisecond earlier means nothing.
        for message in sorted(fresh, key=lambda one: (one.at, one.sender.kind in BOTS, one.chat)):
            self._write(message)

    def _write(self, message: Message) -> None:
        at = message.at.astimezone(ZONE)
        if message.type == "system":
            self._at(at, f"{self._where(message)} {message.text}")
            return
        self._at(at, f"{self._where(message)} {message.sender.name}：")
        if message.card:
            self._cards[message.n] = message.card
            self.lines.append(f"    {_buttons(message.card)}")
            self.lines.append(f"    {message.card.get('sub_title_text', '')}".rstrip())
        else:
            self.lines.extend(f"    {line}".rstrip() for line in message.text.split("\n"))

    def _at(self, at: datetime, line: str) -> None:
        day = f"周{WEEKDAYS[at.weekday()]} {at.month} 月 {at.day} 日"
        if day != self._day:
            self._day = day
            self.lines += ["", f"———— {day} ————", ""]
        self.lines.append(f"{at:%H:%M:%S} {line}")

    def _where(self, message: Message) -> str:
        kind, _, who = message.chat.partition(":")
        people = self.sandbox.world.people
        if kind == "app":
            return f"［{people[who].name}的应用消息］"
        if kind == "tasks":
            return f"［{people[who].name}的企业群发］"
        if kind == "private":
            staff, customer = (people[one].name for one in who.split(":"))
            return f"［{staff}和{customer}］"
        return f"［{self.sandbox.world.groups[message.chat].name}］"

    def transcript(self) -> str:
        """Everything that everybody saw, in order; links have another port each time."""
        return PAGE_LINK.sub("（成员网页的链接）", "\n".join(self.lines).strip()) + "\n"

    def said_since(self, mark: int, chat: str = CUSTOMER_GROUP) -> list[str]:
        """Texts of a chat from the message after `mark` on."""
        return [message.text for message in self.sandbox.messages.of(chat, mark)]

    def plain_since(self, mark: int, chat: str = CUSTOMER_GROUP) -> list[str]:
        """The same with the words of the transcript for links."""
        return [PAGE_LINK.sub("（成员网页的链接）", one) for one in self.said_since(mark, chat)]

    @property
    def mark(self) -> int:
        """The number of the newest message."""
        return len(self.sandbox.messages.all())

    def direct(self, who: str) -> str:
        """The chat of a colleague with the application."""
        return f"app:{self.id_of(who)}"

    # the bot's own record

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Plain SQL over the bot's database."""

        def read(tx: Any) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in tx.execute(text(query))]

        return await self.show.app.database.read(read)

    async def outbox(self) -> str:
        """What `qunyun outbox list` prints of letters that are not simply sent."""

        def read(tx: Any) -> str:
            return outbox_lines(tx, None, 1000, ZONE)

        lines = (await self.show.app.database.read(read)).split("\n")
        return "\n".join(line for line in lines if "  已发  " not in line)

    async def statuses(self) -> dict[str, int]:
        """Letters by status."""
        return await self.show.app.database.read(outbox.counts)

    def bot_url(self, path: str) -> str:
        """An address of the bot's own server."""
        return f"http://127.0.0.1:{self.show.app.server.port}{path}"

    async def restart(self, away: str = "0s") -> None:
        """The bot ends; another one starts on the same database, a while later."""
        await self.show.app.close()
        # Nobody is there whom the clock could ask what is due on the way.
        self.show.clock._set(self.show.clock.now() + span(away))
        await self.show.start_bot()

    async def check(self) -> None:
        """Nothing is owed, stuck or complained about."""
        assert (await self.outbox()).split("\n")[-1] == f"已发 {(await self.statuses())['sent']}"
        assert await self.rows("SELECT dedup_key, error FROM inbox WHERE status <> 'done'") == []
        counters = self.sandbox.app_endpoint.counters, self.sandbox.aibot_endpoint.counters
        assert [one.failed + one.gave_up + one.bad_replies for one in counters] == [0, 0]
        assert self.sandbox.app_messages.dropped_silently == 0
        assert self.complaints() == []

    def complaints(self, least: int = logging.WARNING) -> list[str]:
        """What the log reports."""
        return [one.getMessage() for one in self.log.records if one.levelno >= least]


def span(length: str) -> timedelta:
    return timedelta(**{UNITS[length[-1]]: int(length[:-1])})


def _buttons(card: dict[str, Any]) -> str:
    shown = "　".join(
        f"[{one['text']}↗]"
        if "url" in one
        else f"[{one['text']}✓]"
        if one["key"] == card.get("pressed")
        else f"[{one['text']}]"
        for one in card.get("button_list", [])
    )
    title = card.get("main_title", {}).get("title", "")
    return f"〔卡片　{title}　{card.get('replace_name') or shown}〕"


Open = Callable[..., Awaitable[Stage]]


@pytest.fixture(scope="session")
def shelf() -> tuple[Library, Workdays]:
    """The shipped library."""
    return shipped()


@pytest.fixture
async def open_stage(
    shelf: tuple[Library, Workdays], caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Open]:
    """Opens stages; after the test each is torn down and must leave nothing behind."""
    before = asyncio.all_tasks()
    stages: list[Stage] = []

    async def open_one(url: str, kind: type[Demo] = Demo, library: Library | None = None) -> Stage:
        show = kind(MovableClock(MONDAY, seed=b"scenario"), library or shelf[0], shelf[1], url)
        await show.start()
        stages.append(Stage(show, caplog))
        return stages[-1]

    yield open_one
    for stage in stages:
        await stage.show.app.close()
        await stage.show.close()
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert [repr(task) for task in left if not task.done()] == []


@pytest.fixture
async def stage(open_stage: Open, sqlite_url: str) -> Stage:
    """A stage over SQLite on Monday 09:10, before anything was done."""
    return await open_stage(sqlite_url)


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[None]:
    """The bot's own loops run meanwhile, as they do in production."""
    loops = asyncio.create_task(stage.show.app.run(), name="bot")
    try:
        yield
    finally:
        loops.cancel()
        await asyncio.gather(loops, return_exceptions=True)


@pytest.fixture
def run_loops() -> Callable[[Stage], Any]:
    """`async with run_loops(stage):` — the bot's own loops run inside."""
    return running


@pytest.fixture
def soon() -> Callable[[Callable[[], Any]], Awaitable[None]]:
    """Waits until a condition holds, and fails after ten seconds."""

    async def wait(condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while not condition():
                await asyncio.sleep(0.005)

    return wait
