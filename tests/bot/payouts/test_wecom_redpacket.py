"""Red packets: signatures, limits, receivers, certificate, and a client that is not ours."""

import asyncio
import hashlib
import ssl
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from wechatpy.exceptions import WeChatPayException
from wechatpy.pay import WeChatPay
from wechatpy.pay.utils import calculate_signature

from bot.http import Http
from bot.payer import Failed, NoStatement, Order, Outcome, Paid, PaidLine, Uncertain, Waiting
from bot.payouts.wecom_redpacket import (
    WecomRedpacket,
    app_signature,
    merchant_signature,
    to_xml,
)

NAME = "wecom_redpacket"
ORDER = Order("QY20261123000000000000000001", "wm1", 188, "骰子红包")
SENT = Waiting("红包已发出，等成员领取")
DAY = date(2026, 11, 23)
FIELDS = {
    "act_name": "骰子红包",
    "mch_billno": "QY1",
    "mch_id": "1900000109",
    "nonce_str": "n" * 32,
    "re_openid": "o1",
    "total_amount": "188",
    "wxappid": "ww1",
    "wishing": "恭喜 <您> & 全家",
    "scene_id": "",
}


def test_merchant_signature_is_the_one_of_another_client() -> None:
    assert merchant_signature(FIELDS, "key") == calculate_signature(FIELDS, "key")


def test_app_signature_covers_seven_fields_in_their_order() -> None:
    joined = (
        "act_name=骰子红包&mch_billno=QY1&mch_id=1900000109&nonce_str=" + "n" * 32 + "&re_openid=o1"
        "&total_amount=188&wxappid=ww1&secret=s"
    )
    assert app_signature(FIELDS, "s") == hashlib.md5(joined.encode()).hexdigest().upper()


def test_xml_is_escaped() -> None:
    assert to_xml({"wishing": "a<b>&"}) == b"<xml><wishing>a&lt;b&gt;&amp;</wishing></xml>"


async def test_sender_is_the_application_or_a_name(counter: Any) -> None:
    by_app = counter.payer(NAME)
    by_name = counter.payer(NAME, sender="示例银行")
    assert await by_app.pay(ORDER) == SENT
    assert await by_name.pay(replace(ORDER, order_no="QY2")) == SENT
    assert list(counter.purse(NAME).orders) == [ORDER.order_no, "QY2"]


@pytest.mark.parametrize(
    ("fen", "scene", "outcome"),
    [
        (99, "", Uncertain("不到 1 元或超过 200 元的红包，要在 merchant 里写 scene", alarm=True)),
        (
            20001,
            "",
            Uncertain("不到 1 元或超过 200 元的红包，要在 merchant 里写 scene", alarm=True),
        ),
        (100, "", SENT),
        (20000, "", SENT),
        (30, "PRODUCT_1", SENT),
        (20001, "PRODUCT_8", SENT),
    ],
)
async def test_amount_outside_the_usual_needs_a_scene(
    counter: Any, fen: int, scene: str, outcome: Outcome
) -> None:
    payer = counter.payer(NAME, scene=scene)
    assert await payer.pay(replace(ORDER, amount_fen=fen)) == outcome


async def test_eleventh_packet_of_a_day_waits_for_the_next(counter: Any) -> None:
    payer = counter.payer(NAME)
    orders = [replace(ORDER, order_no=f"QY{number}") for number in range(11)]
    outcomes = [await payer.pay(one) for one in orders]
    tomorrow = Waiting("这位成员今天收的红包到了微信的上限，明天再发")
    assert outcomes == [*[SENT] * 10, tomorrow]
    assert await payer.pay(replace(ORDER, order_no="QYother", member="wm2")) == SENT
    await counter.clock.advance(timedelta(hours=15))
    assert await payer.pay(orders[10]) == SENT
    assert counter.purse(NAME).paid_fen == 12 * 188


async def test_thousand_yuan_a_day_is_the_most(counter: Any) -> None:
    payer = counter.payer(NAME)
    outcomes = [
        await payer.pay(replace(ORDER, order_no=f"QY{number}", amount_fen=20000))
        for number in range(6)
    ]
    assert outcomes == [*[SENT] * 5, Waiting("这位成员今天收的红包到了微信的上限，明天再发")]


