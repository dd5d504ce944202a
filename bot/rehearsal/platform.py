"""A marketing platform inside the process: every order is paid at once, under its number once.

It stands in the place of the outbound client (`bot.http.Http`), so the real payer's signing,
reading and reconciling run, and nothing leaves the process.
"""

import json as json_module
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from bot.http import Answer, Http, NotAllowed

PAGE = 500
"""Payments to a page of the statement."""


class Platform(Http):
    """The three calls that `bot.payouts.marketing_platform` makes; every other one is refused."""

    def __init__(self, base: str, now: Callable[[], datetime], zone: ZoneInfo) -> None:
        """`zone` is the one by which the statement's days are told apart."""
        super().__init__([base])
        self._now = now
        self._zone = zone
        self._paid: dict[str, dict[str, Any]] = {}

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Answers as the platform would. Raises NotAllowed for what it does not know."""
        parts = urlsplit(url)
        if method == "POST" and parts.path == "/payouts" and content is not None:
            return _answer(200, self._pay(json_module.loads(content)))
        if method == "GET" and parts.path == "/payouts":
            query = parse_qs(parts.query, keep_blank_values=True)
            return _answer(200, self._statement(query["day"][0], query["after"][0]))
        if method == "GET" and parts.path.startswith("/payouts/"):
            found = self._paid.get(parts.path.removeprefix("/payouts/"))
            return _answer(200, found) if found else _answer(404, {"error": "not_found"})
        raise NotAllowed("彩排里不访问外部地址")

    def _pay(self, order: Mapping[str, Any]) -> Mapping[str, Any]:
        number = str(order["order_no"])
        paid = {
            "order_no": number,
            "status": "paid",
            "amount_fen": order["amount_fen"],
            "paid_at": self._now().isoformat(),
            "receipt": f"R{len(self._paid) + 1:08d}",
        }
        return self._paid.setdefault(number, paid)

    def _statement(self, day: str, after: str) -> Mapping[str, Any]:
        asked = date.fromisoformat(day)
        payments = [
            one
            for number, one in sorted(self._paid.items())
            if number > after and self._day(one) == asked
        ]
        page = payments[:PAGE]
        more = page[-1]["order_no"] if len(payments) > PAGE else ""
        return {"payouts": page, "next": more}

    def _day(self, paid: Mapping[str, Any]) -> date:
        return datetime.fromisoformat(paid["paid_at"]).astimezone(self._zone).date()


def _answer(status: int, body: Mapping[str, Any]) -> Answer:
    return Answer(status, json_module.dumps(body, ensure_ascii=False).encode())
