"""The bank's platform: what is signed, what an answer proves, the statement of a day."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.payer import (
    Failed,
    NeverSeen,
    NoStatement,
    Order,
    Outcome,
    Paid,
    PaidLine,
    Uncertain,
    Waiting,
)
from bot.payouts.marketing_platform import MarketingPlatform
from bot.sandbox import payer as platform
from tests.house import at

ORDER = Order("QY1", "wm1", 188, "骰子红包")
DAY = date(2026, 11, 23)


def payer_of(counter: Any, canned: Any) -> Any:
    chosen = replace(counter.settings("marketing_platform"), payout_url=canned.url)
    return counter.payer("marketing_platform", chosen)


def unclear(status: int) -> Uncertain:
    return Uncertain(f"平台出错（HTTP {status}）")


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (200, {"status": "paid", "receipt": "R1"}, Paid("R1")),
        (200, {"status": "paid", "amount_fen": 187}, Paid("", 187)),
        (200, {"status": "paid", "amount_fen": True}, Paid("", None)),
        (200, {"status": "paid", "order_no": "QY1"}, Paid()),
        (
            200,
            {"status": "paid", "order_no": "QY2"},
            Uncertain("平台答的是另一笔订单，请与平台核对", alarm=True),
        ),
        (200, {"status": "failed", "reason": "账户冻结"}, Failed("账户冻结")),
        (200, {"status": "failed"}, Failed("平台拒绝")),
        (200, {"status": "processing"}, Waiting("平台正在处理")),
        (200, {}, Uncertain("平台的答复看不懂（HTTP 200）")),
        (200, ["paid"], Uncertain("平台的答复看不懂（HTTP 200）")),
        (400, {"error": "bad_request"}, Failed("平台拒绝：bad_request")),
        (422, {"error": "refused", "reason": "客户已销户"}, Failed("客户已销户")),
        # A gateway's refusal is not the platform's.
        (400, {}, unclear(400)),
        (404, {"error": "not_found"}, Uncertain("平台说没有这笔订单")),
        (404, {"error": "no route"}, unclear(404)),
        (429, {"error": "slow"}, unclear(429)),
        (500, {"status": "paid"}, unclear(500)),
        (
            401,
            {"error": "bad_signature"},
            Uncertain(
                "营销平台不认我们的签名，请核对 QUNYUN_PAYOUT_SECRET 和服务器时间（HTTP 401）",
                alarm=True,
            ),
        ),
        (
            403,
            {},
            Uncertain("营销平台不许我们调用，请核对权限和出口 IP（HTTP 403）", alarm=True),
        ),
    ],
)
async def test_answer_to_an_order(
    counter: Any, canned: Any, status: int, answer: Any, outcome: Outcome
) -> None:
    canned.answers = [(status, answer)]
    assert await payer_of(counter, canned).pay(ORDER) == outcome


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (200, {"status": "paid", "amount_fen": 188}, Paid("", 188)),
        (200, {"status": "failed"}, Failed("平台拒绝")),
        (404, {"error": "not_found"}, NeverSeen()),
        (404, {"error": "no route"}, unclear(404)),
        (502, {}, unclear(502)),
    ],
)
async def test_answer_to_a_query(
    counter: Any, canned: Any, status: int, answer: Any, outcome: Outcome | NeverSeen
) -> None:
    canned.answers = [(status, answer)]
    assert await payer_of(counter, canned).query("QY1") == outcome


async def test_refusal_of_what_was_sent_before_is_no_end(counter: Any, canned: Any) -> None:
    canned.answers = [(422, {"error": "refused", "reason": "客户已销户"})]
    again = replace(ORDER, first_sent=at("11-22 09:00"))
    assert await payer_of(counter, canned).pay(again) == Uncertain(
        "再次提交时被拒绝（客户已销户），请与平台核对", alarm=True
    )


class Recorder:
    """Stands where the client stands, and keeps what would be sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes | None, dict[str, str]]] = []

    async def request(self, method: str, url: str, **more: Any) -> Any:
        from bot.http import Answer

        self.sent.append((method, url, more.get("content"), dict(more["headers"])))
        return Answer(200, b'{"payouts": [], "status": "processing"}')


async def test_signature_covers_method_path_time_nonce_and_body(counter: Any) -> None:
    recorder, chosen = Recorder(), counter.settings("marketing_platform")
    payer = MarketingPlatform(chosen, recorder, counter.clock)  # type: ignore[arg-type]
    await payer.pay(ORDER)
    await payer.query("QY1")
    await payer.statement(DAY, [])
    found = []
    for method, url, body, headers in recorder.sent:
        path = url.removeprefix(counter.sandbox.url)
        stamp, nonce = headers["X-Timestamp"], headers["X-Nonce"]
        signed = f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + (body or b"")
        expected = hmac.new(b"payer-secret", signed, hashlib.sha256).hexdigest()
        key = headers.get("Idempotency-Key", "")
        found.append((method, path, stamp, headers["X-Signature"] == expected, key))
    assert found == [
        ("POST", "/marketing/payouts", "1795395600", True, "QY1"),
        ("GET", "/marketing/payouts/QY1", "1795395600", True, ""),
        ("GET", "/marketing/payouts?day=2026-11-23&after=", "1795395600", True, ""),
    ]
    assert len({headers["X-Nonce"] for *_, headers in recorder.sent}) == 3


async def test_statement_has_every_page(counter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "PAGE", 2)
    payer = counter.payer("marketing_platform")
    for number in range(5):
        await payer.pay(replace(ORDER, order_no=f"QY{number}", amount_fen=100 + number))
    paid_at = datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert await payer.statement(DAY, []) == [
        PaidLine(f"QY{number}", 100 + number, paid_at) for number in range(5)
    ]
    assert await payer.statement(DAY - timedelta(days=1), ["QY1"]) == []


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (401, {"error": "bad_signature"}, "平台的对账单读不了（HTTP 401）"),
        (200, {"payouts": [{"order_no": "QY1"}]}, "平台的对账单读不了（HTTP 200）"),
        (200, {"payouts": [], "next": "QY1"}, "平台的对账单没有尽头"),
    ],
)
async def test_statement_that_cannot_be_had(
    counter: Any, canned: Any, status: int, answer: Any, reason: str
) -> None:
    canned.answers = [(status, answer)]
    with pytest.raises(NoStatement) as caught:
        await payer_of(counter, canned).statement(DAY, [])
    assert str(caught.value) == reason
