"""The intelligent bot's long connection: subscribe, listen, answer, push.

Source: wecom-protocol.md C.7, C.9. One live connection per bot. A newer one replaces ours with
`disconnected_event`; then we stay away, because two clients that reconnect would kick each
other for ever.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp

from bot.clock import Clock
from bot.http import NoAnswer, NotSent
from bot.wecom.errors import WecomError
from bot.wecom.parse import AibotSource, Malformed, Received, aibot_event

Json = dict[str, Any]

_log = logging.getLogger(__name__)

_CALLBACKS = ("aibot_msg_callback", "aibot_event_callback")
_WRONG_CREDENTIALS = 853000
_MAX_FRAME = 1024 * 1024
# A dead peer never answers the closing handshake: hardly wait for it.
_WS_TIMEOUT = aiohttp.ClientWSTimeout(ws_close=1.0)


class Status(StrEnum):
    """Where the connection stands."""

    CONNECTING = "connecting"
    UP = "up"
    REPLACED = "replaced"
    """Another process took over this bot; only a restart connects again."""
    REFUSED = "refused"
    """Bot id or secret are wrong, repeatedly; only a restart connects again."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds and counts, as in the vendor's own SDK."""

    ping_every: float = 30.0
    ack_within: float = 5.0
    missed_pings: int = 2
    first_delay: float = 1.0
    longest_delay: float = 30.0
    refusals: int = 5


def reconnect_delay(attempt: int, jitter: float, timing: Timing) -> float:
    """Seconds before attempt 0, 1, 2 …: doubling, spread by `jitter` in [0, 1) over ±half."""
    delay = min(timing.longest_delay, timing.first_delay * float(2 ** min(attempt, 16)))
    return delay * (0.5 + jitter)


