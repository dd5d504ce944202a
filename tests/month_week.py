"""What the raw rows say of one week and one scope, asked once: the second opinion as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import duckdb

from tests.month_sql import QUERIES, SEVENTHS, Asked, ask, numbers
from tests.month_tables import rows

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Week:
    """Counts only; whoever compares takes the ratios."""

    monday: date
    counts: Mapping[str, tuple[Fraction, Fraction | None]]
    """By metric: numerator and denominator."""
    tables: Mapping[str, Rows]
    """By the name of the figures; those that were asked for."""
    unheard: int
    heard: int

    def count(self, metric: str) -> int:
        """The numerator of a metric."""
        return int(self.counts[metric][0])


def week(
    duck: duckdb.DuckDBPyConnection,
    asked: Asked,
    monday: date,
    metrics: Iterable[str] = tuple(QUERIES),
    tables: Iterable[str] = (),
) -> Week:
    """Asks for these metrics, and for the figures of these names."""
    ask(duck, asked, monday)
    pairs = {key: QUERIES[key] for key in metrics}
    counts = numbers(duck, (one for pair in pairs.values() for one in pair if one is not None))
    heard = len(asked.heard)
    return Week(
        monday,
        {
            key: _fraction(key, counts[upper], counts.get(lower or ""))
            for key, (upper, lower) in pairs.items()
        },
        rows(duck, tables),
        len(asked.communities) - heard,
        heard,
    )


def _fraction(key: str, upper: int, lower: int | None) -> tuple[Fraction, Fraction | None]:
    whole, part = SEVENTHS.get(key, (1, 1))
    return Fraction(upper, whole), None if lower is None else Fraction(lower, part)
