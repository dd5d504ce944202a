"""What the two ways of paying through WeChat Pay have in common: the account of the receiver,
and a statement made of single queries."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.http import Http, NoAnswer, NotSent
from bot.payer import Failed, NeverSeen, NoStatement, Order, Outcome, PaidLine, Uncertain
from bot.settings import Settings
from bot.wecom.api import WecomApi
from bot.wecom.errors import Kind, WecomError

REMEMBERED = timedelta(days=29)
"""WeChat Pay forgets an order after 30 days: what it then calls unknown may have been paid, and
the same number is a new order (wecom-protocol.md G.1, G.5)."""
_AT_ONCE = 8
_NO_ACCOUNT = frozenset({40096, 41056, 84061})
"""No such customer, not a user of personal WeChat, no longer a contact."""

Look = Callable[[str], Awaitable[PaidLine | Outcome | NeverSeen]]
"""A query that says of a paid order what a statement says."""


class Receivers:
    """Finds the account of a member: their openid, which is never stored (G.4)."""

    def __init__(self, settings: Settings, http: Http, clock: Clock) -> None:
        app = settings.app
        self._api = WecomApi(http, settings.api, settings.corp_id, app.agent_id, app.secret, clock)

    async def openid(self, order: Order) -> str | Failed | Uncertain:
        """The openid of an order's member, or why the order cannot be sent.

        An order that was sent before is never called failed here: it may yet arrive.
        """
        body = {"external_userid": order.member}
        try:
            answer = await self._api.call("POST", "externalcontact/convert_to_openid", body)
        except (NotSent, NoAnswer) as error:
            return Uncertain(str(error))
        except WecomError as error:
            if error.errcode in _NO_ACCOUNT and order.first_sent is None:
                return Failed(str(error))
            passing = error.verdict.kind in (Kind.RETRY, Kind.BACK_OFF)
            return Uncertain(str(error), alarm=not passing)
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            return Uncertain("企业微信没有给出收款账号")
        return openid


def too_old(order: Order, now: datetime) -> Uncertain | None:
    """Why an order may not be sent any more."""
    if order.first_sent is None or now - order.first_sent < REMEMBERED:
        return None
    return Uncertain("发出已近 30 天仍没有结果，请到微信支付商户平台核对", alarm=True)


async def asked_one_by_one(look: Look, orders: Sequence[str]) -> list[PaidLine]:
    """What was paid of these orders, in their order; WeChat Pay has no list of a day that could
    be had at once. Raises NoStatement for the first that cannot be asked about."""
    found: list[PaidLine] = []
    for start in range(0, len(orders), _AT_ONCE):
        some = orders[start : start + _AT_ONCE]
        for one, answer in zip(some, await asyncio.gather(*map(look, some)), strict=True):
            if isinstance(answer, PaidLine):
                found.append(answer)
            elif isinstance(answer, Uncertain):
                raise NoStatement(f"{one}：{answer.reason}")
    return found
