"""The games: one file per game, found by scanning this package. A new file adds a game."""

import sys
from functools import cache

from sop.discovery import find
from sop.game import Game, Quiet


@cache
def all_games() -> dict[str, Game]:
    """Games by their name in YAML. Raises `sop.discovery.Misregistered`, naming the file."""
    return find(sys.modules[__name__], "GAME", _name)


def is_quiet(name: str) -> bool:
    """Whether the game of this name runs beside others."""
    return isinstance(all_games().get(name), Quiet)


def _name(game: Game) -> str:
    return game.name
