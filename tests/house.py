"""A small bank's bot on one database, with a library made for tests and a clock that stands.

Everything goes the real way: stored event → dispatcher → effects → rows; calendar → occurrences
→ effects → rows. Only the sending is left out: what is read back is what the outbox owes.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.app import channel_types
from bot.calendar import Calendar
from bot.channel import Connections
from bot.clock import MovableClock
from bot.config import Config
from bot.dispatch import Dispatcher
from bot.due import Due
from bot.http import Http
from bot.inbox import Inbox
from bot.runtime import Runtime
from bot.settings import Settings, settings
from bot.shelf import shipped
from bot.wecom.api import WecomApi
from bot.wecom.parse import received
from sop.events import Event, Joined, Pressed, ReplyTo, Said
from sop.library import Library
from sop.loader import load
from sop.workdays import Workdays, published
from storage import occurrences, outbox, people
from storage.database import Database, open_database

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, SECOND, GUIDED = "first", "second", "guided"
"""Communities: two that the bot leads, one whose RM posts by hand."""
NOTICE = "\n> 活动只记次数和时间，不存聊天内容；不想被统计，发“@群运 退出统计”。"
"""What newcomers are told once, where the bot hears them."""
CHATS = {FIRST: "wrFirst", SECOND: "wrSecond", GUIDED: "wrGuided"}

CONFIG: Mapping[str, Any] = {
    "company": "示例银行",
    "digest": None,
    "wecom": {
        "corp_id": "ww1",
        "group_tasks": False,
        "app": {"agent": 1000002},
        "aibot": {"id": "aib1", "name": "群运"},
    },
    "staff": [
        {"id": "li", "name": "李静", "roles": ["rm"]},
        {"id": "chen", "name": "陈明", "roles": ["rm"]},
        {"id": "wang", "name": "王强", "roles": ["manager"]},
    ],
    "communities": [
        {
            "id": FIRST,
            "name": "一群",
            "chat_id": "wrFirst",
            "owner": "li",
            "mode": "robot",
            "review": False,
            "labels": ["all", "first"],
        },
        {
            "id": SECOND,
            "name": "二群",
            "chat_id": "wrSecond",
            "owner": "chen",
            "mode": "robot",
            "review": False,
            "labels": ["all"],
        },
        {
            "id": GUIDED,
            "name": "客户群",
            "chat_id": "wrGuided",
            "owner": "chen",
            "mode": "assist",
            "review": False,
            "labels": ["all", "guided"],
        },
    ],
}
SECRETS = {
    "QUNYUN_APP_SECRET": "s",
    "QUNYUN_APP_TOKEN": "t",
    "QUNYUN_APP_AES_KEY": "k" * 43,
    "QUNYUN_AIBOT_TOKEN": "t",
    "QUNYUN_AIBOT_AES_KEY": "k" * 43,
    "QUNYUN_ROBOT_FIRST": "r1",
    "QUNYUN_ROBOT_SECOND": "r2",
    "QUNYUN_PAYOUT_SECRET": "payer-secret",
}


def content(id: str, at: str, **more: Any) -> dict[str, Any]:
    """A step that posts its own id."""
    return {"id": id, "at": at, "content": {"text": f"内容 {id}"}, **more}


def dice(id: str, at: str, pool: str = "small", **more: Any) -> dict[str, Any]:
    """A step that plays dice for two red packets of 5 yuan."""
    game = {"name": "dice", "duration": "10m"}
    game |= {"rewards": {"winners": 2, "amount": "5.00", "pool": pool}}  # type: ignore[dict-item]
    return {"id": id, "at": at, "window": "15m", "game": game, **more}


ONE_WEEK: Mapping[str, Any] = {
    "plan": "week",
    "title": "一周",
    "applies_to": {"labels": ["first"]},
    "week": {
        "monday": [content("plain", "09:00", remind="15m")],
        "tuesday": [
            content("asking", "09:00", catch_up={"within": "2h", "then": "ask"}),
            dice("dice", "19:30", announce="30m", remind="15m"),
        ],
        "wednesday": [content("running", "09:00", catch_up={"within": "2h", "then": "run"})],
        "friday": [
            {
                "id": "draw",
                "at": "20:00",
                "window": "15m",
                "announce": "30m",
                "draw": {"campaign": "festival", "open_for": "30m"},
            }
        ],
    },
}
POOL = {"pool": "small", "title": "小奖池", "prize": "骰子红包", "budget": "20.00"}
FESTIVAL: Mapping[str, Any] = {
    "campaign": "festival",
    "title": "周五节",
    "organiser": "示例银行",
    "applies_to": {"labels": ["all"]},
    "round": "event",
    "keyword": "抽奖",
    "budget": "12.64",
    "deck": [
        {"prize": "大红包", "amount": "8.88", "count": 1},
        {"prize": "小红包", "amount": "1.88", "count": 2},
    ],
    "payable_after": 5,
    "opening": "周五节来了。",
    "rules": [
        "群成员均可参加，每人一次。",
        "以微信红包发放，逾期未领取视为放弃。",
        "有疑问请私信客户经理。",
    ],
}
HOOK: Mapping[str, Any] = {
    **FESTIVAL,
    "campaign": "hook",
    "title": "见面礼",
    "round": "standing",
    "condition": {"played_within": "7d"},
    "opening": "欢迎。",
}


def library_of(*files: Mapping[str, Any]) -> Library:
    """The library that these files make; there must be no problem in them."""
    with TemporaryDirectory() as folder:
        for number, one in enumerate(files):
            # JSON is YAML.
            path = Path(folder) / f"{number}.yaml"
            path.write_text(json.dumps(one, ensure_ascii=False), encoding="utf-8")
        library, problems = load([Path(folder)])
    assert problems == []
    return library


@cache
def usual_library() -> Library:
    """One plan for the first community, one pool, the Friday festival."""
    return library_of(ONE_WEEK, POOL, FESTIVAL)


def settings_of(service: str) -> Settings:
    """Settings of the house; the payer is the bank's platform."""
    config = Config.model_validate(
        {
            **CONFIG,
            "wecom": {**CONFIG["wecom"], "api": service},
            "payouts": {"payer": "marketing_platform", "url": f"{service}/marketing"},
        }
    )
    return settings(config, SECRETS, Path("/nowhere"))


