"""The long connection against a toy server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from bot.clock import MovableClock
from bot.http import NoAnswer, NotSent
from bot.wecom.errors import WecomError
from bot.wecom.long_connection import LongConnection, Status, Timing, reconnect_delay
from bot.wecom.parse import AibotSource, Received

FAST = Timing(ping_every=0.05, ack_within=1.0, first_delay=0.01, longest_delay=0.04)
CALM = Timing(ack_within=1.0, first_delay=0.01, longest_delay=0.04)
Serve = Callable[[web.Application], Awaitable[TestServer]]


@dataclass
class ToyServer:
    """Acknowledges every frame unless told otherwise."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    mute: set[str] = field(default_factory=set)
    hang_up_on: set[str] = field(default_factory=set)
    connections: int = 0
    socket: web.WebSocketResponse | None = None

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        self.connections += 1
        self.socket = socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            frame = json.loads(message.data)
            self.frames.append(frame)
            cmd = frame["cmd"]
            if cmd in self.hang_up_on:
                await socket.close()
            elif cmd not in self.mute:
                code = self.codes.get(cmd, 0)
                ack = {"headers": frame["headers"], "errcode": code, "errmsg": ""}
                await socket.send_str(json.dumps(ack))
        return socket

    async def push(self, cmd: str, body: dict[str, Any], req_id: str = "r1") -> None:
        assert self.socket is not None
        frame = {"cmd": cmd, "headers": {"req_id": req_id}, "body": body}
        await self.socket.send_str(json.dumps(frame))

    def bodies(self, cmd: str) -> list[Any]:
        return [frame.get("body") for frame in self.frames if frame["cmd"] == cmd]


@dataclass
class Inbox:
    """Keeps what it is given, after failing a number of times."""

    kept: list[Received] = field(default_factory=list)
    failures: int = 0

    async def __call__(self, received: Received) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.kept.append(received)


@pytest.fixture
def toy() -> ToyServer:
    return ToyServer()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


Connect = Callable[[Timing], LongConnection]


@pytest.fixture
async def connect(
    toy: ToyServer, inbox: Inbox, clock: MovableClock, aiohttp_server: Serve
) -> Connect:
    app = web.Application()
    app.router.add_get("/aibot/ws", toy.handle)
    server = await aiohttp_server(app)
    url = f"ws://127.0.0.1:{server.port}/aibot/ws"

    def make(timing: Timing) -> LongConnection:
        source = AibotSource("b1", "群运")
        return LongConnection(url, source, "s", inbox, clock, lambda: 0.5, timing)

    return make


@asynccontextmanager
async def running(connection: LongConnection) -> AsyncIterator[LongConnection]:
    task = asyncio.create_task(connection.run())
    try:
        await until(lambda: connection.status is Status.UP)
        yield connection
    finally:
        await connection.close()
        await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)


def said(text: str, msgid: str = "m1") -> dict[str, Any]:
    return {
        "msgid": msgid,
        "aibotid": "b1",
        "chatid": "wr1",
        "chattype": "group",
        "from": {"userid": "wm1"},
        "msgtype": "text",
        "text": {"content": f"@群运 {text}"},
    }


async def test_subscribe_send_and_respond_on_the_wire(connect: Connect, toy: ToyServer) -> None:
    async with running(connect(CALM)) as connection:
        await connection.send("wr1", {"msgtype": "markdown", "markdown": {"content": "早"}})
        await connection.respond("r9", {"msgtype": "markdown", "markdown": {"content": "好"}})
    seen = [(frame["cmd"], frame["body"]) for frame in toy.frames]
    assert seen == [
        ("aibot_subscribe", {"bot_id": "b1", "secret": "s"}),
        (
            "aibot_send_msg",
            {"chatid": "wr1", "msgtype": "markdown", "markdown": {"content": "早"}},
        ),
        ("aibot_respond_msg", {"msgtype": "markdown", "markdown": {"content": "好"}}),
    ]
    assert toy.frames[2]["headers"] == {"req_id": "r9"}
    assert connection.status is Status.CLOSED


