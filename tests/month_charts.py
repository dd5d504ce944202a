"""What the charts of the summary draw, a second time: from the counts of the raw rows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tests.month_shown import WEEKS, Told, experiments, share
from tests.month_week import Week

Values = list[tuple[Any, ...]]
"""Of each series, in its order."""
MOST_MOVES = 8


def _daily_active(told: Told) -> Values:
    return [
        tuple(None if week.unheard and not one else one for _, one in week.tables["days"])
        for week in (told.now, told.before)
    ]


def _channel_quality(told: Told) -> Values:
    flows: list[Any] = [one for one in told.now.tables["channels"] if one[2]]
    joined, stayed = [one[1] for one in flows], [share(one[3], one[2]) for one in flows]
    return [tuple(joined), tuple(stayed)] if len(flows) > 1 else []


def _cohort_rates(told: Told, column: int) -> Values:
    found: list[Any] = [one for one in told.now.tables["cohorts"] if one[1]]
    rates = [[share(count, one[1]) for count in one[column]] for one in found]
    return [(*one, *[None] * (WEEKS - len(one))) for one in rates]


def _variant_rates(told: Told) -> Values:
    rates = tuple(row[4] for row in experiments(told))
    return [rates] if rates else []


def _stages(told: Told) -> Values:
    keys = ("funnel_joined", "funnel_played", "funnel_drew", "funnel_claimed")
    counts = tuple(told.now.count(key) for key in keys)
    return [counts] if counts[0] else []


def _budgets(told: Told) -> Values:
    rows: list[Any] = told.now.tables["campaigns"]
    each = [(paid, out - paid, budget - out) for _, budget, out, paid, *_ in rows]
    return list(zip(*each, strict=True))


def _stage_moves(told: Told) -> Values:
    found = [one[3] for one in told.now.tables["moves"] if one[0] == "stage"][:MOST_MOVES]
    return [tuple(found)] if found else []


def _weeks(told: Told, *keys: str) -> Values:
    return [tuple(one.count(key) for one in reversed(told.weeks)) for key in keys]


def _participation(told: Told) -> Values:
    def rates(week: Week) -> dict[tuple[int, str], float | None]:
        rounds: list[Any] = week.tables["rounds"]
        return {(one[1].weekday(), one[0]): share(one[5], one[6]) for one in rounds}

    now, before = rates(told.now), rates(told.before)
    return [tuple(now.values()), tuple(before.get(one) for one in now)] if now else []


def _due_by_rm(told: Told) -> Values:
    rows: list[Any] = [one for one in told.now.tables["owners"] if one[2]]
    each = [(on_time, done - on_time, due - done) for _, _, due, done, on_time, *_ in rows]
    return list(zip(*each, strict=True))


CHARTS: Mapping[str, Callable[[Told], Values]] = MappingProxyType(
    {
        "members": lambda told: _weeks(told, "members"),
        "new_and_lost": lambda told: _weeks(told, "new", "lost"),
        "cohorts_present_rate": lambda told: _cohort_rates(told, 3),
        "cohorts_active_rate": lambda told: _cohort_rates(told, 2),
        "stage_moves": _stage_moves,
        "channel_quality": _channel_quality,
        "daily_active": _daily_active,
        "participation": _participation,
        "newcomer_stages": _stages,
        "budgets": _budgets,
        "due_by_rm": _due_by_rm,
        "variant_rates": _variant_rates,
    }
)
"""By the key of the chart; the active rates of RMs or communities are the tables'."""
