"""A tiny marketing platform that pays: idempotent by order number, with a signature.

`POST /marketing/payouts` takes JSON {order_no, member, amount_fen, remark} and the header
`X-Signature`: lower-case hex HMAC-SHA-256 of the body under the shared secret. The same number
with the same member and amount is the same order; with others it is refused (409).
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import Json
from bot.sandbox.faults import Faults
from bot.sandbox.wirelog import WireLog

PROCESSING = timedelta(minutes=10)


@dataclass(slots=True)
class Order:
    """A payout as the platform knows it."""

    member: str
    amount_fen: int
    remark: str
    accepted_at: datetime
    paid_at: datetime
    payments: int = 1
    """How often money really moved; anything but 1 is a disaster."""


class Payer:
    """The platform's two paths."""

    def __init__(self, secret: str, clock: SandboxClock, faults: Faults, log: WireLog) -> None:
        self._secret = secret
        self._clock = clock
        self._faults = faults
        self._log = log
        self.orders: dict[str, Order] = {}

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/marketing/payouts", self._pay)
        app.router.add_get("/marketing/payouts/{order_no}", self._look)

    @property
    def paid_fen(self) -> int:
        """Money that really moved, in fen."""
        return sum(order.amount_fen * order.payments for order in self.orders.values())

    async def _pay(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self._faults.take("payer_down"):
            return self._answer(request, body, 503, {"error": "unavailable"})
        status, answer = self._accept(body, request.headers.get("X-Signature", ""))
        if status == 200 and self._faults.take("payer_cut"):
            self._note(request, body, None, "（已付款，不回答）")
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return self._answer(request, body, status, answer)

    def _accept(self, body: bytes, signature: str) -> tuple[int, Json]:
        expected = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        if not self._secret or not genuine:
            return 401, {"error": "bad_signature"}
        wanted = _order(body)
        if wanted is None:
            return 400, {"error": "bad_request"}
        order_no, member, amount_fen, remark = wanted
        order = self.orders.get(order_no)
        if order is not None and (order.member, order.amount_fen) != (member, amount_fen):
            return 409, {"error": "order_conflict", "order_no": order_no}
        if order is None:
            now = self._clock.now()
            late = self._faults.take("payer_processing")
            paid_at = now + PROCESSING if late else now
            order = self.orders[order_no] = Order(member, amount_fen, remark, now, paid_at)
        return 200, self._describe(order_no, order)

    async def _look(self, request: web.Request) -> web.Response:
        order_no = request.match_info["order_no"]
        order = self.orders.get(order_no)
        if order is None:
            return self._answer(request, b"", 404, {"error": "not_found", "order_no": order_no})
        return self._answer(request, b"", 200, self._describe(order_no, order))

    def _describe(self, order_no: str, order: Order) -> Json:
        paid = self._clock.now() >= order.paid_at
        return {
            "order_no": order_no,
            "member": order.member,
            "amount_fen": order.amount_fen,
            "status": "paid" if paid else "processing",
            "paid_at": order.paid_at.isoformat() if paid else None,
            "payments": order.payments,
        }

    def _answer(self, request: web.Request, body: bytes, status: int, answer: Json) -> web.Response:
        text = json.dumps(answer, ensure_ascii=False)
        self._note(request, body, status, text)
        return web.Response(status=status, text=text, content_type="application/json")

    def _note(self, request: web.Request, body: bytes, status: int | None, text: str) -> None:
        shown = body.decode(errors="replace")
        self._log.add(self._clock.now(), "in", request.method, request.path, status, shown, text)


def _order(body: bytes) -> tuple[str, str, int, str] | None:
    """order_no, member, amount in fen, remark; None if the body is not such an order."""
    try:
        values = json.loads(body)
        order_no, member, amount = values["order_no"], values["member"], values["amount_fen"]
        remark = values.get("remark", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    texts = all(isinstance(value, str) for value in (order_no, member, remark))
    whole = isinstance(amount, int) and not isinstance(amount, bool) and amount > 0
    if not texts or not whole or not order_no.isalnum() or not 1 <= len(order_no) <= 32:
        return None
    return order_no, member, amount, remark
