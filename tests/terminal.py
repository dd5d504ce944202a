"""The terminal of tests: what a typed command gives, and the database beside it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from storage.database import open_database

T = TypeVar("T")

Run = Callable[..., tuple[int, str, str]]
"""Types a command: (exit code, output, errors)."""


def stored(work: Callable[[Connection], T]) -> T:
    """Does something in one transaction of the starter's database in the current folder."""

    async def run() -> T:
        database = await open_database(f"sqlite:///{Path('data/qunyun.db').resolve()}")
        try:
            return await database.write(work)
        finally:
            await database.close()

    return asyncio.run(run())
