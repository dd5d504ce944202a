"""A calm week, of which no rule has anything to say, and what one rule says of it when changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sop.summary.details import Details
from sop.summary.figures import FunnelFigures, WeekFigures
from sop.summary.period import Period
from sop.summary.rules import all_rules
from tests.sop.summary.made import blank

MONDAY = date(2026, 11, 23)
Changes = dict[str, Any]


def calm(monday: date) -> WeekFigures:
    """200 members, 80 of them active, 50 in a game."""
    return replace(
        blank(monday),
        communities=2,
        members_at_start=200,
        members_at_end=200,
        daily_members=(200,) * 7,
        new=6,
        lost=6,
        joins=6,
        leaves=6,
        wau=80,
        dau=(30,) * 7,
        speakers=50,
        messages=300,
        silent=40,
        returned=3,
        players=50,
        funnel=FunnelFigures(6, 4, 3, 1),
        settled_fen=1000,
    )


@pytest.fixture
def week() -> Callable[..., Period]:
    """A period of two calm weeks, with changes of this week's and last week's figures."""

    def build(
        now: Changes | None = None,
        before: Changes | None = None,
        details: Details | None = None,
        details_before: Details | None = None,
    ) -> Period:
        return Period(
            replace(calm(MONDAY), **(now or {})),
            replace(calm(MONDAY - timedelta(days=7)), **(before or {})),
            (),
            ZoneInfo("Asia/Shanghai"),
            "全部社群",
            details=details or Details(),
            details_before=details_before or Details(),
        )

    return build


@pytest.fixture
def told() -> Callable[[str, Period], list[tuple[str, str]]]:
    """Text and proposal of everything that one rule finds."""
    rules = {one.__module__.rpartition(".")[2]: one for one in all_rules()}
    return lambda rule, period: [(one.text, one.proposal) for one in rules[rule](period)]
