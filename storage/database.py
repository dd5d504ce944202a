"""One door to both databases.

A *work* is a plain function of a SQLAlchemy connection, run inside one transaction. Works that
write run one after another in the order in which they were asked for, many to a commit; the
caller goes on only after the commit. Since a batch that fails is rolled back and its works are
run again, each alone, a work may run more than once and must have no effect outside its
transaction.

    Unusable            the database cannot be used; the text says in Chinese what to do
    └── AlreadyOpen     another process has it open
"""

import json
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

T = TypeVar("T")
Work = Callable[[Connection], T]

BATCH = 256
"""Works to a commit at most (reliability and performance studies: 100 rows to a commit are
within 10 % of 1,000, and a callback waits for its whole batch)."""

to_json = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
"""How JSON columns are written by both databases: readable Chinese, no blanks."""


_CONFLICTS = frozenset({"40001", "40P01"})


class Unusable(Exception):
    """The database cannot be used; the text says in Chinese why and what to do."""


class AlreadyOpen(Unusable):
    """Another process has the database open."""


class Database(Protocol):
    """SQLite or PostgreSQL, already migrated."""

    @property
    def url(self) -> str:
        """Where another process finds it, password included."""

    async def write(self, work: Work[T]) -> T:
        """Runs a work in a transaction and returns its value once that is committed.

        Raises what the work raises; then nothing of it was kept. A cancelled caller does not
        stop its work.
        """

    async def read(self, work: Work[T]) -> T:
        """Runs a work on a consistent snapshot, beside the writers. It cannot write."""

    def alone(self, role: str) -> AbstractAsyncContextManager[None]:
        """Waits until no other process has this role, and has it until the block ends, or this
        process does."""

    async def scrub(self, traces: Collection[str]) -> bool:
        """Makes sure that what was deleted is gone from the live files, where these texts must
        not be found any more. False where that is not known: a reader kept the log, or the
        database is PostgreSQL, whose own VACUUM decides."""

    async def close(self) -> None:
        """Finishes the writes that were asked for, then lets go of everything."""


async def open_database(url: str, *, read_only: bool = False) -> Database:
    """Opens a database and brings its schema up to date.

    `url` is `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://…`. With
    `read_only` a look beside a running service is possible: no lock is taken, nothing is
    created or migrated, and `write` raises. Raises Unusable, AlreadyOpen.
    """
    parsed = parse_url(url)
    # Each driver is loaded only where it is used: a start with SQLite needs no asyncpg.
    if parsed.get_backend_name() == "sqlite":
        from storage.sqlite import SqliteDatabase

        return await SqliteDatabase.open(sqlite_path(parsed), read_only)
    from storage.postgres import PostgresDatabase

    return await PostgresDatabase.open(parsed, read_only)


def is_conflict(error: BaseException) -> bool:
    """Whether PostgreSQL wants the whole transaction run again (serialization_failure,
    deadlock_detected). A work that catches exceptions must let these through."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _CONFLICTS


def parse_url(url: str) -> URL:
    """A database address with its driver. Raises Unusable for anything we do not serve."""
    example = "请写成 sqlite:///data/qunyun.db 或 postgresql://用户:密码@主机/数据库"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Unusable(f"看不懂数据库地址，{example}。") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+asyncpg")
    if backend != "sqlite":
        raise Unusable(f"不支持数据库“{backend}”，{example}。")
    if parsed.database in (None, "", ":memory:"):
        raise Unusable("SQLite 数据库必须是文件，例如 sqlite:///data/qunyun.db。")
    return parsed.set(drivername="sqlite+pysqlite")


def sqlite_path(url: URL) -> Path:
    """The file that a SQLite address names."""
    return Path(str(url.database)).expanduser().absolute()
