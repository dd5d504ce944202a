"""Callback routes over real sockets; the other side is wechatpy's crypto, not ours."""

import asyncio
import base64
import json
import random
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from wechatpy.work.crypto import WeChatCrypto

from bot.clock import MovableClock
from bot.wecom.callbacks import AibotCallback, AppCallback, Callbacks
from bot.wecom.crypto import Crypto
from bot.wecom.parse import Received

TOKEN = "token"
KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
CORP = "ww0123456789abcdef"
APP = "/wecom/app/1000002"
AIBOT = "/wecom/aibot/b1"
NONCE = "nonce123"

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]


@dataclass
class Inbox:
    """Keeps what it is given; fails or dawdles when told to."""

    kept: list[Received] = field(default_factory=list)
    broken: bool = False
    gate: asyncio.Event | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, received: Received) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.broken:
            raise OSError("disk full")
        self.kept.append(received)
        self.done.set()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def client(inbox: Inbox, clock: MovableClock, aiohttp_client: MakeClient) -> Client:
    callbacks = Callbacks(
        {"1000002": AppCallback("1000002", Crypto(TOKEN, KEY, CORP))},
        {"b1": AibotCallback("b1", "群运", Crypto(TOKEN, KEY, ""))},
        inbox,
        clock,
    )
    app = web.Application()
    app.add_routes(callbacks.routes())
    return await aiohttp_client(app)


def seconds(clock: MovableClock) -> str:
    return str(int(clock.now().timestamp()))


@dataclass(frozen=True)
class Delivery:
    """One POST as WeCom makes it."""

    path: str
    query: dict[str, str]
    body: bytes

    @property
    def url(self) -> str:
        return f"{self.path}?{urlencode(self.query)}"


def sealed(path: str, plain: str, timestamp: str, receiver: str) -> Delivery:
    envelope = WeChatCrypto(TOKEN, KEY, receiver).encrypt_message(plain, NONCE, timestamp)
    encrypted = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": NONCE}
    if path.startswith("/wecom/aibot"):
        return Delivery(path, query, json.dumps({"encrypt": encrypted}).encode())
    xml = (
        f"<xml><ToUserName><![CDATA[{receiver}]]></ToUserName>"
        f"<AgentID><![CDATA[1000002]]></AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return Delivery(path, query, xml.encode())


def text_xml(content: str = "今日", msgid: str = "77") -> str:
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>"
        "<FromUserName><![CDATA[li]]></FromUserName><CreateTime>1795397399</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
        f"<MsgId>{msgid}</MsgId><AgentID>1000002</AgentID></xml>"
    )


RECEIVED = Received(
    "app:1000002:77",
    "app:li",
    "Said",
    {
        "at": "2026-11-23T01:29:59Z",
        "sender": "li",
        "chat_id": None,
        "text": "今日",
        "reply_to": {"channel": "app_message", "target": {"user": "li"}},
        "overheard": False,
    },
)


async def test_app_message_is_kept_and_acknowledged(
    client: Client, inbox: Inbox, clock: MovableClock
) -> None:
    delivery = sealed(APP, text_xml(), seconds(clock), CORP)
    answer = await client.post(delivery.url, data=delivery.body)
    assert (answer.status, await answer.read()) == (200, b"")
    assert inbox.kept == [RECEIVED]


async def test_aibot_message_is_kept_and_acknowledged(
    client: Client, inbox: Inbox, clock: MovableClock
) -> None:
    message = {
        "msgid": "m1",
        "aibotid": "b1",
        "chatid": "wr1",
        "chattype": "group",
        "from": {"userid": "wm1"},
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=r",
        "msgtype": "text",
        "text": {"content": "@群运 抽奖"},
    }
    delivery = sealed(AIBOT, json.dumps(message), seconds(clock), "")
    answer = await client.post(delivery.url, data=delivery.body)
    assert (answer.status, await answer.read()) == (200, b"")
    assert inbox.kept == [
        Received(
            "aibot:b1:m1",
            "wr1",
            "Said",
            {
                "at": "2026-11-23T01:30:00Z",
                "sender": "wm1",
                "chat_id": "wr1",
                "text": "抽奖",
                "reply_to": {
                    "channel": "aibot_reply",
                    "target": {"url": message["response_url"]},
                },
                "overheard": False,
            },
        )
    ]


