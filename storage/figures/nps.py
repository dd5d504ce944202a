"""Scores of the week, as the gatherings that closed in it counted them."""

from dataclasses import dataclass

from sqlalchemy import select

from storage.figures.scope import Scope
from storage.tables.gatherings import Gathering
from storage.types import table

_GATHERING = table(Gathering)


@dataclass(frozen=True, slots=True)
class NpsNumbers:
    """Scores by class; one for each member and gathering."""

    promoters: int
    passives: int
    detractors: int


def nps(week: Scope) -> NpsNumbers:
    """All gatherings of the kind together. One that was ended without being counted has none."""
    query = select(_GATHERING.c.result).where(
        week.here(Gathering), _GATHERING.c.kind == "nps", week.during(Gathering, "closed_at")
    )
    counted = [result for result in week.tx.execute(query).scalars() if result.get("n")]
    n, promoters, detractors = (
        sum(int(result[name]) for result in counted) for name in ("n", "promoters", "detractors")
    )
    return NpsNumbers(promoters, n - promoters - detractors, detractors)
