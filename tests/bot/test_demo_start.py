"""When the demo's week begins."""

from datetime import UTC, datetime

import pytest

from bot.demo import start_instant
from bot.shelf import shipped


@pytest.mark.parametrize(
    ("today", "start"),
    [
        ("2026-11-22 04:00", "2026-11-23 01:10"),  # a Sunday
        ("2026-11-23 04:00", "2026-11-23 01:10"),  # a Monday
        ("2026-11-24 04:00", "2026-11-30 01:10"),
        ("2026-09-27 04:00", "2026-10-12 01:10"),  # over the National Day week
        ("2026-12-20 04:00", "2026-11-23 01:10"),  # 2027 is not published
        ("2031-01-01 04:00", "2026-11-23 01:10"),
    ],
)
def test_demo_begins_on_a_monday_of_an_ordinary_week(today: str, start: str) -> None:
    _, workdays = shipped()
    found = start_instant(datetime.fromisoformat(today).replace(tzinfo=UTC), workdays)
    assert f"{found:%Y-%m-%d %H:%M}" == start
