"""Counting a week in a process of its own, at the lowest priority: `python -m bot.counting`.

Seconds of Python in a thread would hold up every callback beside it, since the interpreter runs
one thread at a time. The process reads one pickled `Count` from its standard input, looks at the
database read-only and answers with the pickled `Summary`; when its parent is gone it ends too.
"""

import asyncio
import gc
import os
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.week import period
from sop.community import Community, Staff
from sop.library import Library
from sop.summary.period import Period
from sop.summary.summary import Summary, summarise
from storage.database import open_database

_PLACE = Path(__file__).resolve().parents[1]
"""Where the packages are, whatever folder the service was started in."""


class NotCounted(Exception):
    """The process did not start, or ended without an answer; the text is what is known of it."""


@dataclass(frozen=True, slots=True)
class Count:
    """A week of some communities together, as `bot.week.period` counts it."""

    database: str
    """Its address."""
    library: Library
    staff: Mapping[str, Staff]
    communities: tuple[Community, ...]
    monday: date
    zone: ZoneInfo
    scope: str

    def period(self, tx: Connection) -> Period:
        """What the summary is made of."""
        return period(
            tx, self.library, self.staff, self.communities, self.monday, self.zone, self.scope
        )

    async def apart(self) -> Summary:
        """Counted in a process of its own. Raises NotCounted."""
        pipe = asyncio.subprocess.PIPE
        path = os.pathsep.join([str(_PLACE), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__,
                stdin=pipe, stdout=pipe, stderr=pipe, env=os.environ | {"PYTHONPATH": path},
            )  # fmt: skip
        except OSError as error:
            raise NotCounted(str(error)) from error
        try:
            answer, said = await process.communicate(await asyncio.to_thread(pickle.dumps, self))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise NotCounted(said.decode(errors="replace"))
        return await asyncio.to_thread(_summary, answer)


def _summary(answer: bytes) -> Summary:
    found: Summary = pickle.loads(answer)  # noqa: S301  # our own process wrote it
    return found


async def _answer(count: Count) -> Summary:
    database = await open_database(count.database, read_only=True)
    try:
        return summarise(await database.read(count.period))
    finally:
        await database.close()


def main() -> None:
    """One question, one answer."""
    gc.disable()  # nothing made here dies before the process does
    os.nice(19)
    count: Count = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  # our parent wrote it
    sys.stdout.buffer.write(pickle.dumps(asyncio.run(_answer(count))))


if __name__ == "__main__":
    from bot import counting

    counting.main()