async def test_event_of_no_concern_is_acknowledged_and_not_kept(
    client: Client, inbox: Inbox, clock: MovableClock
) -> None:
    plain = "<xml><FromUserName>li</FromUserName><MsgType>event</MsgType><Event>view</Event></xml>"
    delivery = sealed(APP, plain, seconds(clock), CORP)
    answer = await client.post(delivery.url, data=delivery.body)
    assert (answer.status, inbox.kept) == (200, [])


@pytest.mark.parametrize(("path", "receiver"), [(APP, CORP), (AIBOT, "")])
@pytest.mark.parametrize("raw_plus", [False, True])
async def test_address_check_is_answered_with_the_bare_text(
    client: Client, path: str, receiver: str, raw_plus: bool
) -> None:
    crypto = Crypto(TOKEN, KEY, receiver)
    # A ciphertext with a `+` in it, for it is what frameworks decode wrongly.
    candidates = (crypto.encrypt(b"5927782489442352469", bytes([n]) * 16) for n in range(256))
    echo = next(one for one in candidates if "+" in one)
    query = {
        "msg_signature": crypto.sign("1411443780", NONCE, echo),
        "timestamp": "1411443780",
        "nonce": NONCE,
        "echostr": echo,
    }
    encoded = urlencode(query).replace("%2B", "+") if raw_plus else urlencode(query)
    answer = await client.get(f"{path}?{encoded}")
    assert (answer.status, answer.content_type) == (200, "text/plain")
    assert await answer.read() == b"5927782489442352469"


@pytest.mark.parametrize(
    ("path", "status"), [(APP, 403), (AIBOT, 403), ("/wecom/app/9", 404), ("/wecom/aibot/x", 404)]
)
async def test_address_check_without_signature_is_refused(
    client: Client, path: str, status: int
) -> None:
    answer = await client.get(f"{path}?msg_signature=x&timestamp=1&nonce=2&echostr=AAAA")
    assert (answer.status, await answer.read()) == (status, b"")


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<xml><MsgType>text</MsgType><FromUserName>li</FromUserName><Content>&b;</Content></xml>"
)


def resigned(encrypted: str, timestamp: str) -> Delivery:
    """Correctly signed, whatever the ciphertext is."""
    signature = Crypto(TOKEN, KEY, CORP).sign(timestamp, NONCE, encrypted)
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": NONCE}
    return Delivery(APP, query, f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode())


@pytest.mark.parametrize(
    ("make", "status"),
    [
        pytest.param(
            lambda now: sealed("/wecom/app/9", text_xml(), now, CORP), 404, id="another app"
        ),
        pytest.param(lambda now: sealed(APP, text_xml(), now, "wwother"), 403, id="receiver"),
        pytest.param(
            lambda now: sealed(APP, text_xml(), str(int(now) - 3601), CORP), 403, id="old"
        ),
        pytest.param(
            lambda now: sealed(APP, text_xml(), str(int(now) + 3601), CORP), 403, id="ahead"
        ),
        pytest.param(lambda now: sealed(APP, text_xml(), "now", CORP), 403, id="timestamp"),
        pytest.param(lambda now: sealed(APP, BOMB, now, CORP), 400, id="bomb inside"),
        pytest.param(lambda now: sealed(APP, "hello", now, CORP), 400, id="no xml inside"),
        pytest.param(lambda now: sealed(AIBOT, "hello", now, ""), 400, id="no json inside"),
        pytest.param(lambda now: sealed(AIBOT, "[]", now, ""), 400, id="no object inside"),
        pytest.param(lambda now: sealed(AIBOT, "[" * 20000, now, ""), 400, id="deep json inside"),
        pytest.param(lambda now: Delivery(APP, {}, BOMB.encode()), 400, id="bomb outside"),
        pytest.param(lambda now: Delivery(APP, {}, b""), 400, id="empty"),
        pytest.param(lambda now: Delivery(AIBOT, {}, b""), 400, id="empty for aibot"),
        pytest.param(lambda now: Delivery(AIBOT, {}, b'{"encrypt":1}'), 400, id="encrypt type"),
        pytest.param(lambda now: Delivery(APP, {}, b"<xml/>"), 403, id="no encrypt"),
        pytest.param(lambda now: Delivery(APP, {}, b"x" * 65537), 413, id="too long"),
        pytest.param(lambda now: resigned("AAAA", now), 403, id="not a block"),
        pytest.param(lambda now: resigned("A" * 64, now), 403, id="noise"),
    ],
)
async def test_what_is_not_from_wecom_is_refused_in_silence(
    client: Client,
    inbox: Inbox,
    clock: MovableClock,
    make: Callable[[str], Delivery],
    status: int,
) -> None:
    delivery = make(seconds(clock))
    answer = await client.post(delivery.url, data=delivery.body)
    assert (answer.status, await answer.read(), inbox.kept) == (status, b"", [])


