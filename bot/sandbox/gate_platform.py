"""The marketing platform's word about who is the bank's customer: signed JSON.

    POST /marketing/customers/check   {member}  →  {member, customer: true | false | null}

Everybody is a customer but those whom a person or a test names otherwise.
"""

import asyncio
import hashlib
import hmac
import json
from contextlib import suppress
from datetime import timedelta

from aiohttp import web

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import Json, Mistake
from bot.sandbox.faults import Faults
from bot.sandbox.gate import SILENCE_SECONDS
from bot.sandbox.wirelog import WireLog
from bot.sandbox.world import World

TOLERANCE = timedelta(minutes=5)
PATH = "/marketing/customers/check"
_WORDS: dict[str, bool | None] = {"yes": True, "no": False, "unknown": None}


class GatePlatform:
    """Says who is a customer."""

    def __init__(
        self, secret: str, world: World, clock: SandboxClock, faults: Faults, log: WireLog
    ) -> None:
        self._secret = secret
        self._world = world
        self._clock = clock
        self._faults = faults
        self._log = log
        self._nonces: set[str] = set()
        self._known: dict[str, bool | None] = {}
        self._closing = asyncio.Event()
        self.asked: list[str] = []
        """Of whom it was asked, in order."""

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post(PATH, self._check)

    def close(self) -> None:
        """Lets go of requests that a silent fault holds."""
        self._closing.set()

    def set(self, member: str, word: str) -> None:
        """What is said of a person from now on: yes, no or unknown. Raises Mistake."""
        if word not in _WORDS:
            raise Mistake("客户核对的结果要填 yes、no 或 unknown。")
        if member not in self._world.people:
            raise Mistake(f"没有编号为 {member} 的人。")
        self._known[member] = _WORDS[word]

    async def _check(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self._faults.take("gate_silent"):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), SILENCE_SECONDS)
        status, answer = self._answer(request, body)
        text = json.dumps(answer, ensure_ascii=False)
        shown = body.decode(errors="replace")
        now, path = self._clock.now(), request.path_qs
        self._log.add(now, "in", request.method, path, status, shown, text)
        return web.Response(status=status, text=text, content_type="application/json")

    def _answer(self, request: web.Request, body: bytes) -> tuple[int, Json]:
        if self._faults.on("gate_down"):
            return 503, {"error": "down"}
        if not self._genuine(request, body):
            return 401, {"error": "bad_signature"}
        try:
            member = json.loads(body)["member"]
        except (ValueError, KeyError, TypeError):
            return 400, {"error": "bad_request"}
        self.asked.append(member)
        return 200, {"member": member, "customer": self._known.get(member, True)}

    def _genuine(self, request: web.Request, body: bytes) -> bool:
        """The signature is ours, the time is right, the nonce is new."""
        timestamp = request.headers.get("X-Timestamp", "")
        nonce = request.headers.get("X-Nonce", "")
        signed = f"{request.method}\n{request.path_qs}\n{timestamp}\n{nonce}\n".encode() + body
        expected = hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()
        given = request.headers.get("X-Signature", "")
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            return False
        if not timestamp.isdecimal() or nonce in self._nonces:
            return False
        self._nonces.add(nonce)
        apart = abs(int(timestamp) - self._clock.now().timestamp())
        return apart <= TOLERANCE.total_seconds()
