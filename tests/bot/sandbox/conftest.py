"""A sandbox on a loopback port, a clock that tests move, and a toy receiver of callbacks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from wechatpy.work.crypto import WeChatCrypto

from bot.sandbox.callbacks import Timing
from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    GroupSeed,
    RobotSeed,
    Seed,
    StaffSeed,
    TagGroupSeed,
)
from bot.sandbox.server import Sandbox

CORP = "ww5823bf96d3bd56c7"
AES = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
KEY = "693a91f6-7c2f-4bc4-97a0-0ec2f1c3d5a1"
GROUP = "wrOneGroup"
SECRET = "app-secret"


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        self.running = False
        self.due: datetime | None = None

    def now(self) -> datetime:
        return self.instant

    def run(self, running: bool) -> None:
        self.running = running

    async def look_ahead(self) -> datetime | None:
        return self.due

    def next_due(self) -> datetime | None:
        return self.due

    async def advance_to(self, target: datetime) -> None:
        self.instant = target

    def tick(self, **span: float) -> None:
        self.instant += timedelta(**span)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def seed() -> Seed:
    return Seed(
        corp=CorpSeed(CORP, "示例银行"),
        app=AppSeed(agent_id=1000002, secret=SECRET, token="QDG6eK", aes_key=AES),
        aibot=AibotSeed(id="aib1", secret="bot-secret", token="aibot0token", aes_key=AES),
        staff=(StaffSeed("zhouwen", "周文"), StaffSeed("chenmin", "陈敏", "主管")),
        customers=(
            CustomerSeed("wm01", "李建国", ("zhouwen",)),
            CustomerSeed("wm02", "王芳", ("zhouwen",)),
            CustomerSeed("wm03", "赵雪梅"),
        ),
        groups=(
            GroupSeed(
                id=GROUP,
                name="财富一群",
                owner="zhouwen",
                staff=("chenmin",),
                members=("wm01", "wm02"),
                robots=(RobotSeed(KEY, "群运"),),
                aibot=True,
                robots_in_customer_group=True,
                note="欢迎",
            ),
            GroupSeed(id="wrInside", name="内部群", owner="chenmin", kind="internal"),
        ),
        tag_groups=(TagGroupSeed("等级", ("金卡", "白金卡")),),
        payer_secret="payer-secret",
    )


@pytest.fixture
async def sandbox(seed: Seed, clock: HandClock) -> AsyncIterator[Sandbox]:
    quick = Timing(answer_seconds=1.0, retry_seconds=0.01, poll_seconds=0.01)
    double = Sandbox(clock, seed, timing=quick)
    await double.start()
    yield double
    await double.close()


@dataclass
class Api:
    """Calls the sandbox as a bot would, with plain aiohttp."""

    session: aiohttp.ClientSession
    base: str
    token: str = ""

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"} if data else None
        async with self.session.request(
            method, self.base + path, params=query, data=data, headers=headers
        ) as response:
            return await response.json(content_type=None)

    async def cgi(self, path: str, body: Any = None, **query: str) -> Any:
        method = "GET" if body is None else "POST"
        if not self.token:
            answer = await self.call("GET", "/cgi-bin/gettoken", corpid=CORP, corpsecret=SECRET)
            self.token = answer["access_token"]
        query.setdefault("access_token", self.token)
        return await self.call(method, "/cgi-bin/" + path, body, **query)

    async def code(self, path: str, body: Any = None, **query: str) -> int:
        return (await self.cgi(path, body, **query)).get("errcode", 0)

    async def hook(self, body: Any, key: str = KEY) -> int:
        return (await self.call("POST", "/cgi-bin/webhook/send", body, key=key))["errcode"]

    async def act(self, action: str, **body: Any) -> Any:
        return await self.call("POST", f"/sandbox/{action}", body)

    async def status(self, method: str, path: str, **kwargs: Any) -> int:
        async with self.session.request(method, self.base + path, **kwargs) as response:
            return response.status


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(session, sandbox.url)


@dataclass
class Receiver:
    """A callback address of the bot's side, decrypting with wechatpy."""

    token: str
    receive_id: str
    url: str = ""
    inner: list[str] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    verifications: int = 0
    refused: int = 0
    statuses: list[int] = field(default_factory=list)
    """Statuses of the next answers; 0: no answer within the limit; then 200."""
    replies: list[str] = field(default_factory=list)
    """Plaintext of the next passive replies."""
    echo: Callable[[str], str] = str

    @property
    def crypto(self) -> WeChatCrypto:
        return WeChatCrypto(self.token, AES, self.receive_id)

    def _signed(self, request: web.Request) -> tuple[str, str, str]:
        query = request.query
        return query["msg_signature"], query["timestamp"], query["nonce"]

    async def verify(self, request: web.Request) -> web.Response:
        self.verifications += 1
        plain = self.crypto.check_signature(*self._signed(request), request.query["echostr"])
        return web.Response(text=self.echo(plain))

    async def take(self, request: web.Request) -> web.Response:
        text = await request.text()
        try:
            envelope = {"Encrypt": json.loads(text)["encrypt"]} if text[:1] == "{" else text
            plain = self.crypto.decrypt_message(envelope, *self._signed(request))
        except Exception:
            self.refused += 1
            return web.Response(status=403)
        self.inner.append(plain)
        self.queries.append(dict(request.query))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            await asyncio.Event().wait()
        if not self.replies:
            return web.Response(status=status or 200)
        return web.Response(status=200, text=self._sealed(self.replies.pop(0), text[:1] == "{"))

    def _sealed(self, plain: str, as_json: bool) -> str:
        sealed = self.crypto.encrypt_message(plain, "nonce1", "1700000000")
        if not as_json:
            return str(sealed)
        import xmltodict

        values = xmltodict.parse(sealed)["xml"]
        return json.dumps(
            {
                "encrypt": values["Encrypt"],
                "msgsignature": values["MsgSignature"],
                "timestamp": int(values["TimeStamp"]),
                "nonce": values["Nonce"],
            }
        )


@pytest.fixture
async def start_receiver() -> AsyncIterator[Any]:
    runners: list[web.AppRunner] = []

    async def start(receiver: Receiver) -> Receiver:
        app = web.Application()
        app.router.add_get("/callback", receiver.verify)
        app.router.add_post("/callback", receiver.take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
        runners.append(runner)
        return receiver

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def app_receiver(sandbox: Sandbox, start_receiver: Any) -> Receiver:
    receiver: Receiver = await start_receiver(Receiver("QDG6eK", CORP))
    sandbox.app_endpoint.url = receiver.url
    return receiver


@pytest.fixture
async def aibot_receiver(sandbox: Sandbox, start_receiver: Any) -> Receiver:
    receiver: Receiver = await start_receiver(Receiver("aibot0token", ""))
    sandbox.aibot_endpoint.url = receiver.url
    return receiver


@pytest.fixture
def shown(sandbox: Sandbox) -> Callable[[str], list[tuple[str, str, str]]]:
    """(sender kind, type, text) of every message of a chat."""

    def read(chat: str) -> list[tuple[str, str, str]]:
        return [(m.sender.kind, m.type, m.text) for m in sandbox.messages.of(chat)]

    return read