async def test_compressed_body_is_refused(
    client: Client, inbox: Inbox, clock: MovableClock
) -> None:
    delivery = sealed(APP, text_xml(), seconds(clock), CORP)
    answer = await client.post(
        delivery.url, data=zlib.compress(delivery.body), headers={"Content-Encoding": "deflate"}
    )
    assert (answer.status, inbox.kept) == (415, [])


async def test_long_body_without_a_length_is_refused(client: Client, inbox: Inbox) -> None:
    async def chunks() -> Any:
        for _ in range(70):
            yield b"x" * 1024

    answer = await client.post(APP, data=chunks())
    assert (answer.status, inbox.kept) == (413, [])


async def test_mutated_callbacks_are_never_accepted(
    client: Client, inbox: Inbox, clock: MovableClock
) -> None:
    """W1: 2,000 genuine callbacks with one byte of a signed part changed: none gets in."""
    chance = random.Random(7)
    genuine = sealed(APP, text_xml(), seconds(clock), CORP)
    encrypted = genuine.body.split(b"CDATA[")[3].split(b"]")[0]
    start = genuine.body.index(encrypted)

    def mutated() -> Delivery:
        part = chance.choice(["body", "msg_signature", "timestamp", "nonce"])
        if part == "body":
            # The last characters may only hold unused bits or padding signs: still signed.
            position = start + chance.randrange(len(encrypted))
            body = bytearray(genuine.body)
            body[position] ^= 1 << chance.randrange(7)
            return Delivery(APP, genuine.query, bytes(body))
        value = bytearray(genuine.query[part].encode())
        value[chance.randrange(len(value))] ^= 1 << chance.randrange(7)
        return Delivery(APP, genuine.query | {part: value.decode()}, genuine.body)

    statuses = set()
    for _ in range(2000):
        delivery = mutated()
        answer = await client.post(delivery.url, data=delivery.body)
        statuses.add(answer.status)
    assert inbox.kept == []
    assert statuses <= {400, 403}


async def test_failed_commit_is_not_acknowledged(
    client: Client, inbox: Inbox, clock: MovableClock
) -> None:
    inbox.broken = True
    delivery = sealed(APP, text_xml(), seconds(clock), CORP)
    first = await client.post(delivery.url, data=delivery.body)
    inbox.broken = False
    second = await client.post(delivery.url, data=delivery.body)
    assert (first.status, await first.read(), second.status) == (500, b"", 200)
    assert inbox.kept == [RECEIVED]


async def test_caller_that_hangs_up_does_not_stop_the_commit(
    client: Client, inbox: Inbox, clock: MovableClock
) -> None:
    inbox.gate = asyncio.Event()
    delivery = sealed(APP, text_xml(), seconds(clock), CORP)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await client.post(delivery.url, data=delivery.body)
    inbox.gate.set()
    async with asyncio.timeout(2):
        await inbox.done.wait()
    assert inbox.kept == [RECEIVED]


@pytest.mark.parametrize("cut", range(0, 720, 40))
async def test_truncated_delivery_is_not_kept(
    client: Client, inbox: Inbox, clock: MovableClock, cut: int
) -> None:
    delivery = sealed(APP, text_xml(), seconds(clock), CORP)
    request = (
        f"POST {delivery.url} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(delivery.body)}\r\n\r\n"
    ).encode() + delivery.body
    assert cut < len(request)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(request[:cut])
    writer.write_eof()
    await reader.read()
    writer.close()
    await writer.wait_closed()
    assert inbox.kept == []


async def test_base64_of_the_test_is_what_wecom_sends(clock: MovableClock) -> None:
    """The independent library really produces what our decoder reads."""
    delivery = sealed(AIBOT, "{}", seconds(clock), "")
    encrypted = json.loads(delivery.body)["encrypt"]
    assert len(base64.b64decode(encrypted)) == 32
    assert Crypto(TOKEN, KEY, "").decrypt(encrypted) == b"{}"
