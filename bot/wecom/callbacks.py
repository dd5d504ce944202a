"""Callback routes: prove it is WeCom, keep the event, then say 200.

Whoever is not WeCom learns nothing: an empty 4xx, no trace in the inbox. An event is
acknowledged only after the inbox has committed it; a failed commit is a 500, upon which WeCom
sends again (wecom-protocol.md B.2–B.4, C.1; reliability.md 2.4).
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from bot.clock import Clock
from bot.wecom import parse, xml
from bot.wecom.crypto import Crypto, CryptoError
from bot.wecom.parse import AibotSource, Malformed, Received

Inbox = Callable[[Received], Awaitable[None]]
"""Commits the event; returns when it is on disk, raises if it is not."""

_log = logging.getLogger(__name__)

MAX_AGE = timedelta(hours=1)
"""A callback signed longer ago (or ahead) is a replay. WeCom signs every delivery anew, so its
own repetitions are fresh; the inbox must remember dedupe keys for at least twice as long."""
_BODY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class AppCallback:
    """A self-built application whose callbacks are accepted."""

    agent: str
    crypto: Crypto


@dataclass(frozen=True, slots=True)
class AibotCallback:
    """An intelligent bot in URL mode whose callbacks are accepted."""

    bot: str
    name: str
    """As members @ it."""
    crypto: Crypto


class _Rejected(Exception):
    """The request is not answered with more than this status."""

    def __init__(self, status: int) -> None:
        self.status = status


class Callbacks:
    """Both kinds of callback, for one installation."""

    def __init__(
        self,
        apps: Mapping[str, AppCallback],
        aibots: Mapping[str, AibotCallback],
        inbox: Inbox,
        clock: Clock,
    ) -> None:
        self._apps = apps
        self._aibots = aibots
        self._inbox = inbox
        self._clock = clock
        self._committing: set[asyncio.Future[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """`GET/POST /wecom/app/{agent}` and `/wecom/aibot/{bot}`."""
        return [
            web.get("/wecom/app/{agent}", self._verify_app, allow_head=False),
            web.post("/wecom/app/{agent}", self._app),
            web.get("/wecom/aibot/{bot}", self._verify_aibot, allow_head=False),
            web.post("/wecom/aibot/{bot}", self._aibot),
        ]

    async def _verify_app(self, request: web.Request) -> web.Response:
        app = self._apps.get(request.match_info["agent"])
        return _verified(request, app.crypto if app else None)

    async def _verify_aibot(self, request: web.Request) -> web.Response:
        aibot = self._aibots.get(request.match_info["bot"])
        return _verified(request, aibot.crypto if aibot else None)

    async def _app(self, request: web.Request) -> web.Response:
        app = self._apps.get(request.match_info["agent"])
        if app is None:
            return web.Response(status=404)
        return await self._accept(request, lambda body: self._read_app(request, app, body))

    async def _aibot(self, request: web.Request) -> web.Response:
        aibot = self._aibots.get(request.match_info["bot"])
        if aibot is None:
            return web.Response(status=404)
        return await self._accept(request, lambda body: self._read_aibot(request, aibot, body))

    async def _accept(
        self, request: web.Request, read: Callable[[bytes], Received | None]
    ) -> web.Response:
        try:
            received = read(await _body(request))
        except _Rejected as rejected:
            return web.Response(status=rejected.status)
        except CryptoError:
            _log.warning("callback refused: not from WeCom", extra={"action": "forged_callback"})
            return web.Response(status=403)
        except (xml.MalformedXml, Malformed):
            _log.warning("callback refused: malformed", extra={"action": "malformed_callback"})
            return web.Response(status=400)
        if received is not None and not await self._kept(received):
            return web.Response(status=500)
        return web.Response()

    async def _kept(self, received: Received) -> bool:
        """True once the inbox has the event, even if the caller hangs up meanwhile."""
        commit = asyncio.ensure_future(self._inbox(received))
        self._committing.add(commit)
        commit.add_done_callback(self._committing.discard)
        try:
            await asyncio.shield(commit)
        except Exception:
            _log.exception("inbox did not keep %s", received.kind, extra={"action": "inbox_failed"})
            return False
        return True

    def _read_app(self, request: web.Request, app: AppCallback, body: bytes) -> Received | None:
        encrypted = xml.text(xml.parse(body), "Encrypt")
        document = self._opened(request, app.crypto, encrypted)
        return parse.app_event(document, app.agent, self._clock.now())

    def _read_aibot(
        self, request: web.Request, aibot: AibotCallback, body: bytes
    ) -> Received | None:
        envelope = _json_object(body)
        encrypted = envelope.get("encrypt")
        if not isinstance(encrypted, str):
            raise Malformed("缺少 encrypt")
        document = self._opened(request, aibot.crypto, encrypted)
        source = AibotSource(aibot.bot, aibot.name)
        return parse.aibot_event(_json_object(document), source, document, self._clock.now())

    def _opened(self, request: web.Request, crypto: Crypto, encrypted: str) -> bytes:
        signature, timestamp, nonce = _signed(request)
        crypto.verify(signature, timestamp, nonce, encrypted)
        if not self._fresh(timestamp):
            raise _Rejected(403)
        return crypto.decrypt(encrypted)

    def _fresh(self, timestamp: str) -> bool:
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            return False
        age = self._clock.now().timestamp() - int(timestamp)
        return abs(age) <= MAX_AGE.total_seconds()


def _verified(request: web.Request, crypto: Crypto | None) -> web.Response:
    """The console's check of the address: the plain text, bare, within a second."""
    if crypto is None:
        return web.Response(status=404)
    # aiohttp has decoded the query once; a `+` that arrived bare has become a space.
    echo = request.query.get("echostr", "").replace(" ", "+")
    try:
        crypto.verify(*_signed(request), echo)
        plain = crypto.decrypt(echo)
    except CryptoError:
        return web.Response(status=403)
    return web.Response(body=plain, content_type="text/plain", charset="utf-8")


def _signed(request: web.Request) -> tuple[str, str, str]:
    query = request.query
    return query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", "")


async def _body(request: web.Request) -> bytes:
    """The body, at most 64 KB, not compressed, arriving within 5 s. Raises _Rejected."""
    if "Content-Encoding" in request.headers:
        raise _Rejected(415)
    if (request.content_length or 0) > xml.MAX_BYTES:
        raise _Rejected(413)
    content = request.content
    body = bytearray()
    try:
        if content.is_eof():  # nearly always: it came with the headers, so nothing is waited for
            body += content.read_nowait()
        else:
            async with asyncio.timeout(_BODY_SECONDS):
                async for chunk in content.iter_any():
                    body += chunk
                    if len(body) > xml.MAX_BYTES:
                        raise _Rejected(413)
    except TimeoutError:
        raise _Rejected(408) from None
    except (web.RequestPayloadError, ConnectionError):
        raise _Rejected(400) from None
    if len(body) > xml.MAX_BYTES:
        raise _Rejected(413)
    return bytes(body)


def _json_object(document: bytes) -> dict[str, object]:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise Malformed("不是 JSON") from error
    if not isinstance(value, dict):
        raise Malformed("不是 JSON 对象")
    return value
