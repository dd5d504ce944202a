"""The door of the HTTP API: reads the request, plays faults, checks the token, logs, answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from aiohttp import BodyPartReader, web

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, failure
from bot.sandbox.faults import Faults
from bot.sandbox.fields import Fields
from bot.sandbox.ids import Ids
from bot.sandbox.limits import HOUR, MINUTE, Quota, SlidingLog
from bot.sandbox.wirelog import WireLog

SILENCE_SECONDS = 30.0
"""How long a silent fault keeps the connection; longer than any client should wait."""


PER_MINUTE, PER_HOUR = 10_000, 150_000
"""Calls of one API by one company (wecom-protocol.md 0.6); what sends has caps of its own."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The one part of a multipart body."""

    name: str
    filename: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A request, fully read."""

    query: Mapping[str, str]
    body: bytes
    upload: Upload | None

    def json(self) -> Fields:
        """The body as a JSON object."""
        return Fields.parse(self.body)


@dataclass(frozen=True, slots=True)
class Route:
    """One API path and what answers it."""

    method: str
    path: str
    handle: Callable[[Call], Json]
    token: bool = True
    """Whether the path wants an access_token (and so a trusted address)."""
    sends: bool = False
    """Whether the `send_*` faults strike here."""


class Area(Protocol):
    """A part of the API."""

    def routes(self) -> list[Route]:
        """The paths it answers."""


class TokenCheck(Protocol):
    """What the gate asks of the token store."""

    def check(self, token: str) -> None:
        """Raises ApiError for a token that is not good."""


class Gate:
    """Turns routes into aiohttp handlers."""

    def __init__(self, clock: SandboxClock, faults: Faults, log: WireLog, ids: Ids) -> None:
        self._clock = clock
        self._faults = faults
        self._log = log
        self._ids = ids
        self._closing = asyncio.Event()
        self._calls = Quota(SlidingLog(PER_MINUTE, MINUTE), SlidingLog(PER_HOUR, HOUR))

    def close(self) -> None:
        """Lets go of connections that a silent fault holds."""
        self._closing.set()

    def add(self, app: web.Application, routes: list[Route], tokens: TokenCheck) -> None:
        """Registers routes."""
        for route in routes:
            app.router.add_route(route.method, route.path, self._handler(route, tokens))

    def _handler(
        self, route: Route, tokens: TokenCheck
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            call = await _read(request)
            status, text, cut = self._answer(route, call, tokens, request.remote or "")
            self._log.add(
                self._clock.now(),
                "in",
                request.method,
                request.path_qs,
                None if cut else status,
                _loggable(call),
                "（不回答）" if cut else text,
            )
            if cut:
                await self._leave_unanswered(request, cut)
            return web.Response(status=status, text=text, content_type="application/json")

        return handle

    def _answer(
        self, route: Route, call: Call, tokens: TokenCheck, ip: str
    ) -> tuple[int, str, str]:
        """HTTP status, body, and how to leave the client without an answer (empty: not)."""
        take = self._faults.take
        if take("send_down" if route.sends else "read_down"):
            return 503, "Service Unavailable", ""
        if route.sends and take("send_garbage"):
            return 200, '{"errcode":0,"errm', ""
        cut = ""
        try:
            self._refuse(route, call, tokens)
            if route.sends:
                cut = "cut" if take("send_cut") else "silent" if take("send_silent") else ""
            answer = route.handle(call)
        except ApiError as error:
            hint = f"{int(self._clock.now().timestamp())}{self._ids.number() % 10**15:015d}"
            answer = failure(error, hint, ip)
        return 200, json.dumps(answer, ensure_ascii=False), cut

    def _refuse(self, route: Route, call: Call, tokens: TokenCheck) -> None:
        if route.token and self._faults.on("untrusted_ip"):
            raise ApiError(60020, "not allow to access from your ip")
        if route.token:
            tokens.check(call.query.get("access_token", ""))
            if not route.sends and not self._calls.take(route.path, self._clock.now()):
                raise ApiError(45009, "api freq out of limit")
        if route.sends and self._faults.take("send_limited"):
            raise ApiError(45009, "api freq out of limit")
        if route.sends and self._faults.take("send_busy"):
            raise ApiError(-1, "system busy")
        if route.sends and self._faults.take("send_removed"):
            raise ApiError(93000, "invalid webhook url")

    async def _leave_unanswered(self, request: web.Request, how: str) -> None:
        if how == "silent":
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), SILENCE_SECONDS)
        if request.transport is not None:
            request.transport.abort()


async def _read(request: web.Request) -> Call:
    query = dict(request.query)
    if not request.content_type.startswith("multipart/"):
        return Call(query, await request.read(), None)
    reader = await request.multipart()
    part = await reader.next()
    if not isinstance(part, BodyPartReader):
        return Call(query, b"", None)
    data = bytes(await part.read())
    return Call(query, b"", Upload(part.name or "", part.filename or "", data))


def _loggable(call: Call) -> str:
    if call.upload is not None:
        return f"（文件 {call.upload.filename}，{len(call.upload.data)} 字节）"
    return call.body.decode(errors="replace")
