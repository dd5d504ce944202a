"""Measured rows, ratios and the table."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

R = TypeVar("R")


class Broken(Exception):
    """A correctness check failed: rows lost, wrong wins, too many messages in a window."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    goal: str
    what: str
    ours: str
    theirs: str
    ratio: str
    aim: str
    met: bool | None = None
    """None: told for information only."""


def times(value: float) -> str:
    """`8.1x`."""
    return f"{value:.1f}x" if value < 100 else f"{value:.0f}x"


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def paired(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of the ratios taken round by round: what the machine does to one side of a round
    it does to the other."""
    return middle([one / other for one, other in zip(over, under, strict=True)])


def spread(values: Sequence[float], show: Callable[[float], str]) -> str:
    """Median with lowest and highest."""
    if len(values) == 1:
        return show(values[0])
    return f"{show(middle(values))} ({show(min(values))} to {show(max(values))})"


def per_second(value: float) -> str:
    """`8,874/s`."""
    return f"{value:,.0f}/s"


def milliseconds(value: float) -> str:
    """`14.6 ms`."""
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.1f} ms"


def ensure(holds: bool, what: str) -> None:
    """Raises Broken if something that must be exact is not."""
    if not holds:
        raise Broken(what)


def alternating(rounds: int, sides: Sequence[Callable[[], R]]) -> list[list[R]]:
    """Runs every side once a round, each round beginning with another one: a list for each side."""
    found: list[list[R]] = [[] for _ in sides]
    for number in range(rounds):
        for step in range(len(sides)):
            index = (step + number) % len(sides)
            found[index].append(sides[index]())
    return found


HEAD = ("goal", "what", "ours", "compared with", "measured", "aim", "")
_MARK = {True: "met", False: "MISSED", None: ""}


def table(rows: Sequence[Row]) -> str:
    """Markdown, aligned for a terminal as well."""
    lines = [HEAD]
    lines += [
        (one.goal, one.what, one.ours, one.theirs, one.ratio, one.aim, _MARK[one.met])
        for one in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]

    def drawn(cells: Sequence[str]) -> str:
        inner = " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {inner} |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([drawn(lines[0]), rule, *(drawn(line) for line in lines[1:])])
