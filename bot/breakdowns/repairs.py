"""Callbacks that were lost: differences from WeCom that a reading mended in the week."""

from bot.week_details import Asked
from storage.figures.repairs import repairs as numbers


def repairs(asked: Asked) -> int:
    """How many, about these communities."""
    return numbers(asked.scope)


READ = repairs
