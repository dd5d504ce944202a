"""PostgreSQL: the same promises as SQLite, across several processes.

Within a process works are written one after another, many to a commit, on one connection, so
they cannot conflict with each other. Against other processes transactions are SERIALIZABLE: a
work that reads and then writes is as right as under SQLite's one writer, and the database
answers a real conflict with an error upon which the whole batch is run again.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage import migrations
from storage.database import BATCH, T, Unusable, Work, is_conflict, to_json

READERS = 4
ATTEMPTS = 100
"""Runs of a batch that others get in the way of. One of the contenders always commits, so this
is reached only by a fault."""
LONGEST_PAUSE = 0.05
"""Seconds between two runs, at most."""
ROLE_SECONDS = 2.0
"""How often a process that waits for a role asks again."""
_Job = tuple[Work[Any], asyncio.Future[Any]]


class PostgresDatabase:
    """A PostgreSQL database. Open it with `storage.database.open_database`."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, read_only: bool) -> None:
        self._writer = writer
        self._reader = reader
        self._read_only = read_only
        self._roles = create_async_engine(
            writer.url, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self._jobs: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._run(), name="qunyun-writer")

    @classmethod
    async def open(cls, url: URL, read_only: bool) -> "PostgresDatabase":
        """Connects, and migrates unless `read_only`. Raises Unusable."""
        writer = _engine(url, pool_size=1, isolation_level="SERIALIZABLE")
        reader = _engine(url, pool_size=READERS, isolation_level="REPEATABLE READ")
        if not read_only:
            try:
                await _migrate(writer)
            except (DBAPIError, OSError) as error:
                await writer.dispose()
                await reader.dispose()
                where = url.render_as_string(hide_password=True)
                raise Unusable(f"打不开 PostgreSQL 数据库 {where}：{error}") from error
        return cls(writer, reader, read_only)

    @property
    def url(self) -> str:
        """See `Database.url`."""
        address = self._reader.url.set(drivername="postgresql")
        return address.render_as_string(hide_password=False)

    async def write(self, work: Work[T]) -> T:
        """See `Database.write`."""
        if self._read_only:
            raise Unusable("数据库以只读方式打开，不能写入。")
        if self._task.done():
            raise Unusable("数据库已经关闭。")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait((work, future))
        return await future

    async def read(self, work: Work[T]) -> T:
        """See `Database.read`."""
        try:
            return await self._read(work)
        except DBAPIError as error:
            if not _is_lost(error):
                raise
        return await self._read(work)

    async def _read(self, work: Work[T]) -> T:
        async with self._reader.connect() as connection:
            options = await connection.execution_options(postgresql_readonly=True)
            async with options.begin():
                return await options.run_sync(work)

    @asynccontextmanager
    async def alone(self, role: str) -> AsyncIterator[None]:
        """See `Database.alone`: an advisory lock, which ends with its connection."""
        key = int.from_bytes(hashlib.sha256(role.encode()).digest()[:8], signed=True)
        async with self._roles.connect() as connection:
            taken = text("SELECT pg_try_advisory_lock(:key)")
            while not (await connection.execute(taken, {"key": key})).scalar_one():  # noqa: ASYNC110
                await asyncio.sleep(ROLE_SECONDS)
            yield

    async def scrub(self, traces: Collection[str]) -> bool:
        """See `Database.scrub`."""
        return False

    async def close(self) -> None:
        """See `Database.close`."""
        if not self._task.done():
            self._jobs.put_nowait(None)
            await self._task
        await self._writer.dispose()
        await self._reader.dispose()
        await self._roles.dispose()

    async def _run(self) -> None:
        """Takes what is queued, a batch at a time, until told to finish."""
        while (first := await self._jobs.get()) is not None:
            batch = [first]
            while len(batch) < BATCH and not self._jobs.empty():
                following = self._jobs.get_nowait()
                if following is None:
                    self._jobs.put_nowait(None)
                    break
                batch.append(following)
            await self._commit(batch)

    async def _commit(self, batch: list[_Job]) -> None:
        """Runs a batch in one transaction; if that fails, each of its works in its own."""
        try:
            values = await self._together([work for work, _ in batch])
        except Exception as error:
            if len(batch) > 1 and not _is_lost(error):
                for job in batch:
                    await self._commit([job])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), value in zip(batch, values, strict=True):
            if not future.done():  # else its caller was cancelled; the work is committed
                future.set_result(value)

    async def _together(self, works: list[Work[Any]]) -> list[Any]:
        """One transaction, run again while other processes are in the way."""

        def all_of_them(connection: Connection) -> list[Any]:
            return [work(connection) for work in works]

        lost = False
        for attempt in range(1, ATTEMPTS):
            committing = False
            try:
                async with self._writer.begin() as connection:
                    values = await connection.run_sync(all_of_them)
                    committing = True
                return values
            except DBAPIError as error:
                # Nothing asks before each transaction whether the server is still there (three
                # round trips); a connection that broke before the commit has written nothing.
                if not is_conflict(error):
                    if committing or lost or not _is_lost(error):
                        raise
                    lost = True
            await asyncio.sleep(min(0.001 * attempt, LONGEST_PAUSE))
        async with self._writer.begin() as connection:
            return await connection.run_sync(all_of_them)


def _engine(url: URL, pool_size: int, isolation_level: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        isolation_level=isolation_level,
        json_serializer=to_json,
        hide_parameters=True,  # an error is logged, and its values are people's
    )


async def _migrate(engine: AsyncEngine) -> None:
    """Migrates under a lock, so that two processes that start together do it once."""
    async with engine.connect() as plain:
        connection: AsyncConnection = await plain.execution_options(
            isolation_level="READ COMMITTED"
        )
        async with connection.begin():
            await connection.run_sync(migrations.upgrade)


def _is_lost(error: Exception) -> bool:
    """The connection broke. If that was while committing, what was written is not known, so it
    must not be written again here: unique keys protect those who ask again."""
    return isinstance(error, DBAPIError) and error.connection_invalidated
