"""SQLite without threads: one connection, every work a transaction of its own, done where it is
asked for.

For a process of one task on a file that nobody else knows, as in a rehearsal, where handing each
work to another thread costs more than the work. A service would stand still while it writes:
`storage.sqlite` is for that.
"""

import contextlib
from collections.abc import Collection
from pathlib import Path

from storage.database import T, Work
from storage.sqlite import prepare, single


class InlineDatabase:
    """A SQLite file with the settings and the migrations of the real one."""

    def __init__(self, path: Path) -> None:
        """Creates and migrates the file. Raises Unusable."""
        self._engine = single(path)
        prepare(self._engine)
        self._connection = self._engine.connect()

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
