"""WeCom's side of outbound calls, a raw Protocol: everything succeeds with errcode 0, only the
members of a group cannot be read, so that nobody leaves or joins meanwhile."""

import asyncio
import signal

from tests.benchmarks.machine import pin_as_told


def answer(body: bytes) -> bytes:
    """A whole HTTP answer."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


GOOD = answer(b'{"errcode":0,"errmsg":"ok","access_token":"t","expires_in":7200}')
NO_GROUP = answer(b'{"errcode":48002,"errmsg":"api forbidden"}')


class Stub(asyncio.Protocol):
    """One connection; requests may come in pieces."""

    def __init__(self) -> None:
        self._got = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (head := self._got.find(b"\r\n\r\n")) >= 0:
            lines = bytes(self._got[:head]).lower()
            at = lines.find(b"content-length:")
            length = int(lines[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._got) < head + 4 + length:
                return
            no_group = b"/groupchat/get" in lines.split(b"\r\n", 1)[0]
            del self._got[: head + 4 + length]
            assert self._transport is not None
            self._transport.write(NO_GROUP if no_group else GOOD)


async def main() -> None:
    """Serves until told to stop."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    pin_as_told()
    asyncio.run(main())
