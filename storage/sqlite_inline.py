"""SQLite without threads: one connection, every work a transaction of its own, done where it is
asked for.

For a process of one task on a file that nobody else knows, as in a rehearsal, where handing each
work to another thread costs more than the work. A service would stand still while it writes:
`storage.sqlite` is for that.
"""

import contextlib
import tempfile
from collections.abc import Collection
from functools import cache
from pathlib import Path

from storage.database import T, Work
from storage.sqlite import migrated, prepare, single


@cache
def _empty() -> bytes:
    """A migrated file, made once: the migrations cost as much as a day of a rehearsal."""
    with tempfile.TemporaryDirectory(prefix="qunyun-empty-") as folder:
        path = Path(folder) / "empty.db"
        migrated(path, lambda tx: None)
        return path.read_bytes()


class InlineDatabase:
    """A SQLite file with the settings and the migrations of the real one."""

    def __init__(self, path: Path) -> None:
        """Creates the file. Raises Unusable."""
        path.write_bytes(_empty())
        self._engine = single(path)
        prepare(self._engine)
        self._connection = self._engine.connect()

    @property
    def url(self) -> str:
        """See `Database.url`."""
        return f"sqlite:///{self._engine.url.database}"

    async def write(self, work: Work[T]) -> T:
        """See `Database.write`."""
        with self._connection.begin():
            return work(self._connection)

    async def read(self, work: Work[T]) -> T:
        """See `Database.read`."""
        return await self.write(work)

    def alone(self, role: str) -> contextlib.AbstractAsyncContextManager[None]:
        """See `Database.alone`: nobody else knows the file."""
        return contextlib.nullcontext()

    async def scrub(self, traces: Collection[str]) -> bool:
        """See `Database.scrub`: not known, because the file is thrown away as a whole."""
        return False

    async def close(self) -> None:
        """See `Database.close`."""
        self._connection.close()
        self._engine.dispose()
