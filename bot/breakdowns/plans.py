"""Each plan over the week."""

from collections import defaultdict

from bot.week_details import Asked
from sop.summary.details import PlanFigures
from storage.figures import work


def plans(asked: Asked) -> tuple[PlanFigures, ...]:
    """By plan; a plan that is gone is called by its id."""
    ran: dict[str, list[work.Ran]] = defaultdict(list)
    for one in work.ran(asked.crowd, asked.monday):
        ran[one.plan].append(one)
    return tuple(
        PlanFigures(
            plan,
            _title(asked, plan),
            due=sum(one.due for one in each),
            executed=sum(one.executed for one in each),
            on_time=sum(one.on_time for one in each),
            cancelled=sum(not one.due for one in each),
            reminded=sum(one.reminded for one in each),
            confirmed=sum(one.confirmed for one in each),
        )
        for plan, each in sorted(ran.items())
    )


def _title(asked: Asked, plan: str) -> str:
    known = asked.library.plans.get(plan)
    return plan if known is None else known.title


READ = plans
