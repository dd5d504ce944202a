"""Backups of a SQLite database that is being written to."""

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import people
from storage.backup import backup, check
from storage.database import Unusable, open_database

NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/live.db"


async def test_backup_beside_an_open_database_is_whole_and_private(
    url: str, tmp_path: Path
) -> None:
    database = await open_database(url)
    target = tmp_path / "copy.db"
    try:
        await database.write(lambda tx: people.arrive(tx, "a", "wm1", "小王", "", NOW))
        size = backup(url, target)
    finally:
        await database.close()
    assert size == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert check(f"sqlite:///{target}") == []
    assert sqlite3.connect(target).execute("SELECT id, name FROM member").fetchall() == [
        ("wm1", "小王")
    ]
    assert not target.with_name("copy.db.part").exists()


async def test_backup_never_overwrites(url: str, tmp_path: Path) -> None:
    await (await open_database(url)).close()
    target = tmp_path / "copy.db"
    target.write_text("mine")
    with pytest.raises(Unusable, match="已经存在，请换一个文件名"):
        backup(url, target)
    assert target.read_text() == "mine"


async def test_check_sees_books_that_do_not_balance(url: str, tmp_path: Path) -> None:
    await (await open_database(url)).close()
    with sqlite3.connect(tmp_path / "live.db") as connection:
        connection.execute(
            "INSERT INTO budget (source, budget_fen, committed_fen, settled_fen, returned_fen)"
            " VALUES ('pool/games', 1000, 5, 0, 0)"
        )
    assert check(url) == ["奖金来源 pool/games 已发出 5 分，中奖记录却是 0 分"]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("sqlite:////nowhere/x.db", "没有数据库文件 /nowhere/x.db。"),
        ("postgresql://a@127.0.0.1/b", "PostgreSQL 请用 pg_dump 备份。"),
    ],
)
def test_check_of_what_cannot_be_checked(address: str, message: str) -> None:
    with pytest.raises(Unusable) as told:
        check(address)
    assert str(told.value) == message
