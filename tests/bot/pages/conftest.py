"""A bank with a member page on loopback, its WeCom, and phones to open the page with."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry
from yarl import URL

from bot.clock import MovableClock
from bot.due import Due
from bot.links import Links
from bot.pages.desk import Desk
from bot.pages.go import go_routes
from bot.pages.member import MemberPage
from bot.pages.server import Server
from bot.runtime import Runtime
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from bot.settings import PageSettings
from tests.house import CHATS, FESTIVAL, FIRST, GUIDED, House, at, library_of, opened

SECRET = "page-secret-of-at-least-32-characters"
HOSTILE = '\u202e<img src=x onerror="alert(1)">\u200b{{ 7*7 }}**=cmd|A1!`' + "长" * 4000
WELCOME: dict[str, Any] = {
    **FESTIVAL,
    "campaign": "welcome",
    "title": "见面礼",
    "round": "standing",
    "opening": "见面礼来了。",
}
PLAN = {
    "plan": "guided",
    "title": "客户群",
    "applies_to": {"labels": ["guided"]},
    "week": {
        "monday": [
            {
                "id": "dice",
                "at": "19:30",
                "window": "15m",
                "announce": "30m",
                "remind": "15m",
                "game": {"name": "dice", "duration": "10m"},
            }
        ],
        "tuesday": [
            {"id": "day", "at": "09:00", "checkin": {"open_for": "12h"}},
            {
                "id": "vote",
                "at": "10:00",
                "vote": {
                    "subject": "下期想听什么",
                    "text": "下期讲座由大家定。",
                    "options": ["养老金", "反诈"],
                    "open_for": "2h",
                },
            },
            {
                "id": "score",
                "at": "10:00",
                "nps": {"subject": "给社群打分", "open_for": "2h"},
            },
            {
                "id": "survey",
                "at": "14:00",
                "survey": {
                    "subject": "理财习惯",
                    "text": "两个小问题。",
                    "questions": [
                        {"ask": "多久看一次账单？", "choices": ["每天", "每月"]},
                        {"ask": "想学什么？", "choices": ["存款", "保险"]},
                    ],
                    "open_for": "2h",
                },
            },
        ],
    },
}


class _Text(HTMLParser):
    """The words of a page's main part, a line for each element, and its forms."""

    BLOCKS = (
        "p", "h1", "h2", "h3", "li", "tr", "th", "td", "dt", "dd", "caption", "button", "summary",
        "label", "br", "div",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self.ids: list[str] = []
        self.names: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self._inside += 1
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            self.forms.append((given.get("action", ""), []))
        if tag in ("input", "button", "textarea") and self.forms and "name" in given:
            self.forms[-1][1].append((given["name"], given.get("value", "")))
        if tag in self.BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._inside -= 1
        if tag in self.BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.lines[-1] += data


@dataclass(frozen=True)
class Page:
    """An answer of the server."""

    status: int
    path: str
    html: str
    headers: dict[str, str]

    @property
    def lines(self) -> list[str]:
        """What a person reads in the main part."""
        parser = _Text()
        parser.feed(self.html)
        return [text for line in parser.lines if (text := " ".join(line.split()))]

    @property
    def forms(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Each form's address and fields."""
        parser = _Text()
        parser.feed(self.html)
        return parser.forms

    def field(self, name: str) -> str:
        """The first value of a field."""
        return next(value for _, fields in self.forms for key, value in fields if key == name)


@dataclass
class Phone:
    """A member's browser."""

    session: aiohttp.ClientSession
    url: str

    async def get(self, path: str, **more: Any) -> Page:
        async with self.session.get(URL(self.url + path, encoded=True), **more) as answer:
            return await _page(answer)

    async def post(self, path: str, fields: dict[str, str], **more: Any) -> Page:
        async with self.session.post(self.url + path, data=fields, **more) as answer:
            return await _page(answer)

    async def press(self, page: Page, **chosen: str) -> Page:
        """Sends the first form of a page that has all the chosen fields."""
        for action, fields in page.forms:
            if chosen.items() <= set(fields):
                plain = {name: value for name, value in fields if name in _HIDDEN}
                return await self.post(action, plain | chosen)
        raise AssertionError((chosen, page.forms))


_HIDDEN = ("key", "request", "version", "next")


async def _page(answer: aiohttp.ClientResponse) -> Page:
    return Page(answer.status, answer.url.path, await answer.text(), dict(answer.headers))


@dataclass
class Bank:
    """The house with its page and its WeCom."""

    house: House
    sandbox: Sandbox
    url: str
    registry: CollectorRegistry
    phones: list[aiohttp.ClientSession] = field(default_factory=list)

    def link(self, community: str = GUIDED) -> str:
        """The path of a link that was posted just now."""
        made = Links(self.url, SECRET).link(community, self.house.clock.now())
        return made.removeprefix(self.url)

    def phone(self) -> Phone:
        """A browser without a past."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.phones.append(session)
        return Phone(session, self.url)

    async def opened(self, phone: Phone, who: str, link: str | None = None) -> Page:
        """What somebody sees who opens a link of the group."""
        asked = await phone.get(link or self.link(), allow_redirects=False)
        assert asked.status == 302, asked
        where = URL(asked.headers["Location"]).update_query({"as": who})
        async with phone.session.get(where) as answer:
            return await _page(answer)

    async def member(self, who: str, community: str = GUIDED) -> Phone:
        """The phone of a member who has agreed to the terms."""
        phone = self.phone()
        await self.opened(phone, who, self.link(community))
        terms = await phone.get("/m/data")
        if ("consent", "yes") in terms.forms[0][1]:
            await phone.press(terms, consent="yes")
        return phone


SEED = Seed(
    corp=CorpSeed("ww1", "示例银行"),
    app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
    aibot=AibotSeed(id="aib1", secret="b", token="t", aes_key="k" * 43),
    staff=(StaffSeed("li", "李静"), StaffSeed("chen", "陈明"), StaffSeed("zhao", "赵外")),
    customers=(
        *(CustomerSeed(f"wm{n}", name, ("chen",)) for n, name in enumerate("甲乙丙丁", start=1)),
        CustomerSeed("wmStranger", "路人"),
    ),
    groups=(GroupSeed(CHATS[GUIDED], "客户群", "chen", members=("wm1",)),),
)


@asynccontextmanager
async def bank_on(url: str, *campaigns: dict[str, Any]) -> AsyncIterator[Bank]:
    """Monday 09:00: wm1 and wm2 are in the customers' group, wm3 in the first."""
    clock = MovableClock(at("11-23 09:00"), seed=b"bank")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    async with opened(
        url, "", library_of(PLAN, *(campaigns or [WELCOME])), service=sandbox.url, clock=clock
    ) as house:
        port = _free_port()
        page = PageSettings(f"http://127.0.0.1:{port}", sandbox.url, SECRET)
        communities = tuple(replace(one, page=True) for one in house.settings.communities)
        settings = replace(house.settings, page=page, communities=communities)
        house.settings = settings
        runtime = Runtime(settings, house.due.runtime._channels, house.library)
        house.due = Due(settings, house.library, house.workdays, runtime)
        desk = Desk(house.database, lambda: house.due, clock, done=lambda: None, timed=lambda: None)
        member = MemberPage(settings, page, house.api, desk, house.stale.append)

        async def fine() -> list[str]:
            return []

        registry = CollectorRegistry()
        tracked = go_routes(page, house.database, lambda: house.due, clock, registry)
        server = Server([*tracked, *member.routes()], fine, lambda: b"", "127.0.0.1", port)
        await server.start()
        bank = Bank(house, sandbox, page.public, registry)
        for who, community in (("wm1", GUIDED), ("wm2", GUIDED), ("wm3", FIRST)):
            await house.join(who, community=community)
        await house.write("UPDATE member SET name = '陈晓雯' WHERE id = 'wm1'")
        await house.work()
        await house.owed()
        yield bank
        await asyncio.gather(*(one.close() for one in bank.phones))
        await server.close()
    await sandbox.close()


@pytest.fixture
async def bank(sqlite_url: str) -> AsyncIterator[Bank]:
    async with bank_on(sqlite_url) as one:
        yield one


@pytest.fixture
async def either_bank(database_url: str) -> AsyncIterator[Bank]:
    """The same on SQLite and on PostgreSQL."""
    async with bank_on(database_url) as one:
        yield one


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port
