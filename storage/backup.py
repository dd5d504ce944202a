"""Copies and checks of a SQLite database, also beside a running service.

`VACUUM INTO` gives a consistent copy while others write (reliability study, M26); copying the
file would lose what is still in the log.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database import Unusable, parse_url, sqlite_path

_DRIFT = """
SELECT source, committed_fen, awarded_fen FROM (
    SELECT source, committed_fen, COALESCE((
        SELECT SUM(ledger.amount_fen) FROM award JOIN ledger USING (order_no)
        WHERE award.source = budget.source AND ledger.event = 'award'
    ), 0) AS awarded_fen FROM budget
) AS books WHERE committed_fen <> awarded_fen ORDER BY source
"""
"""Budgets whose committed money is not what the ledger says was awarded."""


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


def check(url: str) -> list[str]:
    """What is wrong with the file, its references or its books; empty when all is well."""
    return _problems(_file(url))


def _problems(path: Path) -> list[str]:
    with closing(_open(path)) as connection:
        found = [
            str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"
        ]
        found += [
            f"表 {row[0]} 的第 {row[1]} 行指向不存在的 {row[2]}"
            for row in connection.execute("PRAGMA foreign_key_check")
        ]
        found += [
            f"奖金来源 {row[0]} 已发出 {row[1]} 分，中奖记录却是 {row[2]} 分"
            for row in connection.execute(_DRIFT)
        ]
        return found


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


def _file(url: str) -> Path:
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise Unusable("PostgreSQL 请用 pg_dump 备份。")
    path = sqlite_path(parsed)
    if not path.is_file():
        raise Unusable(f"没有数据库文件 {path}。")
    return path
