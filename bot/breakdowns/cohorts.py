"""The last eight weeks of newcomers, and how many of each are still there and active."""

from bot.week_details import Asked
from sop.summary.details import CohortFigures
from storage.figures import cohorts as storage


def cohorts(asked: Asked) -> tuple[CohortFigures, ...]:
    """Oldest first."""
    return tuple(
        CohortFigures(one.monday, one.size, one.active, one.present)
        for one in storage.cohorts(asked.crowd, asked.monday)
    )


READ = cohorts