class LongConnection:
    """Keeps one bot connected while `run` runs.

    `inbox` commits an event; `jitter` gives floats in [0, 1).
    """

    def __init__(
        self,
        url: str,
        source: AibotSource,
        secret: str,
        inbox: Callable[[Received], Awaitable[None]],
        clock: Clock,
        jitter: Callable[[], float],
        timing: Timing | None = None,
    ) -> None:
        self._url = url
        self._source = source
        self._secret = secret
        self._inbox = inbox
        self._clock = clock
        self._jitter = jitter
        self._timing = timing or Timing()
        self._status = Status.CONNECTING
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._acks: dict[str, deque[asyncio.Future[Json]]] = {}
        self._events: asyncio.Queue[Received] = asyncio.Queue(maxsize=1000)
        self._requests = 0
        self._closing = asyncio.Event()

    @property
    def status(self) -> Status:
        """Where the connection stands, for health pages."""
        return self._status

    async def run(self) -> None:
        """Connects and reconnects until closed, replaced by another client, or refused."""
        keeper = asyncio.create_task(self._keep_events(), name="aibot inbox")
        try:
            async with aiohttp.ClientSession(trust_env=False) as session:
                await self._run(session)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def close(self) -> None:
        """Ends `run`."""
        self._closing.set()
        if self._status in (Status.CONNECTING, Status.UP):
            self._status = Status.CLOSED
        if self._socket is not None:
            await self._socket.close()

    async def send(self, chat_id: str, body: Mapping[str, Any]) -> Json:
        """Pushes a message; `chat_id` is a group or, 1:1, a userid. See `respond` for errors."""
        return await self._request(
            "aibot_send_msg", self._req_id("aibot_send_msg"), {"chatid": chat_id, **body}
        )

    async def respond(self, req_id: str, body: Mapping[str, Any]) -> Json:
        """Answers the message that came with `req_id`, within 24 hours.

        Raises NotSent while not connected, NoAnswer when no acknowledgement came, WecomError
        for a refusal.
        """
        return await self._request("aibot_respond_msg", req_id, body)

    # connecting

    async def _run(self, session: aiohttp.ClientSession) -> None:
        attempt = refusals = 0
        while not self._closing.is_set():
            try:
                async with session.ws_connect(
                    self._url, max_msg_size=_MAX_FRAME, timeout=_WS_TIMEOUT
                ) as socket:
                    self._socket = socket
                    if await self._session():
                        attempt = refusals = 0
            except WecomError as error:
                refusals += error.errcode == _WRONG_CREDENTIALS
                _log.error("aibot subscribe refused: %s", error, extra={"action": "aibot_refused"})
                if refusals >= self._timing.refusals:
                    self._status = Status.REFUSED
            except (aiohttp.ClientError, OSError, TimeoutError, NoAnswer, NotSent) as error:
                _log.warning("aibot connection: %r", error, extra={"action": "aibot_down"})
            finally:
                self._socket = None
                self._drop_acks()
            if self._status in (Status.REPLACED, Status.REFUSED):
                return
            await self._wait(reconnect_delay(attempt, self._jitter(), self._timing))
            attempt += 1
        self._status = Status.CLOSED

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return

    async def _session(self) -> bool:
        """One connection from subscribe to its end; True if the subscription succeeded."""
        assert self._socket is not None  # noqa: S101 - set by the only caller
        reader = asyncio.create_task(self._read(self._socket), name="aibot reader")
        pinger: asyncio.Task[None] | None = None
        try:
            credentials = {"bot_id": self._source.bot, "secret": self._secret}
            await self._request("aibot_subscribe", self._req_id("aibot_subscribe"), credentials)
            if self._status is Status.CONNECTING:
                self._status = Status.UP
            _log.info("aibot connected", extra={"action": "aibot_up"})
            pinger = asyncio.create_task(self._ping(self._socket), name="aibot ping")
            await reader
        finally:
            if self._status is Status.UP:
                self._status = Status.CONNECTING
            tasks = [task for task in (reader, pinger) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return True

    async def _ping(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Closes the connection after two pings without an acknowledgement."""
        missed = 0
        while missed < self._timing.missed_pings:
            await asyncio.sleep(self._timing.ping_every)
            try:
                await self._request("ping", self._req_id("ping"), None)
                missed = 0
            except NoAnswer:
                missed += 1
            except (NotSent, WecomError):
                break
        _log.warning("aibot connection is dead", extra={"action": "aibot_dead"})
        await socket.close()

    # frames out

    def _req_id(self, cmd: str) -> str:
        self._requests += 1
        return f"{cmd}_{int(self._clock.now().timestamp() * 1000)}_{self._requests}"

    async def _request(self, cmd: str, req_id: str, body: Mapping[str, Any] | None) -> Json:
        socket = self._socket
        if socket is None or socket.closed:
            raise NotSent("长连接没有连上")
        frame: Json = {"cmd": cmd, "headers": {"req_id": req_id}}
        if body is not None:
            frame["body"] = dict(body)
        ack: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        # Several answers to one message share its req_id: acknowledgements come in order.
        waiting = self._acks.setdefault(req_id, deque())
        waiting.append(ack)
        try:
            async with asyncio.timeout(self._timing.ack_within):
                await socket.send_str(json.dumps(frame, ensure_ascii=False))
                answer = await ack
        except TimeoutError:
            raise NoAnswer(f"长连接在 {self._timing.ack_within:g} 秒内没有确认") from None
        except (aiohttp.ClientError, ConnectionError):
            raise NoAnswer("长连接在发送时断开") from None
        finally:
            if ack in waiting:
                waiting.remove(ack)
            if not waiting:
                self._acks.pop(req_id, None)
        errcode = answer.get("errcode", 0)
        if not isinstance(errcode, int):
            raise NoAnswer("长连接的确认无法理解")
        if errcode != 0:
            raise WecomError(errcode, str(answer.get("errmsg", "")))
        return answer

    def _drop_acks(self) -> None:
        for waiting in self._acks.values():
            for ack in waiting:
                if not ack.done():
                    ack.set_exception(NoAnswer("长连接在确认之前断开"))

    # frames in

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._frame(message.data)
                if self._status is Status.REPLACED:
                    return
        finally:
            self._drop_acks()

    async def _frame(self, document: str) -> None:
        try:
            frame = json.loads(document)
            headers = frame.get("headers") or {}
            req_id, cmd = str(headers.get("req_id", "")), frame.get("cmd")
            body = frame.get("body") or {}
            if cmd in _CALLBACKS:
                await self._callback(body, req_id, document)
                return
        except (ValueError, AttributeError, RecursionError, Malformed):
            _log.warning("aibot frame malformed", extra={"action": "aibot_malformed"})
            return
        for ack in self._acks.get(req_id, ()):
            if not ack.done():
                ack.set_result(frame)
                return

    async def _callback(self, body: Json, req_id: str, document: str) -> None:
        if (body.get("event") or {}).get("eventtype") == "disconnected_event":
            self._status = Status.REPLACED
            _log.critical(
                "aibot %s was taken over by another connection; not reconnecting",
                self._source.bot,
                extra={"action": "aibot_replaced"},
            )
            return
        source = AibotSource(self._source.bot, self._source.name, req_id)
        content = json.dumps(body, sort_keys=True).encode()
        received = aibot_event(body, source, content, self._clock.now())
        if received is not None:
            await self._events.put(received)

    async def _keep_events(self) -> None:
        """Commits events in order; WeCom does not repeat them here, so a failure is repeated."""
        while True:
            received = await self._events.get()
            while not await self._kept(received):
                await self._wait(self._timing.first_delay)
                if self._closing.is_set():
                    return

    async def _kept(self, received: Received) -> bool:
        try:
            await self._inbox(received)
        except Exception:
            _log.exception("inbox did not keep %s", received.kind, extra={"action": "inbox_failed"})
            return False
        return True
