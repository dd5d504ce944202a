"""The payer's notifications: checked, and taken as a hint to ask.

What a notification says of an order is not believed even if it is genuine; the payer is asked.
So one that comes twice, late or in the wrong order changes nothing, and one that is lost is made
up for by the next regular question.
"""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.crash import crash_point
from bot.payer import NOTIFY_PATH, Forged, Notifies

log = logging.getLogger(__name__)

Ask = Callable[[str], Awaitable[bool]]
"""Has an order asked about, by its number; False if there is none that waits."""


def notify_routes(payer: object, ask: Ask) -> list[web.RouteDef]:
    """The route of a payer that notifies; none for any other."""
    if not isinstance(payer, Notifies):
        return []

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            number = payer.notified(request.headers, body)
        except Forged as error:
            log.warning("notification refused: %s", error, extra={"action": "notify_refused"})
            return web.json_response({"code": "FAIL", "message": "签名或内容不对"}, status=401)
        crash_point("K20")
        if not await ask(number):
            log.info("told of %s, which does not wait", number, extra={"action": "notify_idle"})
        return web.Response(status=204)

    return [web.post(NOTIFY_PATH, handle)]
