"""The rounds of a community as one visitor sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.facts import game_session
from bot.pages.desk import Seat
from sop.game import View
from sop.play import rules
from sop.ports import GameSession
from storage import games

SHOWN_AFTER = timedelta(minutes=30)
"""So long after its end the result of a round stays on the page."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round with what the visitor sees of it."""

    id: int
    title: str
    view: View
    dice: tuple[int, ...] = ()
    """Faces to draw."""
    eggs: int = 0
    """Eggs to draw, one for each choice."""


def running(seat: Seat) -> list[Round]:
    """The rounds that are under way."""
    return [_round(seat, one, seat.now) for one in seat.facts.running_games(seat.community.id)]


def lately(seat: Seat) -> list[Round]:
    """Those that have just ended, the latest first."""
    rows = games.finished_between(
        seat.tx, seat.now - SHOWN_AFTER, seat.now + timedelta(seconds=1), [seat.community.id]
    )
    return [_round(seat, game_session(row), row.finished_at or seat.now) for row in reversed(rows)]


def _round(seat: Seat, session: GameSession, at: datetime) -> Round:
    game, options = rules(session)
    view = game.view(options, session.state, seat.person, at)
    kind, _, about = view.picture.partition(":")
    numbers = _numbers(about)
    return Round(
        session.id,
        game.title,
        view,
        dice=tuple(numbers) if kind == "dice" else (),
        eggs=numbers[0] if kind == "eggs" and numbers else 0,
    )


def _numbers(text: str) -> Sequence[int]:
    return [int(one) for one in text.split(",") if one.isdecimal()]
