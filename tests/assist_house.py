"""Three RMs with customer groups, WeCom's sandbox and the bot, on one clock that tests move.

Everything goes over real HTTP: the bot makes group-send tasks in the sandbox, the RMs confirm them
there, and the bot learns of it by asking.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.app import App
from bot.clock import MovableClock, Participant
from bot.config import Config
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from bot.settings import settings
from sop.library import Library
from sop.workdays import Workdays, published
from storage.database import open_database
from tests.house import library_of

ZONE = ZoneInfo("Asia/Shanghai")
AES_KEY = "k" * 43
STAFF = {"li": "李静", "chen": "陈明", "zhou": "周文", "wang": "王强"}
GROUPS = {"one": ("一群", "li"), "two": ("二群", "chen"), "three": ("三群", "zhou")}
"""Community → its name and its RM. The chat is `wr-` and the community."""
MEMBERS = {"wm1": "甲", "wm2": "乙", "wm3": "丙"}
SECRETS = {
    "QUNYUN_APP_SECRET": "s",
    "QUNYUN_APP_TOKEN": "t",
    "QUNYUN_APP_AES_KEY": AES_KEY,
}


def step(id: str, at: str, **more: Any) -> dict[str, Any]:
    """A step with a text of its own."""
    return {"id": id, "title": f"内容{id}", "at": at, "content": {"text": f"今天的{id}"}, **more}


def week(**days: list[dict[str, Any]]) -> Library:
    """A library with one plan for every community."""
    plan = {"plan": "week", "title": "一周", "applies_to": {"labels": ["all"]}, "week": days}
    return library_of(plan)


@dataclass
class Town:
    """The bot and the sandbox."""

    sandbox: Sandbox
    app: App
    clock: MovableClock
    open_app: Callable[[], Awaitable[App]]

    async def settle(self) -> None:
        """Both finish what is due now."""
        await self.sandbox.settle()
        await self.app.settle()
        await self.sandbox.settle()
        if await self.app.inbox_waits():
            await self.settle()

    async def next_due(self) -> datetime | None:
        """The bot's next instant."""
        return await self.app.next_due()

    async def until(self, when: str) -> None:
        """`11-23 09:30`, in Shanghai."""
        await self.clock.advance_to(at(when))

    async def restart(self) -> None:
        """The bot ends; another one starts on the same database."""
        await self.app.close()
        self.app = await self.open_app()

    async def confirm(self, who: str, number: int = -1) -> None:
        """An RM presses 确认发送 under the latest task."""
        tasks = [one for one in self.sandbox.mass_sends.describe() if one["staff"] == who]
        self.sandbox.actions.confirm(who, tasks[number]["msgid"])
        await self.settle()

    async def press(self, who: str, button: str) -> None:
        """A colleague presses a button of the latest card that still shows it."""
        for message in reversed(self.sandbox.messages.of(f"app:{who}")):
            for one in (message.card or {}).get("button_list", []):
                if one["text"] == button:
                    self.sandbox.actions.press(who, message.n, one["key"], {})
                    return await self.settle()
        raise AssertionError(f"{who} has no card with the button {button}")

    async def ask(self, who: str, words: str) -> str:
        """A colleague writes to the application; the last that it says."""
        self.sandbox.actions.say(who, f"app:{who}", words)
        await self.settle()
        return self.told(who)[-1]

    def told(self, who: str) -> list[str]:
        """What the application told a colleague, in order."""
        return [
            (one.card or {}).get("sub_title_text") or one.text
            for one in self.sandbox.messages.of(f"app:{who}")
            if one.sender.kind == "app"
        ]

    def read(self, community: str) -> list[str]:
        """What a group reads, in order, with who says it."""
        return [
            f"{one.sender.name}：{one.text}" for one in self.sandbox.messages.of(chat(community))
        ]

    def tasks(self, who: str) -> list[tuple[str, str]]:
        """An RM's tasks: the text, and what became of each."""
        return [
            (one["text"], _end(one))
            for one in self.sandbox.mass_sends.describe()
            if one["staff"] == who
        ]

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Plain SQL."""
        return await self.app.database.read(
            lambda tx: [tuple(row) for row in tx.execute(text(query))]
        )


def _end(task: Mapping[str, Any]) -> str:
    if task["sent_at"]:
        return "已发"
    return "撤销" if task["cancelled"] else "待确认"


def at(when: str) -> datetime:
    """An instant of 2026 in Shanghai."""
    local = datetime.strptime(f"2026-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    return local.astimezone(UTC)


def chat(community: str) -> str:
    """The group of a community."""
    return f"wr-{community}"


Places = Mapping[str, tuple[str, str]]


def _seed(places: Places, inside: bool, not_hers: Collection[str]) -> Seed:
    groups = [
        GroupSeed(chat(one), name, "wang" if one in not_hers else owner, members=tuple(MEMBERS))
        for one, (name, owner) in places.items()
    ]
    if inside:
        groups.append(GroupSeed(chat("inside"), "内部群", "li", kind="internal"))
    return Seed(
        corp=CorpSeed("ww1", "示例银行"),
        app=AppSeed(1000002, "s", "t", AES_KEY),
        aibot=AibotSeed("aib1", "s"),
        staff=tuple(StaffSeed(one, name) for one, name in STAFF.items()),
        customers=tuple(CustomerSeed(one, name, ("li",)) for one, name in MEMBERS.items()),
        groups=tuple(groups),
    )


def _config(base: str, database: str, places: Places, group_tasks: bool) -> Config:
    return Config.model_validate(
        {
            "company": "示例银行",
            "database": database,
            "wecom": {
                "corp_id": "ww1",
                "api": base,
                "app": {"agent": 1000002},
                "group_tasks": group_tasks,
            },
            "staff": [
                {"id": one, "name": name, "roles": ["manager" if one == "wang" else "rm"]}
                for one, name in STAFF.items()
            ],
            "communities": [
                {
                    "id": one,
                    "name": name,
                    "chat_id": chat(one),
                    "owner": owner,
                    "mode": "assist",
                    "labels": ["all", one],
                    "review": False,
                }
                for one, (name, owner) in places.items()
            ],
        }
    )


@asynccontextmanager
async def opened(
    url: str,
    library: Library,
    start: str,
    *,
    places: Places = GROUPS,
    inside: bool = False,
    not_hers: Collection[str] = (),
    group_tasks: bool = True,
) -> AsyncIterator[Town]:
    """A town whose clock stands at `start`. With `inside` there is an internal group, too, where
    WeCom makes no tasks; the groups `not_hers` have another owner than the configuration says."""
    clock = MovableClock(at(start), seed=b"assist")
    sandbox = Sandbox(clock, _seed(places, inside, not_hers), salt="assist")
    await sandbox.start()
    calendar = Workdays({year: published()[2026] for year in (2026, 2027)})
    everywhere = dict(places) | ({"inside": ("内部群", "li")} if inside else {})

    async def open_app() -> App:
        config = _config(sandbox.url, url, everywhere, group_tasks)
        chosen = settings(config, SECRETS, Path())
        app = App(chosen, library, calendar, await open_database(url), clock, tick_seconds=1.0)
        await app.introduce()
        await app.server.start()
        sandbox.app_endpoint.url = f"http://127.0.0.1:{app.server.port}/wecom/app/1000002"
        return app

    town = Town(sandbox, await open_app(), clock, open_app)
    clock.join(Participant(town.next_due, town.settle))
    await town.settle()
    yield town
    await town.app.close()
    await sandbox.close()
