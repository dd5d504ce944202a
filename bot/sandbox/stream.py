"""Live updates of the chat page: server-sent events with replay by Last-Event-ID."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from bot.sandbox.errors import Json

KEPT_EVENTS = 2000
HEARTBEAT_SECONDS = 15.0


class Stream:
    """Numbered events and those who listen."""

    def __init__(self, snapshot: Callable[[], Json]) -> None:
        self._snapshot = snapshot
        self._last = 0
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT_EVENTS)
        self._listeners: set[asyncio.Queue[bytes | None]] = set()

    def publish_state(self) -> None:
        """Sends the whole state, after people or chats changed."""
        self.publish("state", self._snapshot())

    def publish(self, event: str, data: Json) -> None:
        """Sends one event to every listener."""
        self._last += 1
        frame = _frame(self._last, event, data)
        self._kept.append((self._last, frame))
        for queue in self._listeners:
            queue.put_nowait(frame)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`GET /sandbox/events`."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        for frame in self._missed(request.headers.get("Last-Event-ID", "")):
            queue.put_nowait(frame)
        self._listeners.add(queue)
        with suppress(ConnectionError):
            await response.prepare(request)
            await response.write(b"retry: 1000\n\n")
            await self._pump(queue, response)
        self._listeners.discard(queue)
        return response

    def close(self) -> None:
        """Ends every open stream, so that a shutdown does not wait for pages."""
        for queue in self._listeners:
            queue.put_nowait(None)

    def _missed(self, last_seen: str) -> list[bytes]:
        """Frames after `last_seen`; after a gap the whole state, from which a page reads anew."""
        if not last_seen.isdecimal():
            return []
        seen = int(last_seen)
        oldest = self._kept[0][0] if self._kept else self._last + 1
        if seen > self._last or seen + 1 < oldest:
            return [_frame(self._last, "state", self._snapshot())]
        return [frame for number, frame in self._kept if number > seen]

    async def _pump(self, queue: asyncio.Queue[bytes | None], response: web.StreamResponse) -> None:
        while True:
            try:
                frame = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                frame = b": still here\n\n"
            if frame is None:
                return
            await response.write(frame)


def _frame(number: int, event: str, data: Json) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {number}\nevent: {event}\ndata: {text}\n\n".encode()
