"""From values to places: an axis with round numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, log10

from sop.money import yuan
from sop.summary.metrics import Number, Unit

_ROUND = (1, 2, 5, 10)
_LEAST = {
    Unit.PERSONS: 1.0,
    Unit.TIMES: 1.0,
    Unit.FEN: 1.0,
    Unit.MEAN: 0.01,
    Unit.RATIO: 0.0001,
}
"""As finely as the numbers are rounded."""
_MOST = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: its ends, its ticks, and how these are written."""

    low: float
    high: float
    ticks: tuple[float, ...]
    unit: Unit

    def at(self, value: Number, start: float, end: float) -> float:
        """The place of a value between two coordinates."""
        return start + (value - self.low) / (self.high - self.low) * (end - start)

    def written(self, tick: float) -> str:
        """`40%`, `1,500`, `1.2 万`, `¥50`."""
        step = self.ticks[1] - self.ticks[0]
        if self.unit is Unit.RATIO:
            digits = 0 if step >= 0.0099 else 1 if step >= 0.00099 else 2
            return f"{tick:.{digits}%}"
        if self.unit is Unit.FEN:
            whole = step >= 100 and tick % 100 == 0
            return f"¥{_short(tick / 100)}" if whole else f"¥{yuan(int(tick))}"
        return _short(tick)


def scale(values: Iterable[Number], unit: Unit, *, from_zero: bool = True) -> Scale:
    """An axis that holds all values; whole numbers for what is counted."""
    known = list(values)
    low = min([0, *known] if from_zero else known)
    high = max([0, *known] if from_zero else known)
    if high - low < _LEAST[unit]:
        high = low + (1 if low == high else _LEAST[unit])
    step = _step((high - low) / _MOST, unit)
    first = floor(low / step + 1e-9)
    last = -floor(-high / step + 1e-9)
    ticks = tuple(round(number * step, 10) for number in range(first, last + 1))
    if unit is Unit.RATIO and high <= 1 < ticks[-1]:
        ticks = (*ticks[:-1], 1.0) if ticks[-2] < 1 else ticks[:-1]
    return Scale(ticks[0], ticks[-1], ticks, unit)


def _step(least: float, unit: Unit) -> float:
    """The smallest round number that is not below `least`."""
    power = 10.0 ** floor(log10(least))
    step = next((one * power for one in _ROUND if one * power >= least * (1 - 1e-9)), power * 10)
    return max(_LEAST[unit], step)


def _short(value: float) -> str:
    """Thousands with commas, tens of thousands in 万, hundreds of millions in 亿."""
    for size, name in ((100_000_000, " 亿"), (10_000, " 万")):
        if abs(value) >= size:
            return f"{value / size:,.2f}".rstrip("0").rstrip(".") + name
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
