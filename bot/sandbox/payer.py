"""A tiny marketing platform that pays: signed JSON, idempotent by order number.

Every request carries `X-Timestamp` (Unix seconds, at most 5 minutes off), `X-Nonce` (never used
before) and `X-Signature`: lower-case hex HMAC-SHA-256 of method, path with query, timestamp and
nonce, each with a line feed, and the body. The same number with the same member and amount is
the same order; with others it is refused (409). A POST names its order as `Idempotency-Key`.
"""

import hashlib
import hmac
import json
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import Json
from bot.sandbox.faults import Faults
from bot.sandbox.purse import Conflict, Order, Purse
from bot.sandbox.wirelog import WireLog

TOLERANCE = timedelta(minutes=5)
PAGE = 500
CHINA = ZoneInfo("Asia/Shanghai")


class Payer(Purse):
    """The platform's paths."""

    def __init__(self, secret: str, clock: SandboxClock, faults: Faults, log: WireLog) -> None:
        super().__init__(clock, faults, log)
        self._secret = secret
        self._nonces: set[str] = set()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/marketing/payouts", self._pay)
        app.router.add_get("/marketing/payouts", self._list)
        app.router.add_get("/marketing/payouts/{order_no}", self._look)

    async def _pay(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        down = self.down(request, body)
        if down is not None:
            return down
        status, answer, order = self._accepted(request, body)
        return self.after(request, body, order) or self._say(request, body, status, answer)

    def _accepted(self, request: web.Request, body: bytes) -> tuple[int, Json, Order | None]:
        refusal = self._refusal(request, body)
        if refusal:
            return 401, {"error": refusal}, None
        wanted = _order(body)
        if wanted is None or request.headers.get("Idempotency-Key") != wanted[0]:
            return 400, {"error": "bad_request"}, None
        order_no = wanted[0]
        try:
            order = self.accept(*wanted)
        except Conflict:
            return 409, {"error": "order_conflict", "order_no": order_no}, None
        if order.refused:
            return 422, {"error": "refused", "reason": "客户账户不能入账"}, None
        return 200, self._describe(order_no, order), order

    async def _look(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request, b"")
        if refusal:
            return self._say(request, b"", 401, {"error": refusal})
        order_no = request.match_info["order_no"]
        order = self.find(order_no)
        if order is None:
            return self._say(request, b"", 404, {"error": "not_found", "order_no": order_no})
        return self._say(request, b"", 200, self._describe(order_no, order))

    async def _list(self, request: web.Request) -> web.Response:
        """What was paid on a day of China, by order number, a page at a time."""
        refusal = self._refusal(request, b"")
        if refusal:
            return self._say(request, b"", 401, {"error": refusal})
        try:
            day = date.fromisoformat(request.query.get("day", ""))
        except ValueError:
            return self._say(request, b"", 400, {"error": "bad_request"})
        after = request.query.get("after", "")
        found = [
            (number, order)
            for number, order in sorted(self.orders.items())
            if number > after
            and order.paid_at is not None
            and self.is_paid(order)
            and order.paid_at.astimezone(CHINA).date() == day
        ]
        page = [self._describe(*one) for one in found[:PAGE]]
        following = found[PAGE - 1][0] if len(found) > PAGE else ""
        return self._say(request, b"", 200, {"payouts": page, "next": following})

    def _refusal(self, request: web.Request, body: bytes) -> str:
        """Why a request is not believed; empty if it is."""
        timestamp = request.headers.get("X-Timestamp", "")
        nonce = request.headers.get("X-Nonce", "")
        signature = request.headers.get("X-Signature", "")
        signed = f"{request.method}\n{request.path_qs}\n{timestamp}\n{nonce}\n".encode() + body
        expected = hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        if not self._secret or not genuine or self.faults.take("payer_bad_signature"):
            return "bad_signature"
        apart = abs(int(timestamp) - self.clock.now().timestamp()) if timestamp.isdecimal() else 1e9
        if apart > TOLERANCE.total_seconds():
            return "bad_timestamp"
        if nonce in self._nonces:
            return "replayed"
        self._nonces.add(nonce)
        return ""

    def _describe(self, order_no: str, order: Order) -> Json:
        paid = self.is_paid(order)
        status = "failed" if order.refused else "paid" if paid else "processing"
        when = order.paid_at.isoformat() if paid and order.paid_at is not None else None
        return {
            "order_no": order_no,
            "member": order.member,
            "amount_fen": order.said_fen,
            "status": status,
            "paid_at": when,
            "payments": order.payments,
        }

    def _say(self, request: web.Request, body: bytes, status: int, answer: Json) -> web.Response:
        text = json.dumps(answer, ensure_ascii=False)
        response = web.Response(status=status, text=text, content_type="application/json")
        return self.answer(request, body, response)


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
