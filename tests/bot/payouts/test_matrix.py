"""Every payer under every fault: what is said on the way, and how often money moved."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.payer import Failed, NeverSeen, Order, Paid, Uncertain, Waiting

ORDER = Order("QY20261123000000000000000001", "wm1", 188, "骰子红包")
PLATFORM, PACKET, TRANSFER = "marketing_platform", "wecom_redpacket", "wechat_transfer"

BUSY = Waiting("平台正在处理")
SENT = Waiting("红包已发出，等成员领取")
CONFIRM = Waiting("等成员在微信里确认收款", "package-QY20261123000000000000000001")
TOLD = Waiting("等成员在微信里确认收款")
UNKNOWN = Uncertain("微信支付正在处理")
WORKING = Waiting("微信支付正在处理")
LOST = Uncertain("127.0.0.1 没有给出完整的答复（ConnectTimeout: Server disconnected）")
ASTRAY = Uncertain("微信支付出错（HTTP 504）")
DOWN = Uncertain("微信支付出错（HTTP 503）")
PLATFORM_PAID = Paid("", 188)
PACKET_PAID = Paid("14552846624678925660", 188)
TRANSFER_PAID = Paid("133003472328296227680305", 188)
CHECK = "请到商户平台核对"

MATRIX: dict[tuple[str, str], tuple[list[Any], int]] = {
    (PLATFORM, ""): ([PLATFORM_PAID], 1),
    (PACKET, ""): ([SENT, PACKET_PAID], 1),
    (TRANSFER, ""): ([CONFIRM, TRANSFER_PAID], 1),
    # Time-out after success.
    (PLATFORM, "payer_cut"): ([LOST, PLATFORM_PAID], 1),
    (PACKET, "payer_cut"): ([LOST, PACKET_PAID], 1),
    (TRANSFER, "payer_cut"): ([LOST, TRANSFER_PAID], 1),
    # 5xx, nothing done.
    (PLATFORM, "payer_down"): ([Uncertain("平台的答复看不懂（HTTP 503）"), PLATFORM_PAID], 1),
    (PACKET, "payer_down"): ([DOWN, SENT, PACKET_PAID], 1),
    (TRANSFER, "payer_down"): ([DOWN, CONFIRM, TRANSFER_PAID], 1),
    # Slow.
    (PLATFORM, "payer_processing"): ([BUSY, PLATFORM_PAID], 1),
    (PACKET, "payer_processing"): (
        [UNKNOWN, Waiting("微信支付正在发放"), PACKET_PAID],
        1,
    ),
    (TRANSFER, "payer_processing"): ([WORKING, TRANSFER_PAID], 1),
    # PROCESSING for ever.
    (PLATFORM, "payer_stuck"): ([BUSY], 0),
    (PACKET, "payer_stuck"): ([UNKNOWN, Waiting("微信支付正在发放")], 0),
    (TRANSFER, "payer_stuck"): ([WORKING], 0),
    # Accepted, answered 504, not found for ten minutes; found paid when sent again.
    (PLATFORM, "payer_late"): ([Uncertain("平台的答复看不懂（HTTP 504）"), PLATFORM_PAID], 1),
    (PACKET, "payer_late"): ([ASTRAY, SENT, PACKET_PAID], 1),
    (TRANSFER, "payer_late"): ([ASTRAY, CONFIRM, TRANSFER_PAID], 1),
    # Another amount in their books: paid once, and never taken for ours.
    (PLATFORM, "payer_wrong_amount"): ([Paid("", 189)], 1),
    (PACKET, "payer_wrong_amount"): (
        [
            Uncertain(f"微信支付答的是另一笔红包，{CHECK}", alarm=True),
            Paid(PACKET_PAID.receipt, 189),
        ],
        1,
    ),
    (TRANSFER, "payer_wrong_amount"): ([CONFIRM, Paid(TRANSFER_PAID.receipt, 189)], 1),
    # Refused for good.
    (PLATFORM, "payer_refused"): ([Failed("客户账户不能入账")], 0),
    (PACKET, "payer_refused"): ([Failed("微信支付发放失败")], 0),
    (TRANSFER, "payer_refused"): ([Failed("成员的微信收款账号异常")], 0),
    # Nobody takes it.
    (PLATFORM, "payer_untaken"): ([PLATFORM_PAID], 1),
    (PACKET, "payer_untaken"): (
        [
            SENT,
            Waiting("红包没有人领，正在退回"),
            Failed("成员 24 小时内没有领取，红包已退回", returned=True),
        ],
        0,
    ),
    (TRANSFER, "payer_untaken"): (
        [
            CONFIRM,
            TOLD,
            Waiting("成员 24 小时内没有确认，正在撤销转账"),
            Failed("成员 24 小时内没有确认，转账已撤销", returned=True),
        ],
        0,
    ),
    # Our signature is not believed: an alarm, and the order waits for its mending.
    (PLATFORM, "payer_bad_signature"): (
        [
            Uncertain(
                "营销平台不认我们的签名，请核对 QUNYUN_PAYOUT_SECRET 和服务器时间（HTTP 401）",
                alarm=True,
            ),
            PLATFORM_PAID,
        ],
        1,
    ),
    (PACKET, "payer_bad_signature"): (
        [
            Uncertain(
                "微信支付不认签名，请核对 QUNYUN_PAYOUT_SECRET 和 QUNYUN_PAYOUT_APP_SECRET"
                "（SIGN_ERROR）",
                alarm=True,
            ),
            SENT,
            PACKET_PAID,
        ],
        1,
    ),
    (TRANSFER, "payer_bad_signature"): (
        [
            Uncertain("微信支付不认签名，请核对商户私钥、证书和服务器时间（HTTP 401）", alarm=True),
            CONFIRM,
            TRANSFER_PAID,
        ],
        1,
    ),
    # An answer that somebody else signed.
    (PLATFORM, "payer_forged_answer"): ([PLATFORM_PAID], 1),
    (PACKET, "payer_forged_answer"): ([SENT, PACKET_PAID], 1),
    (TRANSFER, "payer_forged_answer"): (
        [Uncertain("微信支付的答复不可信：签名不符", alarm=True), TRANSFER_PAID],
        1,
    ),
    # Certificates that are over.
    (PLATFORM, "payer_old_certificate"): ([PLATFORM_PAID], 1),
    (PACKET, "payer_old_certificate"): (
        [
            Uncertain("微信支付不认商户证书，请核对证书文件和有效期（CA_ERROR）", alarm=True),
            SENT,
            PACKET_PAID,
        ],
        1,
    ),
    (TRANSFER, "payer_old_certificate"): (
        [
            Uncertain(
                "微信支付的答复不可信：签名用的是另一把平台密钥，请核对 platform_key", alarm=True
            ),
            TRANSFER_PAID,
        ],
        1,
    ),
    (PLATFORM, "payer_notify_twice"): ([PLATFORM_PAID], 1),
    (PACKET, "payer_notify_twice"): ([SENT, PACKET_PAID], 1),
    (TRANSFER, "payer_notify_twice"): ([CONFIRM, TRANSFER_PAID], 1),
}
FAULTS = sorted({fault for _, fault in MATRIX})


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [PLATFORM, PACKET, TRANSFER])
async def test_fault_costs_nothing(counter: Any, name: str, fault: str) -> None:
    if fault:
        counter.sandbox.faults.set(fault, 1)
    outcomes, payments = MATRIX[name, fault]
    assert await counter.follow(counter.payer(name), ORDER) == outcomes
    orders = counter.purse(name).orders
    assert {number: one.payments for number, one in orders.items()} == {ORDER.order_no: payments}
    assert counter.purse(name).paid_fen == 188 * payments


@pytest.mark.parametrize("name", [PLATFORM, PACKET, TRANSFER])
async def test_one_number_pays_once_however_often_it_is_sent(counter: Any, name: str) -> None:
    payer = counter.payer(name)
    for _ in range(3):
        await payer.pay(ORDER)
    await payer.pay(replace(ORDER, first_sent=counter.clock.now()))
    assert (len(counter.purse(name).orders), counter.purse(name).paid_fen) == (1, 188)


@pytest.mark.parametrize("name", [PLATFORM, PACKET, TRANSFER])
async def test_unknown_number_was_never_seen(counter: Any, name: str) -> None:
    assert await counter.payer(name).query(ORDER.order_no) == NeverSeen()


@pytest.mark.parametrize("name", [PLATFORM, PACKET, TRANSFER])
async def test_nobody_listening_proves_nothing(counter: Any, name: str) -> None:
    payer = counter.payer(name)
    await counter.sandbox.close()
    outcomes = [await payer.pay(ORDER), await payer.query(ORDER.order_no)]
    assert [type(one) for one in outcomes] == [Uncertain, Uncertain]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            PLATFORM,
            Uncertain("营销平台有同号的订单，内容却不同，请与平台核对（HTTP 409）", alarm=True),
        ),
        (PACKET, Uncertain(f"同一单号的内容和上次不同，{CHECK}（FATAL_ERROR）", alarm=True)),
        (
            TRANSFER,
            Uncertain(f"微信支付不接受这笔转账，{CHECK}（INVALID_REQUEST）", alarm=True),
        ),
    ],
)
async def test_same_number_with_another_amount_is_an_alarm(
    counter: Any, name: str, said: Uncertain
) -> None:
    payer = counter.payer(name)
    await payer.pay(ORDER)
    assert await payer.pay(replace(ORDER, amount_fen=189)) == said
    assert counter.purse(name).paid_fen == 188


@pytest.mark.parametrize("name", [PACKET, TRANSFER])
async def test_order_that_wechat_may_have_forgotten_is_not_sent_again(
    counter: Any, name: str
) -> None:
    sent = counter.clock.now() - timedelta(days=29)
    assert await counter.payer(name).pay(replace(ORDER, first_sent=sent)) == Uncertain(
        "发出已近 30 天仍没有结果，请到微信支付商户平台核对", alarm=True
    )
    assert counter.purse(name).orders == {}
