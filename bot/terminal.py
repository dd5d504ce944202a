"""What every command of the terminal shares: its configuration, its database, its end."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.acts import Act
    from bot.settings import Settings

ConfigFile = Annotated[Path, typer.Option("-c", "--config", help="配置文件")]
CONFIG = Path("config.yaml")


class Stop(Exception):
    """Ends a command with an exit code and a text for the person who typed it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def chosen_settings(path: Path, *, secrets: bool = False) -> "Settings":
    """The installation that a configuration describes. Only what speaks to WeCom or pays needs
    the secrets of the environment. Raises Stop."""
    from bot.settings import Missing, read_config, settings, settings_without_secrets
    from sop.diagnostics import render

    config, problems = read_config(path)
    if config is None:
        raise Stop(1, render(problems))
    base = path.resolve().parent
    if not secrets:
        return settings_without_secrets(config, base)
    try:
        return settings(config, os.environ, base)
    except Missing as error:
        raise Stop(1, str(error)) from error


def read(config: Path, work: Any) -> Any:
    """The value of a work that reads. It may run beside a service."""
    from storage.database import open_database

    chosen = chosen_settings(config)

    async def run() -> Any:
        database = await open_database(chosen.database, read_only=True)
        try:
            return await database.read(work)
        finally:
            await database.close()

    return ended(run())


def write(config: Path, act: "Act") -> str:
    """Does an act, or has it done by the service that has the database; what was done."""
    from bot.acts import perform
    from bot.clock import SystemClock
    from bot.desk import Refused
    from bot.handin import hand_in, socket_beside
    from storage.database import AlreadyOpen, open_database

    url = chosen_settings(config).database
    try:
        act.model_dump_json()
    except ValueError:  # bytes that are no UTF-8, as they came from the keyboard
        raise Stop(1, "命令里有无法识别的字符，请重新输入。") from None

    async def run() -> str:
        try:
            database = await open_database(url)
        except AlreadyOpen:
            beside = socket_beside(url)
            if beside is None:
                raise
            answer = await asyncio.to_thread(hand_in, beside, act)
            if not answer.ok:
                raise Refused(answer.text) from None
            return answer.text
        try:
            now = SystemClock().now()
            return await perform(database, act, now)
        finally:
            await database.close()

    done: str = ended(run())
    return done


def upgrade(config: Path) -> None:
    """Brings the schema up to date. A service that has the database has done so already."""
    from storage.database import open_database

    url = chosen_settings(config).database

    async def run() -> None:
        database = await open_database(url)
        await database.close()

    ended(run())


def ended(running: Coroutine[Any, Any, Any]) -> Any:
    """Runs to the end; what cannot be done ends the command in words."""
    from bot.desk import Refused
    from bot.handin import NoAnswer
    from storage.database import Unusable

    try:
        return asyncio.run(running)
    except (Unusable, Refused, NoAnswer) as error:
        raise Stop(1, str(error)) from error
