"""report: a card is asked for, not counted; nobody gets the same week twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

import pytest

from sop import engine
from sop.community import Community, Role, Staff
from sop.effects import AskSummary
from sop.library import Library
from sop.plan import Plan
from sop.ports import Facts
from sop.step import StepContext
from sop.steps.report import SENT_ANYWAY

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)
PLAN = """
plan: p
title: 计划
applies_to: {{labels: [wealth]}}
week: {{monday: [{{id: s, at: "09:00", report: {options}}}]}}
"""
Read = Callable[[str], Plan]


@dataclass
class Desk:
    """The part of Facts that the step asks."""

    weeks_are_sent: bool

    def managers(self) -> list[Staff]:
        return [Staff(one, one, frozenset({Role.MANAGER}), frozenset()) for one in ("wang", "zhao")]


def ran(plan: Plan, community: Community, *, sent: bool) -> engine.Verdict:
    return engine.run_now(
        StepContext(
            plan=plan,
            step=next(plan.steps()),
            community=community,
            occurrence=f"p/s/2026-11-23/{community.id}",
            day=date(2026, 11, 23),
            due_at=NINE,
            now=NINE,
            seed=bytes(32),
            facts=cast(Facts, Desk(sent)),
            library=Library(),
        )
    )


@pytest.mark.parametrize(
    ("options", "staff", "week", "sent"),
    [
        ("{week: last}", ["wang", "zhao"], "2026-W47", False),
        ("{week: last, to: rm}", ["lijing"], "2026-W47", False),
        ("{week: this}", ["wang", "zhao"], "2026-W48", False),
        ("{week: this, to: rm}", ["lijing"], "2026-W48", True),
    ],
)
def test_card_is_asked_for(
    plan: Read, wealth: Community, options: str, staff: list[str], week: str, sent: bool
) -> None:
    verdict = ran(plan(PLAN.format(options=options)), wealth, sent=sent)
    asked = [AskSummary(one, week, "community:wealth-01", "card") for one in staff]
    assert verdict == engine.Verdict("done", "", [*asked])


@pytest.mark.parametrize("to", ["manager", "rm"])
def test_week_that_is_sent_anyway_is_not_sent_again(plan: Read, wealth: Community, to: str) -> None:
    verdict = ran(plan(PLAN.format(options=f"{{week: last, to: {to}}}")), wealth, sent=True)
    assert verdict == engine.Verdict("skipped", SENT_ANYWAY, [])
