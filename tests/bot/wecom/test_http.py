"""bot.http over real sockets: bounds, destinations, secrets, and its two known bad days."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.http import Answer, Bounds, Http, NoAnswer, NotAllowed, NotSent, redact

Serve = Callable[[web.Application], Awaitable[TestServer]]


async def echo(request: web.Request) -> web.Response:
    body = (await request.read()).decode()
    return web.json_response(
        {"query": dict(request.query), "type": request.content_type, "body": body}
    )


async def slow(request: web.Request) -> web.Response:
    await asyncio.sleep(float(request.query["seconds"]))
    return web.Response(text="late")


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 65536)
    except ConnectionError:
        return response


async def hang_up(request: web.Request) -> web.Response:
    await request.read()
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return response


async def redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/echo"})


@pytest.fixture
async def server(aiohttp_server: Serve) -> TestServer:
    app = web.Application()
    for handler in (echo, slow, endless, hang_up, half, redirect):
        app.router.add_route("*", f"/{handler.__name__}", handler)
    return await aiohttp_server(app)


def base(server: TestServer) -> str:
    return f"http://127.0.0.1:{server.port}"


async def test_request_sends_raw_utf8_and_returns_the_answer(server: TestServer) -> None:
    http = Http([base(server)])
    try:
        answer = await http.request(
            "POST", f"{base(server)}/echo", params={"key": "a+b&c"}, json={"text": "早上好"}
        )
    finally:
        await http.close()
    assert (answer.status, answer.json()) == (
        200,
        {"query": {"key": "a+b&c"}, "type": "application/json", "body": '{"text":"早上好"}'},
    )


async def test_redirect_is_not_followed(server: TestServer) -> None:
    http = Http([base(server)])
    try:
        answer = await http.request("GET", f"{base(server)}/redirect")
    finally:
        await http.close()
    assert answer == Answer(302, b"")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/slow?seconds=5", "127.0.0.1 在 0.2 秒内没有答复"),
        ("/endless", "答复超过 1 MB"),
    ],
)
async def test_unbounded_answer_is_no_answer(server: TestServer, path: str, reason: str) -> None:
    http = Http([base(server)], Bounds(total=0.2 if "slow" in path else 10))
    try:
        with pytest.raises(NoAnswer) as caught:
            await http.request("GET", base(server) + path)
    finally:
        await http.close()
    assert str(caught.value) == reason


@pytest.mark.parametrize("path", ["/hang_up", "/half"])
async def test_connection_lost_after_sending_is_no_answer(server: TestServer, path: str) -> None:
    http = Http([base(server)])
    try:
        with pytest.raises(NoAnswer):
            await http.request("POST", base(server) + path, json={})
    finally:
        await http.close()


async def test_nobody_listening_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    http = Http([f"http://127.0.0.1:{port}"])
    try:
        with pytest.raises(NotSent):
            await http.request("POST", f"http://127.0.0.1:{port}/x", json={})
    finally:
        await http.close()


async def test_connection_that_is_never_accepted_is_not_sent() -> None:
    # A listener whose queue is full: the handshake does not finish.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}"
        http = Http([url], Bounds(total=5, connect=0.3))
        try:
            with pytest.raises(NotSent):
                await http.request("POST", url, json={})
        finally:
            await http.close()
            for filler in fillers:
                filler.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://qyapi.weixin.qq.com/x",
        "https://qyapi.weixin.qq.com:444/x",
        "https://qyapi.weixin.qq.com./x",
        "https://qyapi.weixin.qq.com@127.0.0.1/x",
        "https://user:word@qyapi.weixin.qq.com/x",
        "https://qyapi.weixin.qq.com.example.invalid/x",
        "https://xqyapi.weixin.qq.com/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://0177.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://qyаpi.weixin.qq.com/x",
        "https://localhost/x",
        "ftp://qyapi.weixin.qq.com/x",
        "file:///etc/passwd",
        "//qyapi.weixin.qq.com/x",
        "/x",
        "",
        "https://qyapi.weixin.qq.com\\@127.0.0.1/x",
        "https://[",
        "https://\ud800/x",
        "javascript:alert(1)",
    ],
)
async def test_address_elsewhere_is_not_allowed(url: str) -> None:
    http = Http(["https://qyapi.weixin.qq.com"])
    try:
        with pytest.raises(NotAllowed):
            await http.request("GET", url)
    finally:
        await http.close()


@pytest.mark.parametrize("url", ["http://qyapi.weixin.qq.com", "http://10.0.0.1", "ftp://x"])
def test_base_without_tls_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Http([url])


async def test_proxy_of_the_environment_is_not_used(
    server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    http = Http([base(server)])
    try:
        answer = await http.request("GET", f"{base(server)}/echo")
    finally:
        await http.close()
    assert answer.status == 200


async def test_secrets_appear_in_no_log_and_no_exception(
    server: TestServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    http = Http([base(server)])
    try:
        await http.request("GET", f"{base(server)}/echo", params={"key": "S3CRET"})
        with pytest.raises(NotAllowed) as caught:
            await http.request("GET", "https://example.invalid/?access_token=S3CRET")
    finally:
        await http.close()
    # The access log is the toy server's, not ours.
    ours = [one.getMessage() for one in caplog.records if one.name != "aiohttp.access"]
    assert ours == [f'HTTP Request: GET {base(server)}/echo?key=*** "HTTP/1.1 200 OK"']
    assert str(caught.value) == "不允许访问 https://example.invalid"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("/send?key=a-b-c&debug=1", "/send?key=***&debug=1"),
        ("?access_token=x", "?access_token=***"),
        ("corpid=ww1&corpsecret=x y", "corpid=ww1&corpsecret=*** y"),
        ("response_code=abc", "response_code=***"),
        ('{"secret": "x"}', '{"secret": "***"}'),
        ("monkey=banana", "monkey=banana"),
    ],
)
def test_redact(text: str, masked: str) -> None:
    assert redact(text) == masked


async def test_cancelled_requests_leave_the_client_alive(server: TestServer) -> None:
    """M11: twenty requests a round cancelled after 0 to 7 ms, then all later ones succeed."""
    http = Http([base(server)], Bounds(connections=10))
    try:
        for number in range(60):
            tasks = [
                asyncio.create_task(http.request("GET", f"{base(server)}/slow?seconds=0.005"))
                for _ in range(20)
            ]
            await asyncio.sleep(number % 8 / 1000)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        answers = [await http.request("GET", f"{base(server)}/echo") for _ in range(10)]
    finally:
        await http.close()
    assert [answer.status for answer in answers] == [200] * 10


async def test_thousand_sends_at_once_all_succeed(server: TestServer) -> None:
    http = Http([base(server)])
    try:
        answers = await asyncio.gather(
            *(http.request("POST", f"{base(server)}/echo", json={"n": n}) for n in range(1000))
        )
    finally:
        await http.close()
    assert [answer.status for answer in answers] == [200] * 1000
