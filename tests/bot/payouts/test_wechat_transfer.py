"""Transfers: who signed what, notifications, cancelling, and an SDK that is not ours."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import wechatpayv3
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.clock import MovableClock
from bot.merchant import Merchant
from bot.pages.notify import notify_routes
from bot.payer import (
    Failed,
    Forged,
    NeverSeen,
    NoStatement,
    Notifies,
    Order,
    Outcome,
    Paid,
    PaidLine,
    Uncertain,
    Waiting,
)
from bot.sandbox.server import Sandbox
from bot.sandbox.transfer import Transfers
from bot.wechat_v3 import Seal

NAME = "wechat_transfer"
NUMBER = "QY20261123000000000000000001"
ORDER = Order(NUMBER, "wm1", 188, "骰子红包")
CONFIRM = Waiting("等成员在微信里确认收款", f"package-{NUMBER}")
PAID = Paid("133003472328296227680305", 188)
DAY = date(2026, 11, 23)


def merchant_of(counter: Any, **merchant: Any) -> Merchant:
    found = counter.settings(NAME, merchant).merchant
    assert isinstance(found, Merchant)
    return found


@pytest.mark.parametrize("fen", [9, 200_000])
async def test_amount_that_cannot_be_transferred_fails_at_once(counter: Any, fen: int) -> None:
    payer = counter.payer(NAME)
    assert await payer.pay(replace(ORDER, amount_fen=fen)) == Failed(
        "微信转账每笔只能是 0.10 元到 1,999.99 元"
    )
    assert counter.purse(NAME).orders == {}


async def test_end_is_believed_of_a_query_only(counter: Any) -> None:
    """Sent again after its end, the order is asked about: only a query says how much it was."""
    payer = counter.payer(NAME)
    assert await payer.pay(ORDER) == CONFIRM
    counter.sandbox.transfer.orders[NUMBER].accepted_at -= timedelta(seconds=1)
    assert await payer.pay(replace(ORDER, first_sent=counter.clock.now())) == PAID


async def test_transfer_not_confirmed_is_cancelled_after_a_day(counter: Any) -> None:
    counter.sandbox.faults.set("payer_untaken", 1)
    payer = counter.payer(NAME)
    await payer.pay(ORDER)
    found: list[Any] = []
    for span in (timedelta(hours=23, minutes=59), timedelta(minutes=1), timedelta(0)):
        await counter.clock.advance(span)
        found.append(await payer.query(NUMBER))
    await counter.clock.advance(timedelta(minutes=1))
    found.append(await payer.query(NUMBER))
    assert found == [
        Waiting("等成员在微信里确认收款"),
        Waiting("成员 24 小时内没有确认，正在撤销转账"),
        Waiting("正在撤销转账"),
        Failed("成员 24 小时内没有确认，转账已撤销", returned=True),
    ]


async def test_statement_has_what_arrived(counter: Any) -> None:
    payer = counter.payer(NAME)
    await payer.pay(ORDER)
    # Neither an order that waits nor one at work hides what was paid.
    for fault, number in (("payer_untaken", "QY2"), ("payer_stuck", "QY3")):
        counter.sandbox.faults.set(fault, 1)
        await payer.pay(replace(ORDER, order_no=number))
    assert await payer.statement(DAY, [NUMBER, "QY2", "QY3", "QY4"]) == [
        PaidLine(NUMBER, 188, datetime(2026, 11, 23, 1, tzinfo=UTC), PAID.receipt)
    ]
    counter.sandbox.faults.set("payer_forged_answer", 1)
    with pytest.raises(NoStatement) as caught:
        await payer.statement(DAY, [NUMBER])
    assert str(caught.value) == f"{NUMBER}：微信支付的答复不可信：签名不符"


# what is signed


def signed_by_platform(counter: Any, body: bytes) -> dict[str, str]:
    """Headers in lower case, as the platform would send them now."""
    headers = counter.sandbox.transfer.signed(body)
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"wechatpay-serial": "0" * 40}, "签名用的是另一把平台密钥，请核对 platform_key"),
        ({"wechatpay-serial": ""}, "签名用的是另一把平台密钥，请核对 platform_key"),
        ({"wechatpay-timestamp": "1795395299"}, "时间戳相差 5 分钟以上"),
        ({"wechatpay-timestamp": "1795395901"}, "时间戳相差 5 分钟以上"),
        ({"wechatpay-timestamp": "1795395601"}, "签名不符"),
        ({"wechatpay-timestamp": "soon"}, "没有时间戳"),
        ({"wechatpay-timestamp": "١٢٣"}, "没有时间戳"),
        ({"wechatpay-nonce": "another"}, "签名不符"),
        ({"wechatpay-signature": base64.b64encode(bytes(256)).decode()}, "签名不符"),
        ({"wechatpay-signature": "!"}, "签名不符"),
        ({"wechatpay-signature": "中文"}, "签名不符"),
    ],
)
async def test_message_that_the_platform_did_not_sign_now(
    counter: Any, changes: dict[str, str], reason: str
) -> None:
    seal = Seal(merchant_of(counter), counter.account.seed.api_v3_key, counter.clock)
    headers = signed_by_platform(counter, b"{}")
    seal.check(headers, b"{}")
    with pytest.raises(Forged) as caught:
        seal.check(headers | changes, b"{}")
    assert str(caught.value) == reason
    with pytest.raises(Forged):
        seal.check(headers, b"{ }")


@pytest.mark.parametrize(("days", "reason"), [(0, ""), (400_000, "平台证书已过期")])
async def test_certificate_of_the_platform_has_an_end(
    counter: Any, platform_serial: str, days: int, reason: str
) -> None:
    entry = {"platform_key": "platform_cert.pem", "platform_key_id": ""}
    merchant = merchant_of(counter, **entry)
    assert merchant.platform is not None
    assert merchant.platform.serial == platform_serial
    headers = signed_by_platform(counter, b"{}") | {"wechatpay-serial": platform_serial}
    late = MovableClock(counter.clock.now() + timedelta(days=days))
    seal = Seal(merchant, counter.account.seed.api_v3_key, late)
    if not reason:
        assert seal.check(headers, b"{}") is None
        return
    with pytest.raises(Forged, match=reason):
        seal.check(headers, b"{}")


ANSWERED: list[tuple[int, Any, Outcome | NeverSeen]] = [
    (200, {"out_bill_no": "QY1", "state": "ACCEPTED"}, Waiting("微信支付正在处理")),
    (200, {"out_bill_no": "QY1", "state": "TRANSFERING"}, Waiting("微信支付正在处理")),
    (
        200,
        {"out_bill_no": "QY1", "state": "FAIL", "fail_reason": "ACCOUNT_FROZEN"},
        Failed("成员的微信账号被冻结"),
    ),
    (200, {"out_bill_no": "QY1", "state": "FAIL"}, Failed("微信支付转账失败：没有说明")),
    (
        200,
        {"out_bill_no": "QY1", "state": "NEW"},
        Uncertain("微信支付报了没见过的状态“NEW”，请核对", alarm=True),
    ),
    (
        200,
        {"out_bill_no": "QY2", "state": "SUCCESS"},
        Uncertain("微信支付答的是另一笔转账，请到商户平台核对", alarm=True),
    ),
    (
        200,
        {"out_bill_no": "QY1", "state": "SUCCESS"},
        Uncertain("微信支付没有说金额，请到商户平台核对", alarm=True),
    ),
    (200, ["SUCCESS"], Uncertain("微信支付的答复看不懂")),
    (404, {"code": "NOT_FOUND"}, NeverSeen()),
    (
        404,
        {"code": "NO_SUCH_PATH"},
        Uncertain("微信支付报了没见过的错误，请到商户平台核对（NO_SUCH_PATH）", alarm=True),
    ),
    (429, {"code": "FREQUENCY_LIMITED"}, Uncertain("发得太快，微信支付要求慢一些")),
    (
        403,
        {"code": "NOT_ENOUGH"},
        Uncertain("商户账户余额不足，请充值（NOT_ENOUGH）", alarm=True),
    ),
    (500, {"code": "SYSTEM_ERROR"}, Uncertain("微信支付出错（HTTP 500）")),
]


@asynccontextmanager
async def listening(*routes: web.RouteDef) -> AsyncIterator[str]:
    """A server on loopback; its address."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(("status", "answer", "outcome"), ANSWERED)
