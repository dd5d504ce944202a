"""Acts of the terminal, handed in to the service that has the database (SQLite).

Only one process may write a SQLite file. So `serve` listens on a socket beside it, and a command
that finds the file taken hands its act over: one line of JSON (`bot.acts`), answered by one line
`{"ok": true, "text": "…"}`. Who may open the socket may write the database file itself: it is
private to the account, and the kernel is asked who calls.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
import stat
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bot.acts import Act, perform, read_act
from bot.clock import Clock
from bot.desk import Refused
from storage.database import Database, parse_url, sqlite_path

log = logging.getLogger(__name__)

MOST_BYTES = 1 << 20
"""Of a question: a reviewer's act carries what was read, a plan's worth of texts."""
PATIENCE = 10.0
"""Seconds for a question to arrive, and for its answer to be taken."""
WAIT = 30.0
"""Seconds that the terminal waits for an answer."""
MOST_AT_ONCE = 8
_LONGEST_PATH = 100
"""Bytes; an address holds 108 on Linux, 104 elsewhere."""
_OPEN_FILES = Path("/proc/self/fd")


class NoAnswer(Exception):
    """The service could not be asked, or did not answer; the text says in Chinese what is
    known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says."""

    ok: bool
    text: str


def socket_beside(url: str) -> Path | None:
    """Where the service of a SQLite database listens; None for PostgreSQL, which needs none."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    path = sqlite_path(parsed)
    return path.with_name(f"{path.name}.sock")


class HandIn:
    """The listening side. One that cannot listen says so in the log and does not stop the bot."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        path: Path,
        done: Callable[[], None],
        *,
        patience: float = PATIENCE,
    ) -> None:
        """`done` is called after each act: there may be something to send."""
        self._database = database
        self._clock = clock
        self._path = path
        self._done = done
        self._patience = patience
        self._server: asyncio.Server | None = None
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._busy: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens, if nobody else does."""
        try:
            listening = _listen(self._path)
        except OSError as error:
            text = "terminal commands that write will be refused: %s"
            log.warning(text, error, extra={"action": "handin_refused"})
            return
        self._server = await asyncio.start_unix_server(
            self._accept, sock=listening, limit=MOST_BYTES
        )

    async def close(self) -> None:
        """Listens no more; acts under way are finished."""
        if self._server is None:
            return
        self._path.unlink(missing_ok=True)
        self._server.close()
        self._server = None
        if self._busy:
            await asyncio.wait(self._busy, timeout=self._patience)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self._turns:
                writer.write(_line(await self._answer(reader, _is_stranger(writer))))
            async with asyncio.timeout(self._patience):
                await writer.drain()
                # Closing on what is unread would take the answer away from who asked.
                while await reader.read(1 << 16):
                    pass
        except (OSError, TimeoutError) as error:  # who asked has gone
            log.info("an answer was not taken: %s", error, extra={"action": "handin_lost"})
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, stranger: bool) -> Answer:
        try:
            async with asyncio.timeout(self._patience):
                line = await reader.readline()
            if stranger:
                return Answer(False, "没有执行：请用运行服务的同一个系统账号执行命令。")
            act = read_act(line)
        except TimeoutError:
            return Answer(False, f"没有执行：{self._patience:g} 秒内没有收到完整的请求。")
        except ValidationError:
            return Answer(False, "没有执行：服务不认识这个请求，请用同一版本的 qunyun。")
        except ValueError:  # longer than the reader's limit
            return Answer(False, "没有执行：请求太长。")
        return await self._do(act)

    async def _do(self, act: Act) -> Answer:
        now = self._clock.now()
        try:
            text = await perform(self._database, act, now)
        except Refused as refused:
            return Answer(False, str(refused))
        except Exception:
            log.exception("act failed", extra={"action": "handin_failed", "act": act.act})
            return Answer(False, "没有执行：服务内部出错，详情见服务的日志。")
        self._done()
        return Answer(True, text)


def hand_in(path: Path, act: Act) -> Answer:
    """Asks the service to do an act and waits for its answer. Raises NoAnswer."""
    question = act.model_dump_json().encode() + b"\n"
    if len(question) > MOST_BYTES:
        raise NoAnswer("没有执行：内容太多，请分几次做，或先停止服务。")
    asked = False
    try:
        with socket.socket(socket.AF_UNIX) as connection, _address(path) as address:
            connection.settimeout(WAIT)
            connection.connect(address)
            asked = True
            connection.sendall(question)
            line = connection.makefile("rb").readline(MOST_BYTES)
    except (OSError, ValueError) as error:
        if asked:
            raise NoAnswer(_UNKNOWN) from error
        raise NoAnswer(
            "数据库正被另一个 qunyun 进程使用，那个进程不接受命令。请稍后再试，或先停止它。"
        ) from error
    if not line.endswith(b"\n"):
        raise NoAnswer(_UNKNOWN)
    answer = json.loads(line)
    return Answer(bool(answer["ok"]), str(answer["text"]))


def _line(answer: Answer) -> bytes:
    said = {"ok": answer.ok, "text": answer.text}
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


_UNKNOWN = "服务没有回答，不知道做了没有。请先用 list 命令看看，再决定要不要重来。"


def _listen(path: Path) -> socket.socket:
    """A socket that only this account can connect to. Raises OSError."""
    with _address(path) as address:
        _clear(path, address)
        listening = socket.socket(socket.AF_UNIX)
        try:
            listening.bind(address)
            path.chmod(0o600)  # nobody can connect before the next line
            listening.listen(MOST_AT_ONCE)
            listening.setblocking(False)
        except OSError:
            listening.close()
            raise
    return listening


def _clear(path: Path, address: str) -> None:
    """Removes the socket of a process that died. Raises OSError if somebody answers there, or
    if the file is no socket."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError(f"{path} is not a socket")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(address)
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(f"somebody answers at {path}")


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """The socket's address. One too long is reached through its open folder, where the system
    has such names (Linux); elsewhere it is refused with OSError."""
    if len(os.fsencode(path)) <= _LONGEST_PATH or not _OPEN_FILES.exists():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield str(_OPEN_FILES / str(folder) / path.name)
    finally:
        os.close(folder)


def _is_stranger(writer: asyncio.StreamWriter) -> bool:
    """Whether a process of another account calls. The kernel knows whose it is on Linux; elsewhere
    the socket's permissions are all there is."""
    if not hasattr(socket, "SO_PEERCRED"):
        return False
    connection = writer.get_extra_info("socket")
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", found)
    return bool(user != os.getuid())
