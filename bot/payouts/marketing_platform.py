"""The bank's marketing platform: signed JSON over HTTP, idempotent by order number.

    POST {url}/payouts                 {order_no, member, amount_fen, remark}
    GET  {url}/payouts/{order_no}
    GET  {url}/payouts?day=2026-11-23&after=…      the day's payments, by order number

Every request carries `X-Timestamp` (Unix seconds), `X-Nonce` and `X-Signature`: lower-case hex
HMAC-SHA-256 under the shared secret of method, path with query, timestamp and nonce, a line feed
after each, and the body. A POST also carries the order number as `Idempotency-Key`. Answers have
`status` (paid, failed, processing), or `error` beside an HTTP status of 400 and above.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from bot.clock import Clock
from bot.http import Answer, Http, NoAnswer, NotSent
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
from bot.settings import Settings

_ALARMS = {
    401: "营销平台不认我们的签名，请核对 QUNYUN_PAYOUT_SECRET 和服务器时间",
    403: "营销平台不许我们调用，请核对权限和出口 IP",
    409: "营销平台有同号的订单，内容却不同，请与平台核对",
}
_REFUSALS = (400, 422)
"""Answers that say: this order is wrong in itself, nothing was accepted."""
_MOST_PAGES = 1000


class MarketingPlatform:
    """Pays through the bank's own platform."""

    name: ClassVar[str] = "marketing_platform"
    automatic: ClassVar[bool] = True
    merchant: ClassVar[tuple[str, ...]] = ()
    secrets: ClassVar[tuple[str, ...]] = ("QUNYUN_PAYOUT_SECRET",)

    def __init__(self, settings: Settings, http: Http, clock: Clock) -> None:
        self._url = settings.payout_url
        self._secret = settings.payout_secret.encode()
        self._http = http
        self._clock = clock

    async def pay(self, order: Order) -> Outcome:
        """The same order may be sent again: the platform pays it once."""
        body = json.dumps(
            {
                "order_no": order.order_no,
                "member": order.member,
                "amount_fen": order.amount_fen,
                "remark": order.remark,
            },
            ensure_ascii=False,
        ).encode()
        outcome = await self._ask("POST", f"{self._url}/payouts", order.order_no, body)
        if isinstance(outcome, NeverSeen):
            return Uncertain("平台说没有这笔订单")
        if isinstance(outcome, Failed) and order.first_sent is not None:
            # What was sent before may yet arrive: only a query ends it.
            return Uncertain(f"再次提交时被拒绝（{outcome.reason}），请与平台核对", alarm=True)
        return outcome

    async def query(self, order_no: str) -> Outcome | NeverSeen:
        """What the platform knows of an order."""
        return await self._ask("GET", f"{self._url}/payouts/{order_no}", order_no)

    async def statement(self, day: date, orders: Sequence[str]) -> list[PaidLine]:
        """The platform's own list of the day, whatever we know of. Raises NoStatement."""
        lines: list[PaidLine] = []
        after = ""
        for _ in range(_MOST_PAGES):
            query = urlencode({"day": day.isoformat(), "after": after})
            try:
                answer = await self._send("GET", f"{self._url}/payouts?{query}")
            except (NotSent, NoAnswer) as error:
                raise NoStatement(str(error)) from error
            page, after = _page(answer)
            lines += page
            if not after:
                return lines
        raise NoStatement("平台的对账单没有尽头")

    async def _ask(
        self, method: str, url: str, order_no: str, body: bytes = b""
    ) -> Outcome | NeverSeen:
        try:
            answer = await self._send(method, url, body, order_no if body else "")
        except (NotSent, NoAnswer) as error:
            return Uncertain(str(error))
        return _read(answer, order_no)

    async def _send(
        self, method: str, url: str, body: bytes = b"", idempotency_key: str = ""
    ) -> Answer:
        timestamp = str(int(self._clock.now().timestamp()))
        nonce = self._clock.entropy(16).hex()
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        signed = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body
        headers = {
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": hmac.new(self._secret, signed, hashlib.sha256).hexdigest(),
        }
        if body:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        return await self._http.request(method, url, content=body or None, headers=headers)


def _read(answer: Answer, order_no: str) -> Outcome | NeverSeen:
    """What an answer proves. One that is not the platform's own, of a gateway say, proves
    nothing; nor does one about another order."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return Uncertain(f"平台的答复看不懂（HTTP {answer.status}）")
    if answer.status >= 400:
        return _refused(answer.status, said)
    if said.get("order_no", order_no) != order_no:
        return Uncertain("平台答的是另一笔订单，请与平台核对", alarm=True)
    status = said.get("status")
    if status == "paid":
        return Paid(str(said.get("receipt", "")), _fen(said.get("amount_fen")))
    if status == "failed":
        return Failed(str(said.get("reason", "平台拒绝")))
    if status == "processing":
        return Waiting("平台正在处理")
    return Uncertain(f"平台的答复看不懂（HTTP {answer.status}）")


def _refused(status: int, said: dict[str, Any]) -> Outcome | NeverSeen:
    error = said.get("error")
    if status == 404 and error == "not_found":
        return NeverSeen()
    if status in _ALARMS:
        return Uncertain(f"{_ALARMS[status]}（HTTP {status}）", alarm=True)
    if status in _REFUSALS and isinstance(error, str) and error:
        return Failed(str(said.get("reason", f"平台拒绝：{error}")))
    return Uncertain(f"平台出错（HTTP {status}）")


def _page(answer: Answer) -> tuple[list[PaidLine], str]:
    """A page of the statement, and the number after which the next one begins."""
    try:
        said = answer.json()
        if answer.status != 200:
            raise ValueError(answer.status)
        lines = [
            PaidLine(
                str(one["order_no"]),
                int(one["amount_fen"]),
                datetime.fromisoformat(one["paid_at"]),
                str(one.get("receipt", "")),
            )
            for one in said["payouts"]
        ]
        return lines, str(said.get("next") or "")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoStatement(f"平台的对账单读不了（HTTP {answer.status}）") from error


def _fen(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


PAYER = MarketingPlatform