@pytest.mark.parametrize(
    ("member", "outcome"),
    [
        (
            "wo1",
            Failed("这位客户不是个人微信用户，换不到微信支付的收款账号（企业微信错误码 41056）"),
        ),
        ("wm9", Failed("客户 ID 无效，或不属于本企业（企业微信错误码 40096）")),
    ],
)
@pytest.mark.parametrize("name", [NAME, "wechat_transfer"])
async def test_member_without_an_account(
    counter: Any, name: str, member: str, outcome: Failed
) -> None:
    order = replace(ORDER, member=member)
    payer = counter.payer(name)
    assert await payer.pay(order) == outcome
    # What was sent before may yet arrive, whatever became of the member since.
    again = await payer.pay(replace(order, first_sent=counter.clock.now()))
    assert again == Uncertain(outcome.reason, alarm=True)
    assert counter.purse(name).orders == {}


async def test_openid_is_the_members_and_is_not_kept(counter: Any) -> None:
    payer = counter.payer(NAME)
    await payer.pay(ORDER)
    openid = counter.sandbox.openids.of("wm1")
    assert counter.purse(NAME).orders[ORDER.order_no].member == openid
    assert openid not in repr(vars(payer))


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("read_down", Uncertain("企业微信的答复不是预期的 JSON（HTTP 503）")),
        (
            "untrusted_ip",
            Uncertain(
                "服务器的出口 IP 不在企业可信 IP 里：在自建应用里加上它，约一分钟后生效"
                "（企业微信错误码 60020）",
                alarm=True,
            ),
        ),
    ],
)
async def test_wecom_does_not_name_the_account(
    counter: Any, fault: str, outcome: Uncertain
) -> None:
    counter.sandbox.faults.set(fault, True if fault == "untrusted_ip" else 1)
    assert await counter.payer(NAME).pay(ORDER) == outcome


def packet(**more: str) -> str:
    fields = {"return_code": "SUCCESS", "result_code": "SUCCESS", "mch_billno": "QY1"} | more
    return "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items()) + "</xml>"


def alarm(text: str) -> Uncertain:
    return Uncertain(text, alarm=True)


UNKNOWN = "微信支付报了没见过的错误，请到商户平台核对"
OTHER = "微信支付答的是另一笔红包，请到商户平台核对"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (packet(result_code="FAIL", err_code="SYSTEMERROR"), Uncertain("微信支付系统繁忙")),
        (packet(result_code="FAIL", err_code="PROCESSING"), Uncertain("微信支付正在处理")),
        (packet(result_code="FAIL", err_code="SEND_FAILED"), Failed("微信支付发放失败")),
        (
            packet(result_code="FAIL", err_code="NOTENOUGH"),
            alarm("商户账户余额不足，请充值（NOTENOUGH）"),
        ),
        # WeChat Pay: an error code that you do not know is no reason to change the number.
        (packet(result_code="FAIL", err_code="BRAND_NEW"), alarm(f"{UNKNOWN}（BRAND_NEW）")),
        (packet(result_code="FAIL"), alarm(f"{UNKNOWN}（没有错误码）")),
        (
            "<xml><return_code>FAIL</return_code><return_msg>mch_id 错误</return_msg></xml>",
            alarm("微信支付没有受理：mch_id 错误"),
        ),
        ("<xml></xml>", alarm("微信支付没有受理：没有说明")),
        ("<html>Bad Gateway</html>", Uncertain("微信支付的答复看不懂")),
        ('<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', Uncertain("微信支付的答复看不懂")),
        ("", Uncertain("微信支付的答复看不懂")),
        (packet(status="RECEIVED", total_amount="188", detail_id="D"), Paid("D", 188)),
        (packet(status="SENT", total_amount="188"), SENT),
        (packet(status="RFUND_ING", total_amount="188"), Waiting("红包没有人领，正在退回")),
        (
            packet(status="REFUND", total_amount="188"),
            Failed("成员 24 小时内没有领取，红包已退回", returned=True),
        ),
        (
            packet(status="FAILED", total_amount="188", reason="账号异常"),
            Failed("微信支付发放失败：账号异常"),
        ),
        (
            packet(status="NEW", total_amount="188"),
            alarm("微信支付报了没见过的状态“NEW”，请核对"),
        ),
        (packet(status="RECEIVED", total_amount="188", mch_billno="QY2"), alarm(OTHER)),
        (packet(status="RECEIVED"), alarm(OTHER)),
        (packet(status="RECEIVED", total_amount="many"), alarm(OTHER)),
    ],
)
async def test_answer_to_a_query(
    counter: Any, plain_server: Any, answer: str, outcome: Outcome
) -> None:
    chosen = replace(counter.settings(NAME), payout_url=await plain_server(answer))
    assert await counter.payer(NAME, chosen).query("QY1") == outcome


