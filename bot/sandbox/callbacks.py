"""Delivers encrypted callbacks: verify first, 5 seconds, three retries (B.2, B.4, C.1)."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.envelopes import BadReply, Envelope
from bot.sandbox.errors import Json
from bot.sandbox.faults import Faults
from bot.sandbox.ids import Ids
from bot.sandbox.wirelog import WireLog
from bot.wecom.crypto import Crypto, CryptoError

Reply = Callable[[bytes], None]
"""Takes the decrypted passive reply; raises BadReply for one that WeCom would not accept."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Real-time limits; the defaults are WeCom's (the retry delay is not documented)."""

    verify_seconds: float = 1.0
    answer_seconds: float = 5.0
    retry_seconds: float = 1.0
    retries: int = 3
    poll_seconds: float = 1.0
    """Between refresh callbacks of an unfinished stream (not documented)."""


@dataclass(slots=True)
class Counters:
    """What became of the callbacks of one endpoint."""

    verified: int = 0
    refused: int = 0
    """URL verifications that failed."""
    delivered: int = 0
    failed: int = 0
    """Attempts without an answer of 200 in time."""
    retried: int = 0
    gave_up: int = 0
    dropped: int = 0
    bad_replies: int = 0


@dataclass(frozen=True, slots=True)
class Tools:
    """What every endpoint needs."""

    clock: SandboxClock
    ids: Ids
    faults: Faults
    log: WireLog
    timing: Timing


class CallbackEndpoint:
    """One callback address with its triple. `url` may be set while the sandbox runs."""

    def __init__(
        self,
        url: str,
        credentials: tuple[str, str, str],
        envelope: Envelope,
        tools: Tools,
    ) -> None:
        """`credentials`: token, 43-character AES key, receive id."""
        self.url = url
        self.counters = Counters()
        token, aes_key, receive_id = credentials
        self._crypto = Crypto(token, aes_key, receive_id) if aes_key else None
        self._stranger = Crypto(token, aes_key, "ww0000000000000000") if aes_key else None
        self._envelope = envelope
        self._tools = tools
        self._verified_url = ""
        self._verifying = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[str, asyncio.Event] = {}
        self._session: aiohttp.ClientSession | None = None

    @property
    def configured(self) -> bool:
        """Whether there is anywhere to deliver to."""
        return bool(self.url) and self._crypto is not None

    def deliver(self, inner: bytes, key: str, reply: Reply | None = None) -> None:
        """Schedules one callback; first attempts with the same `key` keep their order."""
        if not self.configured:
            return
        if self._tools.faults.take("callback_drop"):
            self.counters.dropped += 1
            return
        copies = 2 if self._tools.faults.take("callback_duplicate") else 1
        for _ in range(copies):
            done = asyncio.Event()
            before, self._last[key] = self._last.get(key), done
            self.start(self._run(inner, key, reply, before, done))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs something that `settle` waits for and `close` ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Returns when nothing is on its way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Ends what is on its way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def verify(self) -> bool:
        """GET with echostr; the answer must equal the plaintext exactly, within the limit."""
        if self._crypto is None:
            return False
        plain = str(self._tools.ids.number())
        encrypted = self._crypto.encrypt(plain.encode())
        query = {**self._signed(encrypted), "echostr": encrypted}
        status, body = await self._request(
            "GET", query, None, self._tools.timing.verify_seconds, "（验证地址）"
        )
        good = status == 200 and body == plain.encode()
        self.counters.verified += good
        self.counters.refused += not good
        return good

    async def _run(
        self,
        inner: bytes,
        key: str,
        reply: Reply | None,
        before: asyncio.Event | None,
        done: asyncio.Event,
    ) -> None:
        try:
            if before is not None:
                await before.wait()
            good = await self.attempt(inner, reply)
        finally:
            done.set()
            if self._last.get(key) is done:
                del self._last[key]
        for _ in range(self._tools.timing.retries):
            if good:
                return
            await asyncio.sleep(self._tools.timing.retry_seconds)
            self.counters.retried += 1
            good = await self.attempt(inner, reply)
        self.counters.gave_up += not good

    async def attempt(self, inner: bytes, reply: Reply | None) -> bool:
        """One try with a fresh timestamp, nonce and random head; True if it was answered 200."""
        if not await self._ready() or self._crypto is None:
            self.counters.failed += 1
            return False
        await self._send_spoiled(inner)
        encrypted = self._crypto.encrypt(inner)
        status, body = await self._post(encrypted, self._signed(encrypted), inner.decode())
        if status != 200:
            self.counters.failed += 1
            return False
        self.counters.delivered += 1
        if body.strip():
            self._open(body, reply)
        return True

    async def _ready(self) -> bool:
        async with self._verifying:
            if self._verified_url != self.url and await self.verify():
                self._verified_url = self.url
            return self._verified_url == self.url

    async def _send_spoiled(self, inner: bytes) -> None:
        if self._crypto is None or self._stranger is None:
            return
        if self._tools.faults.take("callback_forged"):
            encrypted = self._crypto.encrypt(inner)
            query = {**self._signed(encrypted), "msg_signature": "0" * 40}
            await self._post(encrypted, query, "（签名错误）" + inner.decode())
        if self._tools.faults.take("callback_wrong_receiver"):
            encrypted = self._stranger.encrypt(inner)
            await self._post(encrypted, self._signed(encrypted), "（别家企业）" + inner.decode())

    def _open(self, body: bytes, reply: Reply | None) -> None:
        try:
            plain = self._decrypt(body)
            if reply is None:
                raise BadReply("这种回调不能直接回复")
            reply(plain)
        except (BadReply, CryptoError) as error:
            self.counters.bad_replies += 1
            self._log("REPLY", None, body.decode(errors="replace"), str(error))

    def _decrypt(self, body: bytes) -> bytes:
        sealed = self._envelope.unwrap(body)
        if self._crypto is None:
            raise BadReply("没有配置密钥")
        self._crypto.verify(sealed.signature, sealed.timestamp, sealed.nonce, sealed.encrypted)
        return self._crypto.decrypt(sealed.encrypted)

    def _signed(self, encrypted: str) -> dict[str, str]:
        if self._crypto is None:
            return {}
        timestamp = str(int(self._tools.clock.now().timestamp()))
        nonce = str(self._tools.ids.number() % 10**10)
        signature = self._crypto.sign(timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    async def _post(
        self, encrypted: str, query: dict[str, str], shown: str
    ) -> tuple[int | None, bytes]:
        body = self._envelope.wrap(encrypted)
        return await self._request("POST", query, body, self._tools.timing.answer_seconds, shown)

    async def _request(
        self, method: str, query: dict[str, str], body: bytes | None, limit: float, shown: str
    ) -> tuple[int | None, bytes]:
        """Status and body; status None: no answer in time."""
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        status: int | None = None
        answer = b""
        try:
            async with self._session.request(
                method,
                self.url,
                params=query,
                data=body,
                headers={"Content-Type": self._envelope.content_type} if body else None,
                timeout=aiohttp.ClientTimeout(total=limit),
                allow_redirects=False,
            ) as response:
                answer = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            self._log(method, None, shown, f"（没有回答：{type(error).__name__}）")
            return None, b""
        self._log(method, status, shown, answer.decode(errors="replace"))
        return status, answer

    def _log(self, method: str, status: int | None, request: str, response: str) -> None:
        self._tools.log.add(
            self._tools.clock.now(), "out", method, self.url, status, request, response
        )

    def describe(self) -> Json:
        """Counters for the page."""
        return asdict(self.counters)
