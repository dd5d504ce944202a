"""The notifications of WeChat Pay, over HTTP: only genuine ones are heard, none does harm."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.pages.notify import notify_routes
from bot.payer import NOTIFY_PATH
from tests.bot.payouts.conftest import ORDER, Counter
from tests.fuzz.conftest import HOSTILE, Fuzz


@dataclass
class Line:
    """The way from WeChat Pay to us."""

    url: str
    client: aiohttp.ClientSession
    bank: Any
    """The sandbox's desk, which signs."""
    asked: list[str] = field(default_factory=list)

    async def send(self, headers: dict[str, str], body: bytes) -> int:
        async with self.client.post(self.url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status


@pytest.fixture
async def line(counter: Counter) -> AsyncIterator[Line]:
    payer = counter.payer("wechat_transfer")
    await payer.pay(ORDER)
    asked: list[str] = []

    async def ask(number: str) -> bool:
        asked.append(number)
        return True

    app = web.Application(client_max_size=64 * 1024)
    app.add_routes(notify_routes(payer, ask))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}{NOTIFY_PATH}"
    async with aiohttp.ClientSession() as client:
        yield Line(url, client, counter.sandbox.transfer, asked)
    await runner.cleanup()


async def test_genuine_notification_is_heard(line: Line) -> None:
    body = line.bank.notification(ORDER.order_no)
    assert await line.send(line.bank.signed(body), body) == 204
    assert line.asked == [ORDER.order_no]


async def test_spoilt_notification_is_refused(line: Line, fuzz: Fuzz) -> None:
    for _ in fuzz.rounds(sharing=2):
        body = line.bank.notification(ORDER.order_no)
        headers = line.bank.signed(body)
        if fuzz.chance.random() < 0.5:
            status = await line.send(headers, fuzz.spoilt(body))
        else:
            name = fuzz.pick([one for one in headers if not one.endswith("Type")])
            torn = "".join(one for one in fuzz.torn(headers[name]) if one not in "\r\n\0")
            if torn.strip() == headers[name]:
                continue
            status = await line.send(headers | {name: torn}, body)
        assert status in (400, 401)
    assert line.asked == []


async def test_genuine_nonsense_is_refused(line: Line, fuzz: Fuzz) -> None:
    """Even what the platform signs may be anything."""
    for _ in fuzz.rounds(sharing=2):
        body = fuzz.pick(
            (
                fuzz.spoilt(line.bank.notification(ORDER.order_no)),
                fuzz.text('{"resource": {"nonce": "', '"ciphertext": "AAAA"').encode(
                    errors="surrogatepass"
                ),
                b"[" * fuzz.chance.randint(1, 30_000),
            )
        )
        status = await line.send(line.bank.signed(body), body)
        assert status in (204, 401)
        assert status == 401 or line.asked.pop() == ORDER.order_no
    assert line.asked == []


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_body_is_refused(line: Line, text: str) -> None:
    body = text.encode(errors="surrogatepass")
    assert await line.send(line.bank.signed(body), body) == 401
    assert await line.send({}, body) == 401


async def test_huge_body_is_refused(line: Line) -> None:
    assert await line.send({}, b"{" * 100_000) == 413
