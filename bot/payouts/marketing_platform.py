"""The bank's marketing platform: signed JSON over HTTP, idempotent by order number.

`POST {url}/payouts` with `X-Signature` = hex HMAC-SHA-256 of the body under the shared secret;
`GET {url}/payouts/{order_no}`. Answers carry `status`: paid, failed, processing; an order that
the platform does not know is a 404 with `error`: not_found.
"""

import hashlib
import hmac
import json
from typing import ClassVar

from bot.http import Answer, Http, NoAnswer, NotSent
from bot.payer import Failed, NeverSeen, Order, Paid, Uncertain
from bot.settings import Settings


class MarketingPlatform:
    """Pays through the bank's own platform."""

    name: ClassVar[str] = "marketing_platform"
    automatic: ClassVar[bool] = True

    def __init__(self, settings: Settings, http: Http) -> None:
        self._url = settings.payout_url
        self._secret = settings.payout_secret.encode()
        self._http = http

    async def pay(self, order: Order) -> Paid | Failed | Uncertain:
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
        try:
            answer = await self._http.request(
                "POST", f"{self._url}/payouts", content=body, headers=self._signed(body)
            )
        except (NotSent, NoAnswer) as error:
            return Uncertain(str(error))
        outcome = _read(answer)
        return Uncertain("平台说没有这笔订单") if isinstance(outcome, NeverSeen) else outcome

    async def query(self, order_no: str) -> Paid | Failed | Uncertain | NeverSeen:
        """What the platform knows of an order."""
        try:
            answer = await self._http.request(
                "GET",
                f"{self._url}/payouts/{order_no}",
                headers=self._signed(order_no.encode()),
            )
        except (NotSent, NoAnswer) as error:
            return Uncertain(str(error))
        return _read(answer)

    def _signed(self, body: bytes) -> dict[str, str]:
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        return {"X-Signature": signature, "Content-Type": "application/json"}


def _read(answer: Answer) -> Paid | Failed | Uncertain | NeverSeen:
    try:
        said = answer.json()
    except ValueError:
        return Uncertain(f"平台的答复不是 JSON（HTTP {answer.status}）")
    status = said.get("status") if isinstance(said, dict) else None
    if status == "paid":
        amount_fen = said.get("amount_fen")
        return Paid(
            str(said.get("receipt", "")), amount_fen if isinstance(amount_fen, int) else None
        )
    if status == "failed":
        return Failed(str(said.get("reason", "平台拒绝")))
    # A 404 of anybody else, of a gateway say, proves nothing about the order.
    if answer.status == 404 and isinstance(said, dict) and said.get("error") == "not_found":
        return NeverSeen()
    return Uncertain(f"平台处理中或出错（HTTP {answer.status}）")


PAYER = MarketingPlatform
