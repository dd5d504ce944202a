"""Ratios in tables, rounded as the metrics are; nothing where there is nothing to divide by."""

from fractions import Fraction


def ratio(upper: int | Fraction, lower: int | Fraction) -> float | None:
    """A share with four decimals; None: nothing to divide by."""
    return round(float(Fraction(upper) / lower), 4) if lower else None


def each(fen: int, persons: int) -> int | None:
    """Whole fen a head, half a fen up; None without anybody."""
    return (2 * fen + persons) // (2 * persons) if persons else None


def mean(total: int, days: int) -> float:
    """With two decimals."""
    return round(total / days, 2)
