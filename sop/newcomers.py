"""Whom a step of `after_join:` is for: those who joined so many days before."""

from datetime import date

from sop.community import Member
from sop.occurrence import Occurrence
from sop.plan import Plan, Step
from sop.planner import cohort_days
from sop.ports import Facts
from sop.workdays import Workdays


def cohort(
    facts: Facts, plan: Plan, step: Step, day: date, community: str, workdays: Workdays
) -> tuple[Member, ...] | None:
    """Those still present, first comers first; None for a step that is not about newcomers."""
    if plan.days_after_join(step.id) is None:
        return None
    days = cohort_days(plan, step, day, workdays)
    return tuple(one for joined in days for one in facts.joined_on(community, joined))


def concerns_somebody(facts: Facts, one: Occurrence, workdays: Workdays) -> bool:
    """Such a step comes on every day; it is an occurrence only when somebody joined."""
    return cohort(facts, one.plan, one.step, one.day, one.community, workdays) != ()