async def test_signed_answer(counter: Any, status: int, answer: Any, outcome: Outcome) -> None:
    async def handle(request: web.Request) -> web.Response:
        text = json.dumps(answer)
        headers = counter.sandbox.transfer.signed(text.encode())
        return web.Response(status=status, text=text, headers=headers)

    async with listening(web.get("/{path:.*}", handle)) as url:
        chosen = replace(counter.settings(NAME), payout_url=url)
        assert await counter.payer(NAME, chosen).query("QY1") == outcome


async def test_not_found_that_nobody_signed_proves_nothing(counter: Any) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response({"code": "NOT_FOUND"}, status=404)

    async with listening(web.get("/{path:.*}", handle)) as url:
        chosen = replace(counter.settings(NAME), payout_url=url)
        assert await counter.payer(NAME, chosen).query("QY1") == Uncertain(
            "微信支付的答复不可信：签名用的是另一把平台密钥，请核对 platform_key", alarm=True
        )


# notifications


@asynccontextmanager
async def notified(counter: Any, asked: list[str]) -> AsyncIterator[tuple[Any, str]]:
    """Our page for notifications, and a payer whose orders name it."""

    async def ask(number: str) -> bool:
        asked.append(number)
        return len(asked) == 1

    async def handle(request: web.Request) -> web.StreamResponse:
        (route,) = notify_routes(payer, ask)
        response: web.StreamResponse = await route.handler(request)
        return response

    async with listening(web.post("/payouts/notify", handle)) as url:
        payer = counter.payer(NAME, counter.settings(NAME, listen={"public": url}))
        yield payer, f"{url}/payouts/notify"


