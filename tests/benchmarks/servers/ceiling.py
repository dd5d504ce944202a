"""(e): our HTTP server and our callback handler with nothing behind it, the ceiling."""

import asyncio
import signal

from bot.clock import SystemClock
from bot.pages.server import Server
from bot.wecom.callbacks import AibotCallback, Callbacks
from bot.wecom.parse import Received
from tests.benchmarks import wire
from tests.benchmarks.machine import pin_as_told


async def forget(_: Received) -> None:
    """Stores nothing."""


async def main() -> None:
    """Serves until told to stop."""
    aibots = {wire.BOT: AibotCallback(wire.BOT, wire.NAME, wire.crypto())}
    callbacks = Callbacks({}, aibots, forget, SystemClock())

    async def checks() -> list[str]:
        return []

    server = Server(callbacks.routes(), checks, lambda: b"", "127.0.0.1", 0)
    await server.start()
    print(server.port, flush=True)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await server.close()


if __name__ == "__main__":
    pin_as_told()
    asyncio.run(main())
