"""What every paying service of the sandbox is: orders by number, and money that moves once.

The faults are those of reliability.md L10. Each strikes the next order of whichever service is
asked next.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from aiohttp import web

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.faults import Faults
from bot.sandbox.wirelog import WireLog

PROCESSING = timedelta(minutes=10)
"""How long a slow order takes, and how long one that went astray is not found."""


@dataclass(slots=True)
class Order:
    """A payout as a service knows it."""

    member: str
    """Who gets the money, as that service names them: member id or openid."""
    amount_fen: int
    remark: str
    accepted_at: datetime
    paid_at: datetime | None
    """None: it never will be."""
    payments: int = 1
    """How often money moved; anything but 1 is a disaster, but 0 for what never will be paid."""
    said_fen: int = 0
    """The amount that the service tells, which a fault makes another than was paid."""
    found_from: datetime | None = None
    """Until then the service says that it does not know the order."""
    refused: bool = False
    untaken: bool = False
    """The member does not take or confirm it."""


class Conflict(Exception):
    """The number is known with other particulars."""


class Purse:
    """The orders of one service, and the faults in front of it."""

    by_hand: ClassVar[bool] = False
    """Whether the member has to take or confirm the money."""

    def __init__(self, clock: SandboxClock, faults: Faults, log: WireLog) -> None:
        self.clock = clock
        self.faults = faults
        self.log = log
        self.orders: dict[str, Order] = {}

    @property
    def paid_fen(self) -> int:
        """Money that moved, in fen."""
        return sum(order.amount_fen * order.payments for order in self.orders.values())

    def accept(self, order_no: str, member: str, amount_fen: int, remark: str) -> Order:
        """The order under that number, new or known. Raises Conflict."""
        known = self.orders.get(order_no)
        if known is not None:
            if (known.member, known.amount_fen) != (member, amount_fen):
                raise Conflict(order_no)
            known.found_from = None
            return known
        now, take = self.clock.now(), self.faults.take
        order = Order(member, amount_fen, remark, now, now, said_fen=amount_fen)
        if take("payer_processing"):
            order.paid_at = now + PROCESSING
        if take("payer_stuck"):
            order.paid_at, order.payments = None, 0
        if take("payer_refused"):
            order.refused, order.paid_at, order.payments = True, None, 0
        if self.by_hand and take("payer_untaken"):
            order.untaken, order.paid_at, order.payments = True, None, 0
        if take("payer_wrong_amount"):
            order.said_fen += 1
        if take("payer_late"):
            order.found_from = now + PROCESSING
        self.orders[order_no] = order
        return order

    def find(self, order_no: str) -> Order | None:
        """What the service says it knows."""
        order = self.orders.get(order_no)
        if order is None or (order.found_from is not None and self.clock.now() < order.found_from):
            return None
        return order

    def is_paid(self, order: Order) -> bool:
        """Whether the money has moved by now."""
        return order.paid_at is not None and order.paid_at <= self.clock.now()

    def down(self, request: web.Request, body: bytes) -> web.Response | None:
        """The answer of a service that is down, if that fault is on."""
        if not self.faults.take("payer_down"):
            return None
        return self.answer(request, body, web.Response(status=503, text="Service Unavailable"))

    def after(self, request: web.Request, body: bytes, order: Order | None) -> web.Response | None:
        """How an accepted order stays without its answer, if such a fault is on."""
        if order is not None and order.found_from is not None:
            return self.answer(request, body, web.Response(status=504, text="Gateway Timeout"))
        if order is None or not self.faults.take("payer_cut"):
            return None
        self._note(request, body, None, "（已受理，不回答）")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def answer(self, request: web.Request, body: bytes, response: web.Response) -> web.Response:
        """The response, noted in the log."""
        self._note(request, body, response.status, response.text or "")
        return response

    def _note(self, request: web.Request, body: bytes, status: int | None, text: str) -> None:
        shown = body.decode(errors="replace")
        now = self.clock.now()
        self.log.add(now, "in", request.method, request.path_qs, status, shown, text)