async def test_end_is_told_and_asked_about(counter: Any) -> None:
    asked: list[str] = []
    async with notified(counter, asked) as (payer, _):
        assert await payer.pay(ORDER) == CONFIRM
        await counter.sandbox.settle()
        assert (asked, await payer.query(NUMBER)) == ([NUMBER], PAID)
        assert counter.sandbox.transfer.notified == [(NUMBER, 204)]


async def test_notification_twice_and_out_of_order_pays_once(counter: Any) -> None:
    asked: list[str] = []
    other = replace(ORDER, order_no="QY2")
    async with notified(counter, asked) as (payer, _):
        counter.sandbox.faults.set("payer_notify_twice", 2)
        for order in (ORDER, other):
            await payer.pay(order)
        await counter.sandbox.settle()
        counter.sandbox.transfer.tell(NUMBER)
        await counter.sandbox.settle()
        assert sorted(asked) == ["QY2", "QY2", NUMBER, NUMBER, NUMBER]
        assert await payer.query(NUMBER) == PAID
    assert counter.purse(NAME).paid_fen == 2 * 188


def sealed(counter: Any, plain: bytes, key: str = "", **changes: Any) -> bytes:
    key = key or counter.account.seed.api_v3_key
    ciphertext = AESGCM(key.encode()).encrypt(b"n" * 12, plain, b"")
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": "n" * 12,
        "ciphertext": base64.b64encode(ciphertext).decode(),
        **changes,
    }
    return json.dumps({"resource": resource}).encode()


GOOD = b'{"mchid": "1900000109", "out_bill_no": "QY1"}'


async def test_genuine_notification_names_its_order(counter: Any) -> None:
    payer = counter.payer(NAME)
    body = sealed(counter, GOOD)
    assert isinstance(payer, Notifies)
    assert payer.notified(signed_by_platform(counter, body), body) == "QY1"


