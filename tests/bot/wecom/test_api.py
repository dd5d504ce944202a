"""Token and calls against a toy WeCom on a loopback socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import MovableClock
from bot.http import Answer, Http, NoAnswer
from bot.wecom.api import WecomApi, judged
from bot.wecom.errors import Kind, Verdict, WecomError, verdict

Serve = Callable[[web.Application], Awaitable[TestServer]]


@dataclass
class ToyWecom:
    """Answers what it is told to, and remembers what it was asked."""

    tokens: int = 0
    token_error: int = 0
    invalid: set[str] = field(default_factory=set)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    uploads: list[tuple[str, bytes]] = field(default_factory=list)

    async def gettoken(self, request: web.Request) -> web.Response:
        assert dict(request.query) == {"corpid": "ww1", "corpsecret": "s3cret"}
        await asyncio.sleep(0.01)
        self.tokens += 1
        if self.token_error:
            return web.json_response({"errcode": self.token_error, "errmsg": "no"})
        return web.json_response(
            {"errcode": 0, "access_token": f"token-{self.tokens}", "expires_in": 7200}
        )

    async def upload(self, request: web.Request) -> web.Response:
        self.uploads.append((request.headers["Content-Type"], await request.read()))
        return web.json_response({"errcode": 0, "media_id": "media-1"})

    async def anything(self, request: web.Request) -> web.Response:
        body = await request.read()
        path = request.path.removeprefix("/cgi-bin/")
        query = dict(request.query)
        self.calls.append((path, query, json.loads(body) if body else None))
        if query.get("access_token") in self.invalid:
            return web.json_response({"errcode": 40014, "errmsg": "invalid access_token"})
        queue = self.answers.get(path)
        return web.json_response(queue.pop(0) if queue else {"errcode": 0, "errmsg": "ok"})


@pytest.fixture
def toy() -> ToyWecom:
    return ToyWecom()


@pytest.fixture
async def api(toy: ToyWecom, clock: MovableClock, aiohttp_server: Serve) -> AsyncIterator[WecomApi]:
    app = web.Application()
    app.router.add_get("/cgi-bin/gettoken", toy.gettoken)
    app.router.add_post("/cgi-bin/media/upload", toy.upload)
    app.router.add_route("*", "/cgi-bin/{path:.+}", toy.anything)
    server = await aiohttp_server(app)
    base = f"http://127.0.0.1:{server.port}"
    http = Http([base])
    yield WecomApi(http, base, "ww1", 1000002, "s3cret", clock)
    await http.close()


async def test_thousand_calls_at_once_fetch_one_token(api: WecomApi, toy: ToyWecom) -> None:
    await asyncio.gather(*(api.call("GET", "getcallbackip") for _ in range(1000)))
    assert toy.tokens == 1
    assert {query["access_token"] for _, query, _ in toy.calls} == {"token-1"}


async def test_token_is_replaced_five_minutes_before_its_end(
    api: WecomApi, toy: ToyWecom, clock: MovableClock
) -> None:
    await api.call("GET", "getcallbackip")
    await clock.advance(timedelta(minutes=114, seconds=59))
    await api.call("GET", "getcallbackip")
    await clock.advance(timedelta(seconds=1))
    await api.call("GET", "getcallbackip")
    assert [query["access_token"] for _, query, _ in toy.calls] == ["token-1", "token-1", "token-2"]


async def test_token_invalidated_early_is_renewed_once_for_all(
    api: WecomApi, toy: ToyWecom
) -> None:
    await api.call("GET", "getcallbackip")
    toy.invalid.add("token-1")
    await asyncio.gather(*(api.call("GET", "getcallbackip") for _ in range(100)))
    assert toy.tokens == 2


async def test_token_that_stays_invalid_is_renewed_once_only(api: WecomApi, toy: ToyWecom) -> None:
    toy.invalid |= {"token-1", "token-2"}
    with pytest.raises(WecomError) as caught:
        await api.call("GET", "getcallbackip")
    assert (caught.value.errcode, toy.tokens) == (40014, 2)


async def test_refused_secret_is_not_tried_again_for_a_minute(
    api: WecomApi, toy: ToyWecom, clock: MovableClock
) -> None:
    toy.token_error = 40091
    for _ in range(3):
        with pytest.raises(WecomError) as caught:
            await api.call("GET", "getcallbackip")
        assert str(caught.value) == (
            "Secret 不属于这个企业：核对环境变量 QUNYUN_APP_SECRET（企业微信错误码 40091）"
        )
    assert toy.tokens == 1
    toy.token_error = 0
    await clock.advance(timedelta(seconds=60))
    await api.call("GET", "getcallbackip")
    assert toy.tokens == 2


async def test_caller_that_gives_up_does_not_take_the_token_from_others(
    api: WecomApi, toy: ToyWecom
) -> None:
    first = asyncio.create_task(api.call("GET", "getcallbackip"))
    second = asyncio.create_task(api.call("GET", "getcallbackip"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == {"errcode": 0, "errmsg": "ok"}
    assert toy.tokens == 1


@pytest.mark.parametrize(
    ("call", "path", "query", "body"),
    [
        pytest.param(
            lambda api: api.send_message("li", "text", {"content": "早"}),
            "message/send",
            {"access_token": "token-1"},
            {"touser": "li", "agentid": 1000002, "msgtype": "text", "text": {"content": "早"}},
            id="send_message",
        ),
        pytest.param(
            lambda api: api.send_message("li", "text", {"content": "早"}, drop_repetition=True),
            "message/send",
            {"access_token": "token-1"},
            {
                "touser": "li",
                "agentid": 1000002,
                "msgtype": "text",
                "text": {"content": "早"},
                "enable_duplicate_check": 1,
                "duplicate_check_interval": 1800,
            },
            id="send_message once",
        ),
        pytest.param(
            lambda api: api.update_template_card("li", "code", "已发"),
            "message/update_template_card",
            {"access_token": "token-1"},
            {
                "userids": ["li"],
                "agentid": 1000002,
                "response_code": "code",
                "button": {"replace_name": "已发"},
            },
            id="update_template_card",
        ),
        pytest.param(
            lambda api: api.webhook_send("k", {"msgtype": "text", "text": {"content": "早"}}),
            "webhook/send",
            {"key": "k"},
            {"msgtype": "text", "text": {"content": "早"}},
            id="webhook_send",
        ),
        pytest.param(
            lambda api: api.respond(
                f"{api._base}/cgi-bin/aibot/response?response_code=r", {"msgtype": "markdown"}
            ),
            "aibot/response",
            {"response_code": "r"},
            {"msgtype": "markdown"},
            id="respond",
        ),
        pytest.param(
            lambda api: api.customer("wm1"),
            "externalcontact/get",
            {"access_token": "token-1", "external_userid": "wm1"},
            None,
            id="customer",
        ),
        pytest.param(
            lambda api: api.mark_tag("li", "wm1", ["et1"], ["et2"]),
            "externalcontact/mark_tag",
            {"access_token": "token-1"},
            {
                "userid": "li",
                "external_userid": "wm1",
                "add_tag": ["et1"],
                "remove_tag": ["et2"],
            },
            id="mark_tag",
        ),
    ],
)
async def test_call_on_the_wire(
    api: WecomApi,
    toy: ToyWecom,
    call: Callable[[WecomApi], Awaitable[object]],
    path: str,
    query: dict[str, str],
    body: object,
) -> None:
    await call(api)
    assert toy.calls == [(path, query, body)]


async def test_group_chat_is_unwrapped(api: WecomApi, toy: ToyWecom) -> None:
    toy.answers["externalcontact/groupchat/get"] = [{"errcode": 0, "group_chat": {"name": "群"}}]
    assert await api.group_chat("wr1") == {"name": "群"}


async def test_groups_and_customers_come_in_pages(api: WecomApi, toy: ToyWecom) -> None:
    toy.answers["externalcontact/groupchat/list"] = [
        {"errcode": 0, "group_chat_list": [{"chat_id": "wr1", "status": 1}], "next_cursor": "c"},
        {"errcode": 0, "group_chat_list": [{"chat_id": "wr2", "status": 0}]},
    ]
    customer = {"external_contact": {"external_userid": "wm1"}, "follow_info": {"createtime": 1}}
    toy.answers["externalcontact/batch/get_by_user"] = [
        {"errcode": 0, "external_contact_list": [customer], "next_cursor": "d"},
        {"errcode": 0, "external_contact_list": []},
    ]
    assert [await api.group_list(["li", "chen"], one) for one in ("", "c")] == [
        ({"wr1": 1}, "c"),
        ({"wr2": 0}, ""),
    ]
    assert [await api.customers_page("li", one) for one in ("", "d")] == [
        ([customer], "d"),
        ([], ""),
    ]
    assert [body for _, _, body in toy.calls] == [
        {
            "status_filter": 0,
            "owner_filter": {"userid_list": ["li", "chen"]},
            "cursor": "",
            "limit": 1000,
        },
        {
            "status_filter": 0,
            "owner_filter": {"userid_list": ["li", "chen"]},
            "cursor": "c",
            "limit": 1000,
        },
        {"userid_list": ["li"], "cursor": "", "limit": 100},
        {"userid_list": ["li"], "cursor": "d", "limit": 100},
    ]


async def test_upload_names_the_length(api: WecomApi, toy: ToyWecom) -> None:
    assert await api.upload_media('周"报.xlsx', b"12345678") == "media-1"
    ((content_type, body),) = toy.uploads
    boundary = content_type.removeprefix("multipart/form-data; boundary=")
    assert body.decode() == (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="media"; filename="周_报.xlsx"; filelength=8\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
        f"12345678\r\n--{boundary}--\r\n"
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(200, b'{"errcode":45009}'), WecomError(45009)),
        (Answer(429, b""), WecomError(45009)),
        (Answer(404, b"<html>"), WecomError(404, meaning=Verdict(Kind.REFUSED, "x"))),
        (Answer(200, b'{"errcode":"x"}'), NoAnswer()),
        (Answer(200, b'{"errcode":0'), NoAnswer()),
        (Answer(200, b"[]"), NoAnswer()),
        (Answer(502, b"<html>"), NoAnswer()),
        (Answer(503, b'{"errcode":0}'), NoAnswer()),
    ],
)
def test_answer_that_is_no_success(answer: Answer, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        judged(answer)
    assert getattr(caught.value, "errcode", None) == getattr(error, "errcode", None)


def test_answer_without_errcode_is_a_success() -> None:
    assert judged(Answer(200, b'{"follow_user":[]}')) == {"follow_user": []}


@pytest.mark.parametrize(
    ("errcode", "kind", "wait"),
    [
        (0, Kind.OK, None),
        (-1, Kind.RETRY, None),
        (40001, Kind.REFRESH_TOKEN, None),
        (40014, Kind.REFRESH_TOKEN, None),
        (42001, Kind.REFRESH_TOKEN, None),
        (45009, Kind.BACK_OFF, timedelta(seconds=60)),
        (45033, Kind.RETRY, None),
        (93000, Kind.GONE, None),
        (60020, Kind.REFUSED, None),
        (846607, Kind.REFUSED, None),
        (123456789, Kind.REFUSED, None),
    ],
)
def test_verdict(errcode: int, kind: Kind, wait: timedelta | None) -> None:
    assert (verdict(errcode).kind, verdict(errcode).wait) == (kind, wait)
