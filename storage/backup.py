"""Copies and checks of a SQLite database, also beside a running service.

`VACUUM INTO` gives a consistent copy while others write (reliability study, M26); copying the
file would lose what is still in the log.
"""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, StaticPool, create_engine

from storage import paying, privacy
from storage.books import wrong
from storage.database import Unusable, parse_url, sqlite_path
from storage.migrations import HEAD, current
from storage.sqlite import claimed, migrated


def backup(url: str, target: Path) -> int:
    """Writes a checked copy to a new file, private to its owner; returns its size in bytes.

    The final name appears only when the copy is whole. Raises Unusable.
    """
    source = _file(url)
    if target.exists():
        raise Unusable(f"{target} 已经存在，请换一个文件名。")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(_open(source)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        problems = _problems(part)
        if problems:
            raise Unusable("副本没有通过检查：" + "；".join(problems))
        part.rename(target)
    except sqlite3.Error as error:
        raise Unusable(f"备份没有成功：{error}") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(url: str, copy: Path, now: datetime) -> Path | None:
    """Puts a backup in the place of a database that no service has open, and has everything that
    may have been paid since asked about first (`storage.paying`).

    Returns where the database that was there is kept; None if there was none. Raises Unusable,
    AlreadyOpen; then nothing has changed.
    """
    path = _path(url)
    if not copy.is_file():
        raise Unusable(f"没有备份文件 {copy}。")
    with claimed(path):
        part = path.with_name(path.name + ".restoring")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with closing(_open(copy)) as old, closing(sqlite3.connect(part)) as new:
                old.backup(new)
            problems = _problems(part)
            if problems:
                raise Unusable("备份没有通过检查：" + "；".join(problems))
            erased = _erased(path)
            migrated(part, lambda tx: _brought_back(tx, erased, now))
            kept = _set_aside(path)
            part.rename(path)
        except sqlite3.Error as error:
            raise Unusable(f"这不是可用的备份：{error}") from error
        finally:
            for suffix in ("", "-wal", "-shm"):
                part.with_name(part.name + suffix).unlink(missing_ok=True)
    return kept


def _erased(path: Path) -> set[str]:
    """Whom the database that is to be replaced has erased, as hashes; nobody where it cannot be
    read, which is often why it is replaced."""
    try:
        with closing(_open(path)) as connection:
            return {str(row[0]) for row in connection.execute("SELECT member_hash FROM erasure")}
    except sqlite3.Error:
        return set()


def _brought_back(tx: Connection, erased: set[str], now: datetime) -> None:
    """Nothing is paid before it was asked about; who was erased since asks for it again."""
    paying.enter(tx, "用备份恢复了数据库", now)
    privacy.ask_again(tx, erased, now)


def _set_aside(path: Path) -> Path | None:
    """The database with its log, under a name that is free."""
    if not path.stat().st_size:  # made by the lock just now
        path.unlink()
        return None
    number = 1
    while (kept := path.with_name(f"{path.name}.before-restore-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


def check(url: str) -> list[str]:
    """What is wrong with the file, its references or its books; empty when all is well."""
    path = _file(url)
    with closing(_open(path)) as connection, _engine(connection).connect() as tx:
        if current(tx) != HEAD:
            return ["数据库是另一个版本的：请先运行 qunyun db upgrade，再检查。"]
    return _problems(path)


def _problems(path: Path) -> list[str]:
    with closing(_open(path)) as connection:
        found = [
            str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"
        ]
        found += [
            f"表 {row[0]} 的第 {row[1]} 行指向不存在的 {row[2]}"
            for row in connection.execute("PRAGMA foreign_key_check")
        ]
        return found or _books(connection)


def _books(connection: sqlite3.Connection) -> list[str]:
    """What does not agree in the books; of another version's file nothing is known."""
    with _engine(connection).connect() as tx:
        return wrong(tx) if current(tx) == HEAD else []


def _engine(connection: sqlite3.Connection) -> Engine:
    return create_engine("sqlite+pysqlite://", creator=lambda: connection, poolclass=StaticPool)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _file(url: str) -> Path:
    path = _path(url)
    if not path.is_file():
        raise Unusable(f"没有数据库文件 {path}。")
    return path


def _path(url: str) -> Path:
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise Unusable("PostgreSQL 请用 pg_dump 备份、pg_restore 恢复。")
    return sqlite_path(parsed)
