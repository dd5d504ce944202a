"""What every command of the terminal shares: its configuration, its database, its end."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

ConfigFile = Annotated[Path, typer.Option("-c", "--config", help="配置文件")]
CONFIG = Path("config.yaml")


class Stop(Exception):
    """Ends a command with an exit code and a text for the person who typed it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def chosen_settings(path: Path) -> "Settings":
    from bot.settings import Missing, read_config, settings
    from sop.diagnostics import render

    config, problems = read_config(path)
    if config is None:
        raise Stop(1, render(problems))
    try:
        return settings(config, os.environ, path.resolve().parent)
    except Missing as error:
        raise Stop(1, str(error)) from error


def read(config: Path, work: Any) -> Any:
    return _transact(config, work, write=False)


def write(config: Path, work: Any) -> Any:
    return _transact(config, work, write=True)


def _transact(config: Path, work: Any, *, write: bool) -> Any:
    from bot.clock import SystemClock
    from bot.desk import Refused
    from storage.database import Unusable, open_database

    chosen = chosen_settings(config)

    async def run() -> Any:
        database = await open_database(chosen.database, read_only=not write)
        try:
            now = SystemClock().now()
            return await (
                database.write(lambda tx: work(tx, now)) if write else database.read(work)
            )
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except (Unusable, Refused) as error:
        raise Stop(1, str(error)) from error
