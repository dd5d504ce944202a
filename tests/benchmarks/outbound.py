"""G16, G17: outbound calls, `bot.http.Http` against one shared `httpx.AsyncClient` by default.

Each client runs in a process of its own and posts 1 KB of JSON to the stub on the other core:
16 in flight for two seconds, or 1,000 at once.
`python -m tests.benchmarks.outbound ours|httpx URL steady|burst` runs one side.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from bot.http import Http
from tests.benchmarks.machine import CLIENT, SERVER, child, pin_as_told, python, run_json
from tests.benchmarks.report import (
    Row,
    alternating,
    ensure,
    middle,
    milliseconds,
    paired,
    per_second,
    spread,
    times,
)

FLIGHT, SECONDS, BURST = 16, 2.0, 1_000
BODY = {"msgtype": "markdown", "markdown": {"content": "群里的一条消息。" * 40}}

Send = Callable[[], Awaitable[Any]]


async def steady(send: Send) -> dict[str, float]:
    """16 in flight."""
    done = 0
    until = time.perf_counter() + SECONDS

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await send()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(FLIGHT)))
    return {"rate": done / (time.perf_counter() - began)}


async def burst(send: Send) -> dict[str, float]:
    """1,000 at once."""
    began = time.perf_counter()
    found = await asyncio.gather(*(send() for _ in range(BURST)), return_exceptions=True)
    seconds = time.perf_counter() - began
    return {"ms": 1000 * seconds, "errors": sum(isinstance(one, Exception) for one in found)}


async def main(side: str, url: str, how: str) -> dict[str, float]:
    """One side, one way."""
    run = steady if how == "steady" else burst
    address = f"{url}/cgi-bin/webhook/send?key=bench"
    if side == "ours":
        http = Http([url])

        async def ours() -> None:
            answer = await http.request("POST", address, json=BODY)
            if answer.json()["errcode"] != 0:
                raise ValueError("refused")

        result = await run(ours)
        await http.close()
        return result
    async with httpx.AsyncClient() as client:

        async def theirs() -> None:
            answer = await client.post(address, json=BODY)
            if answer.json()["errcode"] != 0:
                raise ValueError("refused")

        return await run(theirs)


def run(rounds: int) -> list[Row]:
    """Two rows. The burst of plain httpx waits out its time limits, so it is run only once."""
    with child(*python("servers.stub"), core=CLIENT) as (port, _):
        url = f"http://127.0.0.1:{port}"

        def one(side: str, how: str) -> dict[str, float]:
            found: dict[str, float] = run_json("outbound", side, url, how, core=SERVER)
            return found

        ours, theirs = alternating(
            rounds, [lambda: one("ours", "steady"), lambda: one("httpx", "steady")]
        )
        bursts = [one("ours", "burst") for _ in range(rounds)]
        usual = one("httpx", "burst")
    rates, plain = [one["rate"] for one in ours], [one["rate"] for one in theirs]
    ratio = paired(rates, plain)
    errors = sum(one["errors"] for one in bursts)
    ensure(errors == 0, f"outbound: {errors:.0f} of 1,000 sends at once failed")
    took = [one["ms"] for one in bursts]
    return [
        Row("G16", "sends, 16 in flight, against one shared httpx.AsyncClient",
            spread(rates, per_second), spread(plain, per_second), times(ratio), ">= 3x",
            ratio >= 3),
        Row("G17", "1,000 sends at once; errors", f"{spread(took, milliseconds)}; 0",
            f"{milliseconds(usual['ms'])}; {usual['errors']:.0f}", milliseconds(middle(took)),
            "<= 1,000 ms, 0", middle(took) <= 1000),
    ]  # fmt: skip


if __name__ == "__main__":
    pin_as_told()
    print(json.dumps(asyncio.run(main(*sys.argv[1:4]))))
