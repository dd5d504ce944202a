"""What a tactic is: how a simulated member knows what to say in a game.

A rehearsal sees the game's state in the database, which no member does. So a tactic can name
right and wrong moves, and a temperament decides which of them is made. A game without a file in
`bot/rehearsal/tactics` is guessed at from the words that its own texts put into quotation marks.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import ClassVar, Protocol

import bot.rehearsal.tactics
from sop.discovery import find
from sop.games import all_games
from storage.games import SessionRow

_QUOTED = re.compile(r"“([^”\n]{1,20})”")
_BLIND = ("来了", "我猜是1", "A")
"""Said where a game quotes nothing."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a running round wants to hear now."""

    key: str
    """Tells the prompts of one round apart, e.g. the question's number."""
    opened_at: datetime
    closes_at: datetime | None
    right: tuple[str, ...]
    wrong: tuple[str, ...] = ()


class Tactic(Protocol):
    """Knows one game."""

    game: ClassVar[str]

    def prompt(self, session: SessionRow) -> Prompt | None:
        """What is asked for now; None: nothing at the moment."""


class _Guess:
    """For every game that nobody described."""

    game: ClassVar[str] = ""

    def prompt(self, session: SessionRow) -> Prompt | None:
        game = all_games()[session.game]
        options = game.Options.model_validate_json(json.dumps(session.options))
        texts: Sequence[str] = (game.announcement(options), game.host_script(options))
        words = tuple(dict.fromkeys(word for text in texts for word in _QUOTED.findall(text)))
        right = words or _BLIND
        return Prompt("", session.started_at, session.next_at, right[:1], right[1:])


@cache
def _tactics() -> dict[str, Tactic]:
    return find(bot.rehearsal.tactics, "TACTICS", lambda one: str(one.game))


def prompt(session: SessionRow) -> Prompt | None:
    """What a running round wants to hear now."""
    return _tactics().get(session.game, _Guess()).prompt(session)
