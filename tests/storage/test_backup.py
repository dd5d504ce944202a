"""Backups of a SQLite database that is being written to."""

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import paying, people
from storage.backup import backup, check, restore
from storage.database import AlreadyOpen, Unusable, open_database
from storage.paying import PayingRow

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
    assert check(url) == [
        "奖金来源 pool/games 投放 1000 分，账本上是 0 分",
        "奖金来源 pool/games 已发出 5 分，账本上是 0 分",
    ]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("sqlite:////nowhere/x.db", "没有数据库文件 /nowhere/x.db。"),
        ("postgresql://a@127.0.0.1/b", "PostgreSQL 请用 pg_dump 备份、pg_restore 恢复。"),
    ],
)
def test_check_of_what_cannot_be_checked(address: str, message: str) -> None:
    with pytest.raises(Unusable) as told:
        check(address)
    assert str(told.value) == message


async def written(url: str, member: str) -> None:
    database = await open_database(url)
    await database.write(lambda tx: people.arrive(tx, "a", member, member, "", NOW))
    await database.close()


async def test_restored_backup_takes_the_place_and_stops_paying(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    await written(url, "wm1")
    backup(url, copy)
    await written(url, "wm2")
    kept = restore(url, copy, NOW)
    assert kept == tmp_path / "live.db.before-restore-1"
    assert restore(url, copy, NOW) == tmp_path / "live.db.before-restore-2"
    database = await open_database(url)
    try:
        present = await database.read(lambda tx: people.present(tx, "a"))
        assert [one.member for one in present] == ["wm1"]
        state = await database.read(paying.state)
        assert state == PayingRow(0, "", "reconcile", NOW, "用备份恢复了数据库")
    finally:
        await database.close()
    assert stat.S_IMODE((tmp_path / "live.db").stat().st_mode) == 0o600
    members = sqlite3.connect(kept).execute("SELECT id FROM member ORDER BY id").fetchall()
    assert members == [("wm1",), ("wm2",)]
    assert not list(tmp_path.glob("*.restoring*"))


async def test_restore_where_nothing_was(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    await written(url, "wm1")
    backup(url, copy)
    assert restore(f"sqlite:///{tmp_path}/new.db", copy, NOW) is None
    assert check(f"sqlite:///{tmp_path}/new.db") == []


async def test_restore_beside_a_service_changes_nothing(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    await written(url, "wm1")
    backup(url, copy)
    database = await open_database(url)
    try:
        with pytest.raises(AlreadyOpen):
            restore(url, copy, NOW)
    finally:
        await database.close()
    assert not (tmp_path / "live.db.before-restore-1").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "没有备份文件"), (b"no database at all, only text" * 99, "这不是可用的备份")],
)
async def test_restore_of_what_is_no_backup_changes_nothing(
    url: str, tmp_path: Path, content: bytes | None, message: str
) -> None:
    await written(url, "wm1")
    copy = tmp_path / "copy.db"
    if content is not None:
        copy.write_bytes(content)
    with pytest.raises(Unusable, match=message):
        restore(url, copy, NOW)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        ["live.db", "live.db.lock", *(["copy.db"] if content else [])]
    )
    assert check(url) == []