@pytest.mark.parametrize(
    ("plain", "changes", "reason"),
    [
        (GOOD, {"key": "k" * 32}, "通知解不开，请核对 APIv3 密钥"),
        (GOOD, {"algorithm": "AES"}, "通知的加密方式看不懂"),
        (GOOD, {"nonce": "short"}, "通知的加密方式看不懂"),
        (GOOD, {"ciphertext": "!"}, "通知的格式不对"),
        (GOOD, {"ciphertext": 5}, "通知的格式不对"),
        (b"[]", {}, "通知的格式不对"),
        (b"not json", {}, "通知的格式不对"),
        (b'{"mchid": "1", "out_bill_no": "QY1"}', {}, "通知里没有我们的转账单号"),
        (b'{"mchid": "1900000109"}', {}, "通知里没有我们的转账单号"),
        (
            b'{"mchid": "1900000109", "out_bill_no": "../QY1"}',
            {},
            "通知里没有我们的转账单号",
        ),
    ],
)
async def test_notification_that_cannot_be_read(
    counter: Any, plain: bytes, changes: dict[str, Any], reason: str
) -> None:
    body = sealed(counter, plain, **changes)
    with pytest.raises(Forged) as caught:
        counter.payer(NAME).notified(signed_by_platform(counter, body), body)
    assert str(caught.value) == reason


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b"[" * 10_000])
async def test_signed_rubbish_is_refused(counter: Any, body: bytes) -> None:
    with pytest.raises(Forged, match="通知的格式不对"):
        counter.payer(NAME).notified(signed_by_platform(counter, body), body)


async def test_forged_notification_is_answered_401_and_asks_nothing(counter: Any) -> None:
    asked: list[str] = []
    async with (
        notified(counter, asked) as (_, url),
        ClientSession() as session,
        session.post(url, data=sealed(counter, GOOD)) as response,
    ):
        answer = response.status, await response.json()
    assert (answer, asked) == ((401, {"code": "FAIL", "message": "签名或内容不对"}), [])


async def test_payer_that_tells_nothing_has_no_page(counter: Any) -> None:
    async def ask(number: str) -> bool:
        return True

    found = [
        notify_routes(counter.payer(name), ask)
        for name in ("manual", "marketing_platform", "wecom_redpacket")
    ]
    assert found == [[], [], []]


# an SDK that is not ours


@pytest.fixture
async def real_time(counter: Any) -> AsyncIterator[Sandbox]:
    """The same merchant's sandbox on the machine's clock, which the SDK reads."""
    sandbox = Sandbox(MovableClock(running=True), counter.sandbox.seed)
    await sandbox.start()
    yield sandbox
    await sandbox.close()


async def test_sdk_is_understood_and_understands(
    counter: Any, real_time: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder, seed = counter.account.folder, counter.account.seed
    merchant = merchant_of(counter)
    client = wechatpayv3.WeChatPay(
        wechatpay_type=wechatpayv3.WeChatPayType.JSAPI,
        mchid=seed.id,
        private_key=(folder / "apiclient_key.pem").read_text(),
        cert_serial_no=merchant.serial,
        apiv3_key=seed.api_v3_key,
        appid="ww1",
        notify_url=real_time.url + "/nowhere",
        public_key=(folder / "pub_key.pem").read_text(),
        public_key_id=seed.platform_serial,
    )
    client._core._gate_way = real_time.url
    report = [{"info_type": "活动名称", "info_content": "新会员有礼"}]
    sent = await asyncio.to_thread(
        lambda: client.mch_transfer_bills(
            out_bill_no="QY1",
            transfer_scene_id="1000",
            openid=real_time.openids.of("wm1"),
            transfer_amount=188,
            transfer_remark="骰子红包",
            transfer_scene_report_infos=report,
        )
    )
    found = await asyncio.to_thread(lambda: client.mch_transfer_bills_query(out_bill_no="QY1"))
    assert (sent[0], json.loads(sent[1])["state"]) == (200, "WAIT_USER_CONFIRM")
    assert (found[0], json.loads(found[1])["state"]) == (200, "SUCCESS")
    transfer = real_time.transfer
    assert isinstance(transfer, Transfers)
    body = transfer.notification("QY1")
    told = client.callback(transfer.signed(body), body)
    assert (told["resource"]["out_bill_no"], told["resource"]["state"]) == ("QY1", "SUCCESS")
