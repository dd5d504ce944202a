"""The games: one file per game, found by scanning this package. A new file adds a game."""

import sys
from functools import cache

from sop.discovery import find
from sop.game import Game


@cache
def all_games() -> dict[str, Game]:
    """Games by their name in YAML. Raises `sop.discovery.Misregistered`, naming the file."""
    return find(sys.modules[__name__], "GAME", _name)


def _name(game: Game) -> str:
    return game.name
