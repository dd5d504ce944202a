"""Callbacks that were lost: differences from WeCom that a reading mended in the week.

A repair is about a group or a colleague of the whole company, so every scope is told of all.
"""

from bot.week_details import Asked
from storage.customers import repairs_between


def repairs(asked: Asked) -> int:
    """How many."""
    week = asked.scope
    return sum(repairs_between(asked.tx, week.start, week.end).values())


READ = repairs
