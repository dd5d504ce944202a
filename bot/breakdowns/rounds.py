"""Each game on each day."""

from bot.week_details import Asked
from sop.games import all_games
from sop.summary.details import RoundFigures
from storage.figures.rounds import RoundNumbers
from storage.figures.rounds import rounds as numbers


def rounds(asked: Asked) -> tuple[RoundFigures, ...]:
    """By day and game."""
    return tuple(_round(one) for one in numbers(asked.scope, asked.crowd))


def _round(one: RoundNumbers) -> RoundFigures:
    game = all_games().get(one.game)
    plan, step = _calendar(one.occurrences)
    title = one.game if game is None else game.title
    return RoundFigures(
        one.game, title, one.day, plan, step, one.sessions, one.players, one.members
    )


def _calendar(occurrences: tuple[str, ...]) -> tuple[str, str]:
    """Plan and step, where all rounds of the day were of one."""
    steps = {(plan, step) for plan, step, *_ in (each.split("/") for each in occurrences)}
    return steps.pop() if len(steps) == 1 else ("", "")


READ = rounds
