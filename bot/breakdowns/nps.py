"""How likely members are to recommend the communities."""

from dataclasses import asdict

from bot.week_details import Asked
from sop.summary.details import NpsFigures
from storage.figures.nps import nps as numbers


def nps(asked: Asked) -> NpsFigures:
    """All scores whose gathering closed in the week."""
    return NpsFigures(**asdict(numbers(asked.scope)))


READ = nps