async def test_message_reaches_the_inbox_in_order_even_if_it_fails_at_first(
    connect: Connect, toy: ToyServer, inbox: Inbox
) -> None:
    inbox.failures = 2
    async with running(connect(CALM)):
        await toy.push("aibot_msg_callback", said("抽奖"), "r1")
        await toy.push("aibot_msg_callback", {"from": "nonsense"}, "r2")
        await toy.push("aibot_event_callback", {"from": {"userid": "wm1"}, "msgtype": "event"})
        await toy.push("aibot_msg_callback", said("B", "m2"), "r3")
        await until(lambda: len(inbox.kept) == 2)
    assert [(one.dedup_key, one.event["text"]) for one in inbox.kept] == [
        ("aibot:b1:m1", "抽奖"),
        ("aibot:b1:m2", "B"),
    ]
    assert [one.event["reply_to"] for one in inbox.kept] == [
        {"channel": "aibot_reply", "target": {"req_id": "r1"}},
        {"channel": "aibot_reply", "target": {"req_id": "r3"}},
    ]


@pytest.mark.parametrize("nonsense", ["", "[]", "7", '{"headers":[]}', '{"body":1}', "{" * 9999])
async def test_nonsense_does_not_end_the_connection(
    connect: Connect, toy: ToyServer, nonsense: str
) -> None:
    async with running(connect(CALM)) as connection:
        assert toy.socket is not None
        await toy.socket.send_str(nonsense)
        await connection.send("wr1", {})
    assert toy.connections == 1


async def test_ping_is_sent_and_acknowledged(connect: Connect, toy: ToyServer) -> None:
    async with running(connect(FAST)):
        await until(lambda: len(toy.bodies("ping")) >= 3)
    assert toy.connections == 1


async def test_two_missed_pings_reconnect(connect: Connect, toy: ToyServer) -> None:
    toy.mute = {"ping"}
    async with running(connect(FAST)):
        await until(lambda: toy.connections == 2)
        assert len(toy.bodies("ping")) >= 2


async def test_dropped_connection_is_made_again(connect: Connect, toy: ToyServer) -> None:
    async with running(connect(CALM)) as connection:
        for expected in (2, 3):
            assert toy.socket is not None
            await toy.socket.close()
            await until(lambda: connection.status is Status.UP and toy.connections == expected)  # noqa: B023
        await connection.send("wr1", {})


async def test_replaced_connection_stays_away(connect: Connect, toy: ToyServer) -> None:
    connection = connect(CALM)
    task = asyncio.create_task(connection.run())
    await until(lambda: connection.status is Status.UP)
    event = {"eventtype": "disconnected_event"}
    await toy.push("aibot_event_callback", {"msgtype": "event", "event": event})
    await task
    assert (connection.status, toy.connections) == (Status.REPLACED, 1)


async def test_wrong_secret_is_given_up_after_five_refusals(
    connect: Connect, toy: ToyServer
) -> None:
    toy.codes = {"aibot_subscribe": 853000}
    connection = connect(CALM)
    await connection.run()
    assert (connection.status, toy.connections) == (Status.REFUSED, 5)


async def test_send_before_connecting_is_not_sent(connect: Connect) -> None:
    with pytest.raises(NotSent):
        await connect(CALM).send("wr1", {})


async def test_send_without_acknowledgement_is_no_answer(connect: Connect, toy: ToyServer) -> None:
    toy.mute = {"aibot_send_msg"}
    async with running(connect(CALM)) as connection:
        with pytest.raises(NoAnswer):
            await connection.send("wr1", {})


async def test_connection_lost_while_waiting_is_no_answer(connect: Connect, toy: ToyServer) -> None:
    toy.hang_up_on = {"aibot_send_msg"}
    async with running(connect(CALM)) as connection:
        with pytest.raises(NoAnswer, match="断开"):
            await connection.send("wr1", {})


async def test_refused_send_carries_the_code(connect: Connect, toy: ToyServer) -> None:
    toy.codes = {"aibot_send_msg": 846607}
    async with running(connect(CALM)) as connection:
        with pytest.raises(WecomError) as caught:
            await connection.send("wr1", {})
    assert caught.value.errcode == 846607


async def test_answers_to_one_message_are_acknowledged_in_order(
    connect: Connect, toy: ToyServer
) -> None:
    async with running(connect(CALM)) as connection:
        await asyncio.gather(*(connection.respond("r1", {"n": n}) for n in range(10)))
    assert toy.bodies("aibot_respond_msg") == [{"n": n} for n in range(10)]


@pytest.mark.parametrize(
    ("attempt", "jitter", "delay"),
    [(0, 0.0, 0.5), (0, 0.5, 1.0), (3, 0.5, 8.0), (5, 0.5, 30.0), (5, 0.0, 15.0), (999, 0.5, 30.0)],
)
def test_reconnect_delay(attempt: int, jitter: float, delay: float) -> None:
    assert reconnect_delay(attempt, jitter, Timing()) == delay
