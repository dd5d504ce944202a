"""A sandbox that knows the house, and a server that answers whatever a test lays in."""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.cli import main
from bot.clock import MovableClock
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from tests.house import CHATS, SECRETS, House, at, opened
from tests.real_rounds import recorded
from tests.terminal import Run

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


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """The terminal in an empty folder. Never a traceback."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qunyun", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return code, shown.out, shown.err

    return run


@pytest.fixture
def installed(terminal: Run, usual_database: Path) -> Run:
    """The terminal beside the starter and an empty database; no secret is needed."""
    terminal("init", ".")
    assert terminal("db", "upgrade") == (0, "数据库已是当前版本。\n", "")
    return terminal


@pytest.fixture
def qunyun(terminal: Run) -> Run:
    """Types a command; a module that needs more than an empty folder has its own."""
    return terminal


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house's secrets in the environment."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def weekend_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: bytes) -> bytes:
    """The database after both rounds of a weekend (`tests/real_rounds.py`)."""
    path = tmp_path_factory.mktemp("weekend") / "qunyun.db"
    path.write_bytes(sqlite_template)
    return recorded(path)


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
