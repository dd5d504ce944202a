"""Banks to break: one over SQLite, one over PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.bank import Bank
from tests.faults.records import PostgresRecords, SqliteRecords


@pytest.fixture
async def bank(tmp_path: Path, sqlite_template: bytes) -> AsyncIterator[Bank]:
    """A bank over a SQLite file, before the bot's first start."""
    path = tmp_path / "qunyun.db"
    path.write_bytes(sqlite_template)
    one = Bank(tmp_path, SqliteRecords(path))
    await one.open()
    yield one
    await one.close()


@pytest.fixture
async def postgres_bank(tmp_path: Path, postgres_url: str) -> AsyncIterator[Bank]:
    """A bank over PostgreSQL, before the bot's first start."""
    one = Bank(tmp_path, PostgresRecords(postgres_url))
    await one.open()
    yield one
    await one.close()
