"""Paints with names that are easily read in an expectation."""

import pytest

from bot.charts.theme import Theme


@pytest.fixture(scope="session")
def theme() -> Theme:
    """No real colours."""
    return Theme("white", "ink", "dim", "line", "strong", "soft", ("one", "two"), "good", "bad")
