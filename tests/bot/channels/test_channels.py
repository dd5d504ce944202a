"""Every channel: what it puts on the wire, how it splits, what limits it and how it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import bot.channels
from bot.channel import Busy, Channel, Connections, Letter, Limit, Outcome, Refused, Sent, Unknown
from bot.clock import MovableClock
from bot.http import Http, NoAnswer, NotSent
from bot.settings import Settings
from bot.wecom.api import WecomApi
from bot.wecom.errors import WecomError
from bot.wecom.long_connection import LongConnection
from sop.discovery import find

Serve = Callable[[web.Application], Awaitable[TestServer]]
MINUTE = timedelta(seconds=60)
TASK_PATH = "/cgi-bin/externalcontact/add_msg_template"


@dataclass
class RobotKeys:
    """The part of the settings that channels read."""

    keys: Mapping[str, str]

    def robot_key(self, community: str) -> str | None:
        return self.keys.get(community)


@dataclass
class ToyWecom:
    """Remembers the calls and answers what it is told to."""

    answer: dict[str, Any] = field(default_factory=lambda: {"errcode": 0, "errmsg": "ok"})
    calls: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    async def gettoken(self, request: web.Request) -> web.Response:
        return web.json_response({"errcode": 0, "access_token": "t", "expires_in": 7200})

    async def anything(self, request: web.Request) -> web.Response:
        query = {name: value for name, value in request.query.items() if name != "access_token"}
        self.calls.append((request.path, query, await request.json()))
        if self.answer == {"abort": True}:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(self.answer)


@dataclass
class Socket:
    """A long connection that is up, or ends every request with `error`."""

    error: Exception | None = None
    frames: list[tuple[str, str, Any]] = field(default_factory=list)

    async def send(self, chat_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._done("send", chat_id, body)

    async def respond(self, req_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._done("respond", req_id, body)

    def _done(self, what: str, to: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.frames.append((what, to, body))
        if self.error is not None:
            raise self.error
        return {"errcode": 0}


@pytest.fixture
def toy() -> ToyWecom:
    return ToyWecom()


@pytest.fixture
def socket() -> Socket:
    return Socket()


@pytest.fixture
async def base(toy: ToyWecom, aiohttp_server: Serve) -> str:
    app = web.Application()
    app.router.add_get("/cgi-bin/gettoken", toy.gettoken)
    app.router.add_post("/cgi-bin/{path:.+}", toy.anything)
    server = await aiohttp_server(app)
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def connections(base: str, socket: Socket) -> AsyncIterator[Connections]:
    http = Http([base])
    clock = MovableClock(datetime(2026, 11, 23, tzinfo=UTC))
    yield Connections(
        cast(Settings, RobotKeys({"c1": "key-1", "c2": "key-1", "c3": "key-3"})),
        WecomApi(http, base, "ww1", 1000002, "s", clock),
        cast(LongConnection, socket),
    )
    await http.close()


def channel(name: str, connections: Connections) -> Channel:
    kinds: dict[str, type[Channel]] = find(bot.channels, "CHANNEL", lambda one: one.name)
    return kinds[name](connections)


def letter(name: str, target: Mapping[str, str], body: Mapping[str, Any]) -> Letter:
    return Letter(1, "k#0", name, target, body)


CARD = {
    "title": "早安话术",
    "text": "请发送",
    "task_id": "t1",
    "buttons": [{"text": "已发", "key": "sent|x"}, {"text": "跳过", "key": "skip|x"}],
}
LETTER_MARK = "e15538e7db96db66a73b3f501fbc7586"  # SHA-256 of "k#0"
WIRE_CARD = {
    "card_type": "button_interaction",
    "main_title": {"title": "早安话术"},
    "sub_title_text": "请发送",
    "task_id": "t1",
    "button_list": [
        {"text": "已发", "style": 1, "key": "sent|x"},
        {"text": "跳过", "style": 2, "key": "skip|x"},
    ],
}


def app_call(msgtype: str, content: Any) -> tuple[str, dict[str, str], Any]:
    body = {"touser": "li", "agentid": 1000002, "msgtype": msgtype, msgtype: content}
    if msgtype == "template_card":
        body |= {"enable_duplicate_check": 1, "duplicate_check_interval": 1800}
    return "/cgi-bin/message/send", {}, body


@pytest.mark.parametrize(
    ("name", "target", "body", "call"),
    [
        (
            "group_robot",
            {"community": "c1"},
            {"markdown": "**早**"},
            (
                "/cgi-bin/webhook/send",
                {"key": "key-1"},
                {"msgtype": "markdown", "markdown": {"content": "**早**"}},
            ),
        ),
        (
            "group_robot",
            {"community": "c3"},
            {"text": "早"},
            (
                "/cgi-bin/webhook/send",
                {"key": "key-3"},
                {"msgtype": "text", "text": {"content": "早"}},
            ),
        ),
        ("app_message", {"user": "li"}, {"text": "早"}, app_call("text", {"content": "早"})),
        (
            "app_message",
            {"user": "li"},
            {"markdown": "早"},
            app_call("markdown", {"content": "早"}),
        ),
        ("app_message", {"user": "li"}, {"card": CARD}, app_call("template_card", WIRE_CARD)),
        ("assist", {"user": "li"}, {"text": "早"}, app_call("text", {"content": "早"})),
        (
            "group_task",
            {"user": "li", "community": "c1", "chat_id": "wr1"},
            {"text": "早"},
            (
                TASK_PATH,
                {},
                {
                    "chat_type": "group",
                    "chat_id_list": ["wr1"],
                    "sender": "li",
                    "text": {"content": "早"},
                },
            ),
        ),
        (
            "group_task",
            {"user": "li", "community": "c1", "chat_id": "wr1"},
            {"text": "早", "members": ["wm1", "wm2"]},
            (
                TASK_PATH,
                {},
                {
                    "chat_type": "single",
                    "external_userid": ["wm1", "wm2"],
                    "sender": "li",
                    "text": {"content": "早"},
                },
            ),
        ),
        (
            "assist",
            {"user": "li"},
            {"card": CARD},
            app_call("template_card", WIRE_CARD | {"task_id": LETTER_MARK}),
        ),
        (
            "card_update",
            {"user": "li", "response_code": "r"},
            {"text": "已发"},
            (
                "/cgi-bin/message/update_template_card",
                {},
                {
                    "userids": ["li"],
                    "agentid": 1000002,
                    "response_code": "r",
                    "button": {"replace_name": "已发"},
                },
            ),
        ),
    ],
)
async def test_send_on_the_wire(
    connections: Connections,
    toy: ToyWecom,
    name: str,
    target: dict[str, str],
    body: dict[str, Any],
    call: tuple[str, dict[str, str], Any],
) -> None:
    outcome = await channel(name, connections).send(letter(name, target, body))
    assert (outcome, toy.calls) == (Sent(), [call])


async def test_aibot_reply_by_response_url(
    connections: Connections, toy: ToyWecom, base: str
) -> None:
    url = f"{base}/cgi-bin/aibot/response?response_code=r"
    one = letter("aibot_reply", {"url": url}, {"text": "恭喜"})
    assert await channel("aibot_reply", connections).send(one) == Sent()
    assert toy.calls == [
        (
            "/cgi-bin/aibot/response",
            {"response_code": "r"},
            {"msgtype": "markdown", "markdown": {"content": "恭喜"}},
        )
    ]


async def test_aibot_reply_to_an_address_elsewhere_is_refused(connections: Connections) -> None:
    one = letter("aibot_reply", {"url": "https://example.invalid/?response_code=r"}, {"text": "x"})
    assert await channel("aibot_reply", connections).send(one) == Refused(
        "不允许访问 https://example.invalid"
    )


@pytest.mark.parametrize(
    ("name", "target", "frame"),
    [
        ("aibot_reply", {"req_id": "r1"}, ("respond", "r1")),
        ("aibot_push", {"chat_id": "wr1"}, ("send", "wr1")),
    ],
)
async def test_aibot_over_the_long_connection(
    connections: Connections,
    socket: Socket,
    name: str,
    target: dict[str, str],
    frame: tuple[str, str],
) -> None:
    one = letter(name, target, {"markdown": "早"})
    assert await channel(name, connections).send(one) == Sent()
    assert socket.frames == [(*frame, {"msgtype": "markdown", "markdown": {"content": "早"}})]


@pytest.mark.parametrize(
    ("name", "target", "outcome"),
    [
        ("aibot_reply", {"req_id": "r1"}, Busy("长连接没有启动")),
        (
            "aibot_push",
            {"chat_id": "wr1"},
            Refused("智能机器人只有在长连接方式下才能主动发消息：把 aibot 改为长连接"),
        ),
    ],
)
async def test_aibot_without_a_long_connection(
    connections: Connections, name: str, target: dict[str, str], outcome: Outcome
) -> None:
    without = Connections(connections.settings, connections.api, None)
    assert await channel(name, without).send(letter(name, target, {"text": "x"})) == outcome


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotSent("长连接没有连上"), Busy("长连接没有连上")),
        (NoAnswer("没有确认"), Unknown("没有确认")),
        (WecomError(846604), Refused("这条消息的回复凭证已过期（企业微信错误码 846604）")),
    ],
)
async def test_aibot_reply_that_fails(
    connections: Connections, socket: Socket, error: Exception, outcome: Outcome
) -> None:
    socket.error = error
    one = letter("aibot_reply", {"req_id": "r1"}, {"text": "x"})
    assert await channel("aibot_reply", connections).send(one) == outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"errcode": 0, "msgid": "m7"}, Sent("m7")),
        ({"errcode": -1}, Busy("企业微信系统繁忙，稍后重试（企业微信错误码 -1）")),
        (
            {"errcode": 45009},
            Busy("发送太频繁，企业微信要求等待一分钟（企业微信错误码 45009）", MINUTE),
        ),
        ({"errcode": 40014}, Busy("access_token 失效（企业微信错误码 40014）")),
        (
            {"errcode": 81013},
            Refused("没有一个有效的接收人：核对 userid 和应用的可见范围（企业微信错误码 81013）"),
        ),
        (
            {"errcode": 0, "invaliduser": "li"},
            Refused("接收人无效：li。核对 userid 和应用的可见范围"),
        ),
    ],
)
async def test_outcome_of_an_answer(
    connections: Connections, toy: ToyWecom, answer: dict[str, Any], outcome: Outcome
) -> None:
    toy.answer = answer
    one = letter("app_message", {"user": "li"}, {"text": "x"})
    assert await channel("app_message", connections).send(one) == outcome


async def test_connection_lost_after_sending_is_unknown(
    connections: Connections, toy: ToyWecom
) -> None:
    toy.answer = {"abort": True}
    one = letter("group_robot", {"community": "c1"}, {"text": "x"})
    outcome = await channel("group_robot", connections).send(one)
    assert isinstance(outcome, Unknown)
    assert "key-1" not in outcome.reason


async def test_community_without_a_key_is_refused(connections: Connections) -> None:
    one = letter("group_robot", {"community": "c9"}, {"text": "x"})
    robot = channel("group_robot", connections)
    assert await robot.send(one) == Refused("社群“c9”没有配置群机器人的 key")
    assert robot.limits({"community": "c9"}) == []


@pytest.mark.parametrize(
    ("name", "target", "limits"),
    [
        (
            "app_message",
            {"user": "Li"},
            [Limit("app:li:minute", 30, MINUTE), Limit("app:li:hour", 1000, timedelta(hours=1))],
        ),
        (
            "assist",
            {"user": "li"},
            [Limit("app:li:minute", 30, MINUTE), Limit("app:li:hour", 1000, timedelta(hours=1))],
        ),
        (
            "aibot_push",
            {"chat_id": "wr1"},
            [
                Limit("aibot:wr1:minute", 30, MINUTE),
                Limit("aibot:wr1:hour", 1000, timedelta(hours=1)),
            ],
        ),
        ("aibot_reply", {"req_id": "r"}, []),
        ("group_task", {"user": "li", "chat_id": "wr1"}, []),
        ("card_update", {"user": "li", "response_code": "r"}, []),
    ],
)
def test_limits(
    connections: Connections, name: str, target: dict[str, str], limits: list[Limit]
) -> None:
    assert channel(name, connections).limits(target) == limits


def test_limits_of_one_robot_are_shared_and_hide_its_key(connections: Connections) -> None:
    robot = channel("group_robot", connections)
    first, second, third = (robot.limits({"community": one}) for one in ("c1", "c2", "c3"))
    assert first == second != third
    assert [(one.count, one.window) for one in first] == [(20, MINUTE)]
    assert "key-1" not in first[0].key


@pytest.mark.parametrize(
    ("name", "body", "sizes"),
    [
        ("group_robot", {"markdown": "字" * 1365}, [4095]),
        ("group_robot", {"markdown": "字" * 1366}, [4095, 15]),
        ("group_robot", {"text": "字" * 700}, [2046, 66]),
        ("app_message", {"markdown": "字" * 700}, [2046, 66]),
        ("aibot_push", {"markdown": "字" * 6900}, [20478, 234]),
        ("aibot_reply", {"text": "早"}, [3]),
    ],
)
def test_split_by_bytes(
    connections: Connections, name: str, body: dict[str, str], sizes: list[int]
) -> None:
    parts = channel(name, connections).split(body)
    (kind,) = body
    assert [list(part) for part in parts] == [[kind]] * len(sizes)
    assert [len(part[kind].encode()) for part in parts] == sizes


def test_split_of_a_card_that_says_too_much(connections: Connections) -> None:
    app_message = channel("app_message", connections)
    assert app_message.split({"card": CARD}) == [{"card": CARD}]
    long = CARD | {"text": "字" * 161}
    assert app_message.split({"card": long}) == [
        {"text": "字" * 161},
        {"card": CARD | {"text": ""}},
    ]
    titled = CARD | {"title": "题" * 37}
    assert app_message.split({"card": titled}) == [
        {"text": "题" * 37 + "\n请发送"},
        {"card": CARD | {"title": "题" * 35 + "…", "text": ""}},
    ]


def test_assist_hands_over_the_script_and_then_asks(connections: Connections) -> None:
    body = {"markdown": "各位早上好", "title": "稳健理财群", "occurrence": "wealth/早安/x/c1"}
    assert channel("assist", connections).split(body) == [
        {"text": "各位早上好"},
        {
            "card": {
                "title": "稳健理财群",
                "text": "上面的话术请转发到群里，发完点“已发”。",
                "buttons": [
                    {"text": "已发", "key": "sent|wealth/早安/x/c1"},
                    {"text": "跳过", "key": "skip|wealth/早安/x/c1"},
                    {"text": "推迟", "key": "later|wealth/早安/x/c1"},
                ],
            }
        },
    ]
    assert channel("assist", connections).split({"markdown": "早", "occurrence": ""}) == [
        {"text": "早"}
    ]


def test_channels_are_found_by_their_names(connections: Connections) -> None:
    kinds: dict[str, type[Channel]] = find(bot.channels, "CHANNEL", lambda one: one.name)
    assert {name: kind.resend_unknown for name, kind in kinds.items()} == {
        "aibot_push": True,
        "aibot_reply": False,
        "app_message": True,
        "assist": True,
        "card_update": True,
        "group_robot": True,
        "group_task": False,
        "welcome": True,
    }
    assert [name for name, kind in kinds.items() if kind.urgent] == ["welcome"]
