"""A clock that stands still and a recording inbox."""

from datetime import UTC, datetime

import pytest

from bot.clock import MovableClock

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    """Monday 2026-11-23, 09:30 in Shanghai."""
    return MovableClock(NOW)
