"""The parts of a summary, one file each: what they show as tables and charts.

A file exports `PART`. Found by scanning, in the order of `Part.order`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from sop.summary.chart import Chart
from sop.summary.period import Period
from sop.summary.table import Table

Tables = Callable[[Period], Iterable[Table]]
Charts = Callable[[Period], Iterable[Chart]]


def nothing(_: Period) -> tuple[()]:
    """For a part without tables, or without charts."""
    return ()


@dataclass(frozen=True, slots=True)
class Part:
    """A section of every form of the summary."""

    key: str
    title: str
    order: int
    """10 people, 20 activity, 30 play, 40 money, 50 work, 60 scopes, 70 experiments."""
    tables: Tables = nothing
    charts: Charts = nothing


@cache
def all_parts() -> tuple[Part, ...]:
    """Every part, in reading order."""
    import sop.summary.parts as here
    from sop.discovery import find

    found: dict[str, Part] = find(here, "PART", lambda one: one.key)
    return tuple(sorted(found.values(), key=lambda one: (one.order, one.key)))
