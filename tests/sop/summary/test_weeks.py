"""Weeks by their ISO names."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sop.summary.weeks import (
    NoSuchWeek,
    midnight,
    monday_of,
    parse_week,
    week_label,
    week_title,
)


@pytest.mark.parametrize(
    ("label", "monday"),
    [
        ("2026-W47", date(2026, 11, 16)),
        (" 2026-w48 ", date(2026, 11, 23)),
        ("2026W1", date(2025, 12, 29)),
        ("2026-W53", date(2026, 12, 28)),
    ],
)
def test_parse_week(label: str, monday: date) -> None:
    assert parse_week(label) == monday


@pytest.mark.parametrize(
    "label", ["2027-W53", "2026-W00", "47", "", "2026-W471", "上周", "0001-W01", "9999-W52"]
)
def test_parse_week_refuses_what_is_no_week(label: str) -> None:
    with pytest.raises(NoSuchWeek) as refused:
        parse_week(label)
    assert str(refused.value) == f"“{label}”不是一个周，请写成 2026-W47 这样的形式。"


def test_week_of_a_sunday() -> None:
    monday = monday_of(date(2026, 11, 22))
    assert monday == date(2026, 11, 16)
    assert week_label(monday) == "2026-W47"
    assert week_title(monday) == "2026 年第 47 周（11 月 16 日至 11 月 22 日）"


def test_midnight_follows_the_zone_through_a_clock_change() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert midnight(date(2026, 10, 25), paris) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert midnight(date(2026, 10, 26), paris) == datetime(2026, 10, 25, 23, tzinfo=UTC)
