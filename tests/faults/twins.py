"""Broken twins of the bot, started by `tests.faults.nest`.

Each does one thing in the way that comes to mind first. A fault test that passes with them
proves nothing, so test_twins.py demands that checker and auditor catch every one.
"""

import asyncio
import dataclasses
import os
from typing import Any

from bot.channel import Sent
from bot.channels.group_task import GroupTask
from bot.crash import crash_point
from bot.delivery import Delivery
from bot.inbox import Inbox
from bot.payer import Failed, NeverSeen, Order, Paid, Uncertain
from bot.payouts.marketing_platform import MarketingPlatform
from bot.wecom.parse import Received
from sop import lottery, points
from sop.effects import Effect
from storage.outbox import OutboxRow


def early_ack() -> None:
    """Says 200 at once and commits a little later."""
    keep = Inbox.__call__

    async def acknowledge(self: Inbox, received: Received) -> None:
        async def later() -> None:
            await asyncio.sleep(0.3)
            await keep(self, received)

        _background.append(asyncio.create_task(later()))

    Inbox.__call__ = acknowledge  # type: ignore[method-assign]


def no_dedupe() -> None:
    """Takes every delivery for a new event."""
    keep = Inbox.__call__

    async def keep_anew(self: Inbox, received: Received) -> None:
        key = f"{received.dedup_key}/{os.urandom(8).hex()}"
        await keep(self, dataclasses.replace(received, dedup_key=key))

    Inbox.__call__ = keep_anew  # type: ignore[method-assign]


def record_first() -> None:
    """Records a letter as sent, then sends it."""

    async def deliver(self: Delivery, row: OutboxRow) -> None:
        await self._record(row, Sent(""))
        crash_point("K4")
        await self._send(row)

    Delivery._deliver = deliver  # type: ignore[method-assign]


def new_number() -> None:
    """Makes an order number for each attempt to pay."""
    pay = MarketingPlatform.pay

    async def pay_anew(self: MarketingPlatform, order: Order) -> Paid | Failed | Uncertain:
        number = os.urandom(14).hex().upper()
        return await pay(self, dataclasses.replace(order, order_no=number))

    async def query(self: MarketingPlatform, order_no: str) -> NeverSeen:
        return NeverSeen()  # nobody remembers the number of the attempt before

    MarketingPlatform.pay = pay_anew  # type: ignore[method-assign]
    MarketingPlatform.query = query  # type: ignore[method-assign]


def forgetful_page() -> None:
    """Takes every form for a new wish."""
    draw_from, redeem = lottery.draw_from, points.redeem

    def draw_anew(facts: Any, place: Any, who: str, deck: int, key: str, now: Any) -> list[Effect]:
        return draw_from(facts, place, who, deck, os.urandom(16).hex(), now)

    def redeem_anew(*given: Any) -> list[Effect]:
        *before, _, now = given
        return redeem(*before, os.urandom(16).hex(), now)

    lottery.draw_from = draw_anew
    points.redeem = redeem_anew


def made_again() -> None:
    """Makes a group-send task again when no answer came, without a look whether there is one."""
    GroupTask.resend_unknown = True


def naive() -> None:
    """All of that which loses or doubles something without anybody's noticing."""
    no_dedupe()
    new_number()
    forgetful_page()


_background: list[asyncio.Task[None]] = []
TWINS = {
    one.__name__: one
    for one in (
        early_ack,
        no_dedupe,
        record_first,
        new_number,
        forgetful_page,
        made_again,
        naive,
    )
}
