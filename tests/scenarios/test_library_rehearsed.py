"""Every shipped plan rehearsed: twenty simulated members, the whole way, and not one problem."""

from collections.abc import Mapping
from datetime import date

import pytest

from bot.rehearsal.casting import cast, labelled, narrowed
from bot.rehearsal.host import HOSTS
from bot.rehearsal.rehearse import Wish, rehearse, span_of
from bot.rehearsal.stage import Script

MEMBERS, SEED = 20, 7
USUAL = date(2026, 11, 23)
"""The Monday of a week without holidays."""
WHEN: Mapping[str, tuple[date, int]] = {
    "ab-test": (date(2026, 6, 1), 4),
    "consumer-day": (date(2026, 3, 13), 3),
    "flash-group": (date(2026, 12, 1), 8),
    "golden-egg": (date(2026, 9, 18), 4),
    "intent-to-tag": (date(2026, 5, 11), 4),
    "live-event": (date(2026, 4, 14), 7),
    "needs-survey": (date(2026, 3, 10), 4),
    "newcomer-journey": (USUAL, 9),
    "precise-reach": (date(2026, 12, 4), 2),
    "recall": (USUAL, 14),
    "story-week": (date(2026, 11, 2), 5),
}
"""First day and number of days of plans that a usual week does not show."""
CAST = cast(None, None)
"""Two sample communities, the shipped library, the working days: read once."""


@pytest.mark.parametrize("plan", sorted(CAST[1].plans))
async def test_plan_is_rehearsed_without_a_problem(plan: str) -> None:
    settings, library, workdays = CAST
    settings, library = narrowed(settings, library, [plan], ["wealth-01"])
    first, days = WHEN.get(plan, (USUAL, 7))
    script = Script(
        labelled(settings, library),
        library,
        workdays,
        span_of(first, days, settings.zone),
        MEMBERS,
        SEED,
        HOSTS["punctual"],
    )
    result = await rehearse(script, Wish(first, 1, [plan]))
    # Rules may find nobody among twenty members; nothing else may have to step in.
    assert [one.text for one in result.problems] == []
    assert {one.code for one in result.rules} <= {"nobody", "holiday"}
    assert {one.plan for one in result.messages} >= {plan}
