"""Axes with round numbers."""

import pytest

from bot.charts.scale import scale
from sop.summary.metrics import Number, Unit


@pytest.mark.parametrize(
    ("values", "unit", "written"),
    [
        ([421, 164], Unit.PERSONS, ["0", "200", "400", "600"]),
        ([3], Unit.TIMES, ["0", "1", "2", "3"]),
        ([0], Unit.PERSONS, ["0", "1"]),
        ([], Unit.PERSONS, ["0", "1"]),
        ([0.523], Unit.RATIO, ["0%", "20%", "40%", "60%"]),
        ([0.98], Unit.RATIO, ["0%", "50%", "100%"]),
        ([1.0], Unit.RATIO, ["0%", "50%", "100%"]),
        ([0.0123], Unit.RATIO, ["0.0%", "0.5%", "1.0%", "1.5%"]),
        ([231250], Unit.FEN, ["¥0", "¥1,000", "¥2,000", "¥3,000"]),
        ([180], Unit.FEN, ["¥0.00", "¥0.50", "¥1.00", "¥1.50", "¥2.00"]),
        ([12_345_678], Unit.TIMES, ["0", "500 万", "1,000 万", "1,500 万"]),
        ([-12, 31], Unit.PERSONS, ["-20", "0", "20", "40"]),
        ([2.31], Unit.MEAN, ["0", "1", "2", "3"]),
    ],
)
def test_axis_has_round_ticks(values: list[Number], unit: Unit, written: list[str]) -> None:
    axis = scale(values, unit)
    assert [axis.written(tick) for tick in axis.ticks] == written


def test_axis_that_need_not_begin_at_zero_stays_close_to_the_values() -> None:
    axis = scale([1762, 1914], Unit.PERSONS, from_zero=False)
    assert (axis.ticks, axis.at(1800, 100, 0)) == ((1750, 1800, 1850, 1900, 1950), 75.0)
