"""The load generator: `python -m tests.benchmarks.load FILE PORT CONNECTIONS WARM SECONDS`.

A process of its own, raw `asyncio.Protocol`, keep-alive, closed loop: each connection sends its
next request when the last one is answered. WARM and SECONDS of 0 mean a burst: every connection
is open first, then each sends exactly one request at the same moment. Prints one line of JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.machine import CLIENT, pin
from tests.benchmarks.wire import read

PATIENCE = 60
"""Seconds after which a connection that was not answered counts as failed."""


class Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._got = bytearray()
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self) -> None:
        """Sends the next request, or ends."""
        request = self._run.next()
        if request is None or self._transport is None:
            self._run.ended()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return
        lines = bytes(self._got[:head]).lower()
        at = lines.find(b"content-length:")
        length = int(lines[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._got) < head + 4 + length:
            return
        self._got.clear()
        self._run.answered(self._sent_at, lines[9:12] == b"200")
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._run.over:
            self._run.refused += 1
            self._run.ended()


class Run:
    """What a run has seen."""

    def __init__(self, requests: Iterator[bytes], warm: float, seconds: float, many: int) -> None:
        self._requests = requests
        self._measured_from = 0.0
        self._until = 0.0
        self._warm, self._seconds, self._open = warm, seconds, many
        self.done = asyncio.Event()
        self.over = False
        self.waits: list[float] = []
        self.total = self.refused = 0
        self.last_at = 0.0

    def start(self) -> None:
        """The clock runs from here."""
        now = time.perf_counter()
        self._measured_from = now + self._warm
        self._until = self._measured_from + self._seconds if self._seconds else float("inf")

    def next(self) -> bytes | None:
        """The next request; None when the time or the requests are over."""
        if time.perf_counter() >= self._until:
            return None
        return next(self._requests, None)

    def answered(self, sent_at: float, good: bool) -> None:
        """One answer."""
        now = time.perf_counter()
        self.total += 1
        self.refused += not good
        if sent_at >= self._measured_from:
            self.waits.append(now - sent_at)
            self.last_at = now

    def ended(self) -> None:
        """One connection has nothing more to do."""
        self._open -= 1
        if self._open == 0:
            self.done.set()

    def result(self) -> dict[str, float]:
        """Rates per second, waits in milliseconds, `total` with the warm-up."""
        waits = sorted(self.waits) or [float("nan")]
        took = self.last_at - self._measured_from
        return {
            "total": self.total,
            "refused": self.refused,
            "rate": len(self.waits) / took if took > 0 else 0.0,
            "p50": 1000 * waits[len(waits) // 2],
            "p99": 1000 * waits[min(len(waits) - 1, len(waits) * 99 // 100)],
            "worst": 1000 * waits[-1],
        }


async def main(file: Path, port: int, connections: int, warm: float, seconds: float) -> None:
    """Runs and prints."""
    requests = read(file)
    burst = not warm and not seconds
    run = Run(iter(requests), warm, seconds, connections)
    loop = asyncio.get_running_loop()
    callers = []
    for _ in range(connections):
        _, caller = await loop.create_connection(lambda: Caller(run), "127.0.0.1", port)
        callers.append(caller)
    if burst:
        await asyncio.sleep(0.2)  # let the server see every connection
        run._requests = iter(requests[:connections])
    run.start()
    for caller in callers:
        caller.send()
    try:
        await asyncio.wait_for(run.done.wait(), warm + seconds + PATIENCE)
    except TimeoutError:
        run.refused += run._open
    run.over = True
    print(json.dumps(run.result()), flush=True)


if __name__ == "__main__":
    pin(CLIENT)
    _, name, *numbers = sys.argv
    port, connections, warm, seconds = numbers
    asyncio.run(main(Path(name), int(port), int(connections), float(warm), float(seconds)))
