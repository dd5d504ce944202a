"""Moves between life-cycle stages and value groups in the week."""

from bot.week_details import Asked
from sop.summary.details import MoveFigures
from storage.figures import moves as storage


def moves(asked: Asked) -> tuple[MoveFigures, ...]:
    """Stages, then values, most members first."""
    return tuple(
        MoveFigures(*move, members) for move, members in storage.moves(asked.scope).items()
    )


READ = moves
