"""Makes deleted bytes disappear from a SQLite database's files.

`secure_delete` overwrites what is deleted in the pages that are written; the log still holds the
pages as they were, until it is emptied (reliability study, M27). SQLite may also leave a copy of a
row in the slack of a page that it rebuilt when it moved the row to another: only writing the
whole file anew removes that.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

SCRUB_TRIES = 20
SCRUB_PAUSE = 0.25
"""Seconds between two tries: a reader holds the log for as long as it reads."""
_PIECE = 1 << 20
_LIVE = ("", "-wal", "-shm")


def emptied_log(connection: Connection) -> bool:
    """Copies the log into the file and cuts it to nothing; False while a reader needs it. Runs
    outside of any transaction."""
    raw: Any = connection.connection.driver_connection
    (wait,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute("PRAGMA busy_timeout=100")  # writers wait meanwhile
    try:
        busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        raw.execute(f"PRAGMA busy_timeout={wait:d}")
    return not busy


def rewritten(connection: Connection) -> bool:
    """Writes the file anew, without any slack, and empties the log. Runs outside of any
    transaction; takes seconds for each gigabyte."""
    raw: Any = connection.connection.driver_connection
    raw.execute("VACUUM")
    return emptied_log(connection)


def found_in_files(path: Path, sought: Sequence[bytes]) -> bool:
    """Whether any of these texts is in the database's live files."""
    for suffix in _LIVE:
        part = path.with_name(path.name + suffix)
        if sought and part.exists() and _found(part, sought):
            return True
    return False


def _found(path: Path, sought: Sequence[bytes]) -> bool:
    overlap = max(map(len, sought)) - 1
    before = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            window = before + piece
            if any(one in window for one in sought):
                return True
            before = window[-overlap:] if overlap else b""
    return False