def at(when: str) -> datetime:
    """`11-24 19:30`, or with seconds, in Shanghai, as an instant in UTC."""
    pattern = "%Y-%m-%d %H:%M:%S" if when.count(":") == 2 else "%Y-%m-%d %H:%M"
    return datetime.strptime(f"2026-{when}", pattern).replace(tzinfo=ZONE).astimezone(UTC)


@cache
def shipped_library() -> tuple[Library, Workdays]:
    """What comes with the program; reading it takes longer than a short test."""
    return shipped()


@dataclass
class House:
    """The bot, and what it owes."""

    database: Database
    clock: MovableClock
    settings: Settings
    library: Library
    workdays: Workdays
    http: Http
    stale: list[str] = field(default_factory=list)
    _read: int = 0
    _heard: int = 0

    def __post_init__(self) -> None:
        self.api = WecomApi(self.http, self.settings.api, "ww1", 1000002, "s", self.clock)
        connections = Connections(self.settings, self.api, None)
        channels = {name: one(connections) for name, one in channel_types().items()}
        runtime = Runtime(self.settings, channels, self.library)
        self.due = Due(self.settings, self.library, self.workdays, runtime)
        self.inbox = Inbox(self.database, self.clock)
        self.calendar = self.another_calendar()
        self.dispatcher = Dispatcher(
            self.database,
            lambda: self.due,
            self.clock,
            self.inbox,
            stale=self.stale.append,
            done=lambda: None,
        )

    def another_calendar(self, tick_seconds: float = 10.0) -> Calendar:
        """As another process would have one."""
        return Calendar(self.database, lambda: self.due, self.clock, tick_seconds=tick_seconds)

    async def open(self) -> None:
        """Communities as configuration has them; the calendar's first look."""
        rows = [
            people.CommunityRow(
                one.id, one.name, one.chat_id, one.owner, one.mode, sorted(one.labels), "UTC"
            )
            for one in self.settings.communities
        ]
        await self.database.write(lambda tx: people.sync_communities(tx, rows, self.clock.now()))
        await self.work()

    async def work(self) -> None:
        """Everything due at this instant is done."""
        while await self.dispatcher.step() + await self.calendar.tick():
            pass

    async def jump(self, when: str) -> None:
        """The clock jumps, as after a time of being down; then everything due is done."""
        await self.clock.advance_to(at(when))
        await self.work()

    async def until(self, when: str) -> None:
        """Time passes: the calendar is looked at whenever it has something to do."""
        while (due := await self.calendar.next_due()) is not None and due < at(when):
            assert due > self.clock.now()
            await self.clock.advance_to(due)
            await self.work()
        await self.jump(when)

    # what happens

    async def hear(self, *events: Event) -> None:
        """Stores events; they are not yet handled."""
        for event in events:
            self._heard += 1
            await self.inbox(received(event, f"heard/{self._heard}"))

    async def say(self, sender: str, line: str, community: str | None = FIRST) -> list[str]:
        """Somebody speaks to the bot: everything owed because of it."""
        chat = CHATS[community] if community else None
        reply = ReplyTo("aibot_reply", {"url": "http://127.0.0.1:1/r"})
        if chat is None:
            reply = ReplyTo("app_message", {"user": sender})
        await self.hear(Said(self.clock.now(), sender, chat, line, reply))
        await self.work()
        return await self.owed()

    async def press(self, sender: str, key: str) -> list[str]:
        """A colleague presses a button: everything owed because of it."""
        reply = ReplyTo("card_update", {"response_code": "c", "user": sender})
        await self.hear(Pressed(self.clock.now(), sender, "t", key, reply))
        await self.work()
        return await self.owed()

    async def join(self, *members: str, community: str = FIRST) -> list[str]:
        """Members join: everything owed because of it."""
        await self.hear(Joined(self.clock.now(), CHATS[community], members))
        await self.work()
        return await self.owed()

    # what is seen

    async def owed(self) -> list[str]:
        """What the outbox owes since last asked, in order: `whom: text`."""
        rows = await self.database.read(lambda tx: outbox.listing(tx, None, 10_000))
        new = sorted((row for row in rows if row.id > self._read), key=lambda row: row.id)
        self._read = max((row.id for row in new), default=self._read)
        return [_shown(row) for row in new]

    async def row(self, key: str) -> tuple[str, str] | None:
        """An occurrence's (status, reason)."""
        row = await self.database.read(lambda tx: occurrences.get(tx, key))
        return row and (row.status, row.reason)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Plain SQL."""
        return await self.database.read(lambda tx: [tuple(row) for row in tx.execute(text(query))])

    async def write(self, query: str) -> None:
        """Plain SQL that changes something."""

        def change(tx: Any) -> None:
            tx.execute(text(query))

        await self.database.write(change)


def _shown(row: outbox.OutboxRow) -> str:
    if row.channel == "aibot_reply":
        whom = "回答"
    elif row.channel == "card_update":
        whom = "卡片"
    elif row.channel == "welcome":
        whom = "欢迎"
    else:
        whom = row.target.get("community") or row.target["user"]
    card = row.body.get("card")
    if not card:
        return f"{whom}: {row.body.get('markdown') or row.body['text']}"
    buttons = "".join(f"［{one['text']} {one['key']}］" for one in card["buttons"])
    return f"{whom}: {card['title']}｜{card['text']}{buttons}"


@asynccontextmanager
async def opened(
    url: str,
    start: str,
    library: Library | None = None,
    *,
    service: str = "http://127.0.0.1:1",
    clock: MovableClock | None = None,
    years: Iterable[int] = (2026, 2027),
) -> AsyncIterator[House]:
    """A house whose clock stands at `start`; `service` is where WeCom and the payer are.
    2027 has 2026's calendar unless left out."""
    known = published()
    calendar = Workdays(dict.fromkeys(years, known[2026]))
    database = await open_database(url)
    http = Http([service])
    clock = clock or MovableClock(at(start), seed=b"house")
    house = House(database, clock, settings_of(service), library or usual_library(), calendar, http)
    await house.open()
    yield house
    await http.close()
    await database.close()
