"""A sandbox that knows the house, and a server that answers whatever a test lays in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.clock import MovableClock
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from tests.house import CHATS, House, at, opened

SEED = Seed(
    corp=CorpSeed("ww1", "示例银行"),
    app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
    aibot=AibotSeed(id="aib1", secret="b", token="t", aes_key="k" * 43),
    staff=(StaffSeed("li", "李静"), StaffSeed("chen", "陈明"), StaffSeed("wang", "王强", "主管")),
    customers=tuple(CustomerSeed(f"wm{n}", name) for n, name in enumerate("甲乙丙丁", start=1)),
    groups=tuple(
        GroupSeed(id=chat, name=name, owner=owner, staff=("wang",), members=members)
        for chat, name, owner, members in (
            (CHATS["first"], "一群", "li", ("wm1", "wm2")),
            (CHATS["second"], "二群", "chen", ("wm3",)),
            (CHATS["guided"], "客户群", "chen", ("wm2",)),
        )
    ),
    payer_secret="payer-secret",
)


@pytest.fixture
def usual_database(tmp_path: Path, sqlite_template: bytes) -> Path:
    """An empty database where the starter's configuration in the test's folder wants it."""
    path = tmp_path / "data" / "qunyun.db"
    path.parent.mkdir()
    path.write_bytes(sqlite_template)
    return path


@dataclass
class Bureau:
    """The house with its WeCom and its payer, on one clock."""

    house: House
    sandbox: Sandbox


@pytest.fixture
async def bureau(sqlite_url: str) -> AsyncIterator[Bureau]:
    """Monday 09:00 over real loopback HTTP."""
    clock = MovableClock(at("11-23 09:00"), seed=b"bureau")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    async with opened(sqlite_url, "", service=sandbox.url, clock=clock) as house:
        yield Bureau(house, sandbox)
    await sandbox.close()


@dataclass
class Canned:
    """Answers in their order, the last one for ever; and what was asked."""

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.asked.append(f"{request.method} {request.path}")
        if request.path == "/cgi-bin/gettoken":
            return web.json_response({"errcode": 0, "access_token": "t", "expires_in": 7200})
        status, body = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return web.json_response(body, status=status)


@pytest.fixture
async def canned() -> AsyncIterator[Canned]:
    """A server on loopback that answers what the test says."""
    one = Canned()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", one.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield one
    await runner.cleanup()
