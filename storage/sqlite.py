"""SQLite: one writer thread with one connection, many works to a commit; readers beside it.

More writing connections make SQLite slower and leave its losers sleeping in the busy handler
(performance study, section 2), so everything that writes is queued to one thread. That thread's
connection also stays open always, because closing the last one checkpoints the log. `BEGIN
IMMEDIATE` takes the write lock before the first read: without it a read-then-write loses updates
(reliability study, finding 4). A second process is refused by a lock file: two writing processes
are what the WAL-reset bug of SQLite before 3.51.3 needs (finding 10).
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from storage import migrations
from storage.database import BATCH, AlreadyOpen, T, Unusable, Work, to_json
from storage.scrubbing import SCRUB_PAUSE, SCRUB_TRIES, emptied_log, found_in_files, rewritten

BUSY_MS = 5_000
"""How long a connection waits for another's lock: a backup, or a reader that checkpoints."""
READERS = 3
_WRITER_PRAGMAS: Mapping[str, int | str] = {
    "busy_timeout": BUSY_MS,
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
}
_READER_PRAGMAS = {"busy_timeout": BUSY_MS, "query_only": 1}


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work[Any]
    future: asyncio.Future[Any]
    alone: bool = False
    """Outside of any transaction."""


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a job: a value, or the exception that it raised."""

    future: asyncio.Future[Any]
    value: Any
    error: Exception | None

    def deliver(self) -> None:
        if self.future.done():  # its caller was cancelled; the work is committed all the same
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class _Writer:
    """The one thread that writes."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self._engine = engine
        self._loop = loop
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="qunyun-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T], *, alone: bool = False) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(work, future, alone))
        return future

    def finish(self) -> None:
        """Does what was asked for and ends. Blocks: call it off the loop."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while batch := self._next():
                results = _commit(connection, batch)
                if self._loop.is_closed():  # nobody is left to be told
                    return
                self._loop.call_soon_threadsafe(_deliver, results)

    def _next(self) -> list[_Job]:
        """Waits for a job and takes those queued behind it; empty when told to finish."""
        first = self._jobs.get()
        batch: list[_Job] = []
        while first is not None:
            batch.append(first)
            if len(batch) == BATCH:
                break
            try:
                first = self._jobs.get_nowait()
            except Empty:
                break
        else:
            if batch:  # the end was queued behind these: come back for it
                self._jobs.put(None)
        return batch


def _commit(connection: Connection, batch: list[_Job]) -> list[_Result]:
    """Runs a batch in one transaction; if that fails, each of its works in one of its own."""
    if any(job.alone for job in batch):
        return [result for job in batch for result in _by_itself(connection, job)]
    try:
        transaction = connection.begin()
    except Exception as error:  # the file is locked: the works were not even begun
        return [_Result(job.future, None, error) for job in batch]
    try:
        with transaction:
            values = [job.work(connection) for job in batch]
    except Exception as error:
        if len(batch) == 1:
            return [_Result(batch[0].future, None, error)]
        return [result for job in batch for result in _commit(connection, [job])]
    return [_Result(job.future, value, None) for job, value in zip(batch, values, strict=True)]


def _by_itself(connection: Connection, job: _Job) -> list[_Result]:
    if not job.alone:
        return _commit(connection, [job])
    try:
        return [_Result(job.future, job.work(connection), None)]
    except Exception as error:
        return [_Result(job.future, None, error)]


def _deliver(results: list[_Result]) -> None:
    for result in results:
        result.deliver()


class SqliteDatabase:
    """A SQLite file. Open it with `storage.database.open_database`."""

    def __init__(
        self, writer: _Writer | None, engines: list[Engine], readers: Engine, lock: int | None
    ) -> None:
        self._writer = writer
        self._engines = engines
        self._readers = readers
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="qunyun-reader")
        self._lock = lock

    @classmethod
    async def open(cls, path: Path, read_only: bool) -> "SqliteDatabase":
        """Opens the file, creating and migrating it unless `read_only`. Raises Unusable."""
        loop = asyncio.get_running_loop()
        if read_only:
            _must_exist(path)
            readers = _engine(path, _READER_PRAGMAS, "BEGIN", pool_size=READERS)
            return cls(None, [readers], readers, None)
        lock = _claim(path)
        try:
            engine = _engine(path, _WRITER_PRAGMAS, "BEGIN IMMEDIATE", poolclass=StaticPool)
            await loop.run_in_executor(None, prepare, engine)
        except BaseException:
            os.close(lock)
            raise
        readers = _engine(path, _READER_PRAGMAS, "BEGIN", pool_size=READERS)
        return cls(_Writer(engine, loop), [readers, engine], readers, lock)

    @property
    def url(self) -> str:
        """See `Database.url`."""
        return f"sqlite:///{self._readers.url.database}"

    async def write(self, work: Work[T]) -> T:
        """See `Database.write`."""
        if self._writer is None:
            raise Unusable("数据库以只读方式打开，不能写入。")
        return await self._writer.submit(work)

    async def read(self, work: Work[T]) -> T:
        """See `Database.read`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._read, work)

    def _read(self, work: Work[T]) -> T:
        with self._readers.connect() as connection, connection.begin():
            return work(connection)

    def alone(self, role: str) -> contextlib.AbstractAsyncContextManager[None]:
        """See `Database.alone`: no second process can open the file to write."""
        return contextlib.nullcontext()

    async def scrub(self, traces: Collection[str]) -> bool:
        """See `Database.scrub`: the log is copied into the file and emptied; if a trace is left
        in the slack of a page that was rebuilt, the file is written anew."""
        if self._writer is None:
            raise Unusable("数据库以只读方式打开，不能写入。")
        path = Path(str(self._engines[-1].url.database))
        sought = [one.encode() for one in traces if one]
        for clean in (emptied_log, rewritten):
            for _ in range(SCRUB_TRIES):
                if await self._writer.submit(clean, alone=True):
                    break
                await asyncio.sleep(SCRUB_PAUSE)
            else:
                return False
            if not await asyncio.to_thread(found_in_files, path, sought):
                return True
        return False

    async def close(self) -> None:
        """See `Database.close`."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.finish()
            self._writer = None
        self._pool.shutdown()
        for engine in self._engines:
            engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _engine(path: Path, pragmas: Mapping[str, int | str], begin: str, **pool: Any) -> Engine:
    """An engine whose connections have these settings and open transactions with `begin`."""
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        json_serializer=to_json,
        hide_parameters=True,  # an error is logged, and its values are people's
        connect_args={"check_same_thread": False},
        **pool,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def prepare(engine: Engine) -> None:
    """Checks that the settings took hold, and migrates. Raises Unusable."""
    try:
        with engine.connect() as connection, connection.begin():
            for name, wanted in _WRITER_PRAGMAS.items():
                found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                if found != wanted:
                    raise Unusable(
                        f"SQLite 的 {name} 应为 {wanted}，实际是 {found}："
                        "不能保证写入不丢，已停止。"
                    )
            migrations.upgrade(connection)
    except DBAPIError as error:
        raise Unusable(f"打不开 SQLite 数据库 {engine.url.database}：{error.orig}") from error


def _must_exist(path: Path) -> None:
    if not path.exists():
        raise Unusable(f"没有数据库文件 {path}：服务还没有在这里运行过。")


def _claim(path: Path) -> int:
    """Makes the file private to its owner and locks it against a second process.

    Returns the descriptor of the lock; closing it, or the end of the process, frees the lock.
    SQLite gives its -wal and -shm files the mode of the main file.
    """
    with _explained(path):
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.chmod(0o600)
        lock = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise AlreadyOpen(
            f"数据库 {path} 正被另一个 qunyun 进程使用，本进程不再启动。"
            "请先停止那个进程，或换一个数据目录。"
        ) from None
    return lock


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Keeps every other process from opening the file to write. Raises AlreadyOpen, Unusable."""
    lock = _claim(path)
    try:
        yield
    finally:
        os.close(lock)


def single(path: Path) -> Engine:
    """A file that nobody else has open, through one connection that may write."""
    return _engine(path, _WRITER_PRAGMAS, "BEGIN IMMEDIATE", poolclass=StaticPool)


def migrated(path: Path, work: Work[None]) -> None:
    """Brings a file that nobody else has open up to date, and does a work in it. Raises
    Unusable."""
    engine = single(path)
    try:
        prepare(engine)
        with engine.connect() as connection, connection.begin():
            work(connection)
    finally:
        engine.dispose()


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unusable(
            f"不能读写数据库文件 {path}：{error.strerror}。请检查目录和权限。"
        ) from error
