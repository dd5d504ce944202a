"""Chat commands: one file per family, found by scanning this package (`COMMANDS`)."""

from collections.abc import Sequence
from functools import cache

import bot.commands
from bot.command import Command
from bot.typed import plain
from sop.discovery import Misregistered, find


@cache
def all_commands() -> tuple[Command, ...]:
    """Every command, in the order of their files, which is the order of 帮助.

    Raises Misregistered when two claim one word.
    """
    families: dict[str, Sequence[Command]] = find(
        bot.commands, "COMMANDS", lambda family: family[0].name
    )
    found = tuple(command for family in families.values() for command in family)
    claimed: dict[str, str] = {}
    for command in found:
        for word in (command.name, *command.aliases):
            if plain(word) in claimed:
                other = claimed[plain(word)]
                raise Misregistered(f"命令“{command.name}”和“{other}”都占用了“{word}”")
            claimed[plain(word)] = command.name
    return found


@cache
def by_word() -> dict[str, Command]:
    """Commands by every word that calls them, as `bot.typed.plain` writes it."""
    return {
        plain(word): command
        for command in all_commands()
        for word in (command.name, *command.aliases)
    }