async def test_statement_has_what_was_taken(counter: Any) -> None:
    payer = counter.payer(NAME)
    await payer.pay(ORDER)
    # Neither a packet that waits nor one at work hides what was paid.
    for fault, number in (("payer_untaken", "QY2"), ("payer_stuck", "QY3")):
        counter.sandbox.faults.set(fault, 1)
        await payer.pay(replace(ORDER, order_no=number))
    assert await payer.statement(DAY, [ORDER.order_no, "QY2", "QY3", "QY4"]) == [
        PaidLine(ORDER.order_no, 188, datetime(2026, 11, 23, 1, tzinfo=UTC), "14552846624678925660")
    ]
    counter.sandbox.faults.set("payer_bad_signature", 1)
    with pytest.raises(NoStatement, match=r"^QY3：微信支付不认签名"):
        await payer.statement(DAY, ["QY3"])


@pytest.mark.parametrize(
    ("with_certificate", "outcome"),
    [
        (True, SENT),
        (False, alarm("微信支付不认商户证书，请核对证书文件和有效期（CA_ERROR）")),
    ],
)
async def test_certificate_is_shown_over_tls(
    counter: Any, with_certificate: bool, outcome: Outcome
) -> None:
    authority = counter.account.authority
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(serving)
    serving.verify_mode = ssl.CERT_OPTIONAL
    authority.configure_trust(serving)
    port = await counter.sandbox.listen_tls(0, serving)
    chosen = replace(counter.settings(NAME), payout_url=f"https://localhost:{port}")
    assert chosen.merchant is not None
    tls = chosen.merchant.tls() if with_certificate else ssl.create_default_context()
    authority.configure_trust(tls)
    http = Http([counter.sandbox.url, chosen.payout_url], tls=tls)
    counter.https.append(http)
    assert await WecomRedpacket(chosen, http, counter.clock).pay(ORDER) == outcome


async def test_platform_with_an_unknown_certificate_is_not_spoken_to(counter: Any) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    counter.account.authority.issue_cert("localhost").configure_cert(serving)
    port = await counter.sandbox.listen_tls(0, serving)
    chosen = replace(counter.settings(NAME), payout_url=f"https://localhost:{port}")
    http = Http([counter.sandbox.url, chosen.payout_url], tls=chosen.merchant.tls())
    counter.https.append(http)
    outcome = await WecomRedpacket(chosen, http, counter.clock).pay(ORDER)
    assert (type(outcome), counter.purse(NAME).orders) == (Uncertain, {})


async def test_another_client_is_understood(counter: Any) -> None:
    """wechatpy signs and sends; our sandbox answers as it expects."""
    client = WeChatPay("ww1", counter.account.seed.api_key, "1900000109")
    client._http.trust_env = False
    openid = counter.sandbox.openids.of("wm1")
    fields = {
        "act_name": "活动",
        "mch_billno": "QY7",
        "mch_id": "1900000109",
        "nonce_str": "n" * 32,
        "re_openid": openid,
        "total_amount": 188,
        "wxappid": "ww1",
    }
    joined = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    secret = counter.account.seed.app_secret
    sign = hashlib.md5(f"{joined}&secret={secret}".encode()).hexdigest().upper()
    more = {"workwx_sign": sign, "agentid": 1000002, "wishing": "恭喜", "remark": "备注"}
    base = counter.sandbox.url

    def send(fields: dict[str, Any]) -> Any:
        return client.post(f"{base}/mmpaymkttransfers/sendworkwxredpack", data=dict(fields))

    sent = await asyncio.to_thread(send, fields | more)
    assert (sent["mch_billno"], sent["total_amount"]) == ("QY7", "188")
    with pytest.raises(WeChatPayException) as caught:
        await asyncio.to_thread(send, fields | more | {"workwx_sign": "0" * 32})
    assert caught.value.errcode == "SIGN_ERROR"
    query = {"mch_billno": "QY7", "appid": "ww1"}
    found = await asyncio.to_thread(
        lambda: client.post(f"{base}/mmpaymkttransfers/queryworkwxredpack", data=dict(query))
    )
    assert (found["status"], found["total_amount"]) == ("RECEIVED", "188")


async def test_no_account_no_payer(counter: Any) -> None:
    chosen = replace(counter.settings(NAME), merchant=None)
    with pytest.raises(ValueError, match="need a merchant account"):
        counter.payer(NAME, chosen)
