"""Notices that the database is an older copy of itself, before it pays what was paid already.

Beside a SQLite file stands a small one, `qunyun.db.paid`, with the number of orders ever sent to
the payer. It is written before each order is sent, and not part of a backup: a database that has
sent fewer orders than it says, or some where no such file is, was restored. PostgreSQL keeps its
own identity in the row that is compared (`storage.paying.home`).
"""

import os
from pathlib import Path

from storage.database import parse_url, sqlite_path
from storage.paying import PayingRow


class Mark:
    """The file beside a SQLite database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, url: str) -> "Mark | None":
        """The mark of a database; None for PostgreSQL."""
        parsed = parse_url(url)
        if parsed.get_backend_name() != "sqlite":
            return None
        path = sqlite_path(parsed)
        return cls(path.with_name(f"{path.name}.paid"))

    def read(self) -> int | None:
        """How many orders were sent; None without a readable mark."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def write(self, sent: int) -> None:
        """Puts the number on disk before it returns. Blocks: call it off the loop."""
        part = self._path.with_name(f"{self._path.name}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, str(sent).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(self._path)


def found(row: PayingRow, home: str, mark: Mark | None) -> str | None:
    """Why the database must be an older copy, in Chinese; None if it need not be."""
    if row.home and row.home != home:
        return "数据库换了地方：从备份恢复，或主备切换"
    if mark is None:
        return None
    sent = mark.read()
    if sent is None:
        return "数据库旁边没有付款记号：换了机器，或从备份恢复" if row.submitted else None
    if sent > row.submitted:
        return f"数据库里只提交过 {row.submitted} 次付款，记号是 {sent} 次：数据库是较早的备份"
    return None
