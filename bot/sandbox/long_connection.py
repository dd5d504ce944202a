"""The intelligent bot's long connection, server side: `/aibot/ws` (reference C.7, C.9, C.11)."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.aibot import Aibot
from bot.sandbox.aibot_answers import Exchange
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, failure, ok
from bot.sandbox.faults import Faults
from bot.sandbox.fields import Fields
from bot.sandbox.ids import Ids
from bot.sandbox.limits import HOUR, MINUTE, Quota, SlidingLog
from bot.sandbox.wirelog import WireLog
from bot.sandbox.world import World

REPLY_LIFE = timedelta(hours=24)
UPDATE_LIFE = timedelta(seconds=5)
LATE_SECONDS = 6.0


class LongConnections:
    """Accepts connections; at most one of them is subscribed."""

    def __init__(
        self,
        aibot: Aibot,
        world: World,
        clock: SandboxClock,
        ids: Ids,
        faults: Faults,
        log: WireLog,
    ) -> None:
        self._aibot = aibot
        self._world = world
        self._clock = clock
        self._ids = ids
        self._faults = faults
        self._log = log
        self._quota = Quota(SlidingLog(30, MINUTE), SlidingLog(1000, HOUR))
        self._subscribed: web.WebSocketResponse | None = None
        self._open: set[web.WebSocketResponse] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.kicked = 0
        self._commands: dict[str, Callable[[str, Fields], Json]] = {
            "ping": self._ping,
            "aibot_respond_msg": self._respond,
            "aibot_respond_update_msg": self._respond_update,
            "aibot_send_msg": self._send,
        }

    @property
    def live(self) -> bool:
        """Whether a client is subscribed."""
        return self._subscribed is not None

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """`/aibot/ws`."""
        ws = web.WebSocketResponse(max_msg_size=1024 * 1024)
        await ws.prepare(request)
        self._open.add(ws)
        try:
            async for message in ws:
                if message.type != WSMsgType.TEXT:
                    continue
                if self._faults.take("connection_cut"):
                    if request.transport is not None:
                        request.transport.abort()
                    break
                await self._take(ws, message.data, request.remote or "")
        finally:
            self._open.discard(ws)
            if self._subscribed is ws:
                self._forget()
        return ws

    async def close(self) -> None:
        """Closes every connection."""
        for ws in list(self._open):
            await ws.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def push(self, cmd: str, req_id: str, body: Json) -> None:
        """Sends a callback frame to the subscribed client."""
        ws = self._subscribed
        if ws is not None:
            frame = {"cmd": cmd, "headers": {"req_id": req_id}, "body": body}
            self._start(self._write(ws, frame))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, ws: web.WebSocketResponse, text: str, ip: str) -> None:
        try:
            frame = Fields.parse(text)
            cmd, req_id = frame.text("cmd"), frame.object("headers").text("req_id")
        except ApiError as error:
            await self._write(ws, {"headers": {}, **failure(error, "0", ip)})
            return
        self._note("in", cmd, text)
        try:
            if cmd == "aibot_subscribe":
                answer = await self._subscribe(ws, frame.object("body"))
            elif self._subscribed is not ws:
                raise ApiError(846609, "not subscribed")
            elif cmd not in self._commands:
                raise ApiError(40058, f"cmd {cmd} invalid")
            else:
                answer = self._commands[cmd](req_id, frame.object("body"))
        except ApiError as error:
            answer = failure(error, str(self._ids.number()), ip)
        await self._acknowledge(ws, {"headers": {"req_id": req_id}, **answer})

    async def _acknowledge(self, ws: web.WebSocketResponse, frame: Json) -> None:
        if self._faults.take("ack_dropped"):
            return
        if self._faults.take("ack_late"):
            self._start(self._write_late(ws, frame))
            return
        await self._write(ws, frame)

    async def _write_late(self, ws: web.WebSocketResponse, frame: Json) -> None:
        await asyncio.sleep(LATE_SECONDS)
        await self._write(ws, frame)

    async def _write(self, ws: web.WebSocketResponse, frame: Json) -> None:
        text = json.dumps(frame, ensure_ascii=False)
        self._note("out", str(frame.get("cmd", "ack")), text)
        if not ws.closed:
            await ws.send_str(text)

    def _note(self, direction: str, cmd: str, text: str) -> None:
        request, response = (text, "") if direction == "in" else ("", text)
        self._log.add(self._clock.now(), direction, "WS", cmd, 101, request, response)

    async def _subscribe(self, ws: web.WebSocketResponse, body: Fields) -> Json:
        wanted = (self._aibot.seed.id, self._aibot.seed.secret)
        if (body.text("bot_id"), body.text("secret")) != wanted:
            raise ApiError(853000, "invalid bot_id or secret")
        old, self._subscribed = self._subscribed, ws
        self._aibot.line = self
        if old is not None and old is not ws:
            self.kicked += 1
            await self._kick(old)
        return ok()

    async def _kick(self, old: web.WebSocketResponse) -> None:
        body = {
            "msgid": self._ids.code(length=32),
            "create_time": int(self._clock.now().timestamp()),
            "aibotid": self._aibot.seed.id,
            "msgtype": "event",
            "event": {"eventtype": "disconnected_event"},
        }
        headers = {"req_id": self._ids.code("req_", 32)}
        await self._write(old, {"cmd": "aibot_event_callback", "headers": headers, "body": body})
        self._start(_close(old))

    def _forget(self) -> None:
        self._subscribed = None
        self._aibot.line = None

    def _ping(self, req_id: str, body: Fields) -> Json:
        return ok()

    def _exchange(self, req_id: str, life: timedelta, *, event: bool) -> Exchange:
        exchange = self._aibot.exchanges.get(req_id)
        if exchange is None or exchange.is_event != event:
            raise ApiError(846605, "invalid req_id")
        if self._clock.now() - exchange.at >= life:
            raise ApiError(846604, "req_id expired")
        return exchange

    def _respond(self, req_id: str, body: Fields) -> Json:
        exchange = self._exchange(req_id, REPLY_LIFE, event=False)
        if body.text("msgtype") in {"stream", "stream_with_template_card"}:
            if body.object("stream").text("id") not in exchange.streams:
                self._count(exchange.chat)
            self._aibot.answers.stream(exchange, body)
            return ok()
        if exchange.answered:
            raise ApiError(846606, "duplicate reply")
        self._count(exchange.chat)
        self._aibot.answers.say(exchange.chat, body, exchange.quote)
        exchange.answered = True
        return ok()

    def _respond_update(self, req_id: str, body: Fields) -> Json:
        exchange = self._exchange(req_id, UPDATE_LIFE, event=True)
        self._aibot.answers.update_card(exchange, body)
        return ok()

    def _send(self, req_id: str, body: Fields) -> Json:
        group = self._world.groups.get(body.text("chatid"))
        if body.number("chat_type") == 1:
            # Nobody in the sandbox talks to the bot one to one, so that door never opens.
            raise ApiError(846607, "send limited: user has not messaged the bot")
        if group is None:
            raise ApiError(93006, "invalid chatid")
        if not group.aibot:
            raise ApiError(93001, "chat not allowed")
        if group.id not in self._aibot.conversations:
            raise ApiError(846607, "send limited: user has not messaged the bot")
        self._count(group.id)
        self._aibot.answers.say(group.id, body)
        return ok()

    def _count(self, chat: str) -> None:
        """Pushes and replies share 30 a minute and 1,000 an hour per conversation."""
        if not self._quota.take(chat, self._clock.now()):
            raise ApiError(846607, "send limited: quota exceeded")


async def _close(ws: web.WebSocketResponse) -> None:
    await ws.close()
