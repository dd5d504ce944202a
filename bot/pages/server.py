"""The bot's own HTTP server: callbacks, health, metrics.

`/live` says only that the loop runs. `/ready` says whether the bot does its work: it names what
is wrong, in Chinese, for whoever looks.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from aiohttp import web

log = logging.getLogger(__name__)

_READABLE = partial(json.dumps, ensure_ascii=False)

Checks = Callable[[], Awaitable[Sequence[str]]]
"""What is wrong right now; empty when all is well."""


class Server:
    """Listens on one address."""

    def __init__(
        self,
        routes: Sequence[web.RouteDef],
        checks: Checks,
        metrics: Callable[[], bytes],
        host: str,
        port: int,
    ) -> None:
        self._checks = checks
        self._metrics = metrics
        self._host = host
        self.port = port
        app = web.Application(client_max_size=64 * 1024)
        app.add_routes(routes)
        app.router.add_get("/live", self._live)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/metrics", self._metrics_page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)

    async def start(self) -> None:
        """Listens; `port` is then the real one if 0 was asked for."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port, backlog=1024)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stops listening and ends open requests within two seconds."""
        await self._runner.cleanup()

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _ready(self, _: web.Request) -> web.Response:
        try:
            problems = list(await asyncio.wait_for(self._checks(), 3))
        except TimeoutError:
            problems = ["数据库 3 秒内没有应答"]
        except Exception as error:
            log.exception("not ready", extra={"action": "ready_failed"})
            problems = [f"数据库不能读（{type(error).__name__}），详情见日志"]
        status = 503 if problems else 200
        body = {"ready": not problems, "problems": problems}
        return web.json_response(body, status=status, dumps=_READABLE)

    async def _metrics_page(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics(), content_type="text/plain", charset="utf-8")
