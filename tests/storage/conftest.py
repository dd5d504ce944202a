"""Instants and rows that storage tests share."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.fixture
def at() -> Callable[[float], datetime]:
    """Minutes after Monday 09:30 in Shanghai, as an instant."""
    return lambda minutes: NOW + timedelta(minutes=minutes)
