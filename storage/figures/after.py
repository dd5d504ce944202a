"""Who did something after something was said to them, from the daily rollups.

A rollup knows a day and the instant of the last action on it. So "after an instant, until the end
of a later local day" is exact, where "within 24 hours" would not be.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from storage.figures.scope import Scope
from storage.tables.people import Daily
from storage.types import table

_DAILY = table(Daily)
BESIDES = ("join", "leave")
"""Counted, but no sign that a member takes part."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something was said in a community, or to members of it, at an instant."""

    community: str
    at: datetime


def took_part(
    week: Scope,
    reached: Mapping[Said, Collection[str]],
    days: int,
    besides: Collection[str] = BESIDES,
) -> dict[Said, set[str]]:
    """Of those reached, who did something in that community later on the same local day or on the
    `days` after it. `besides` are the kinds of action that do not count. One query for each day
    on which something was said."""
    by_day: dict[date, dict[str, list[Said]]] = defaultdict(lambda: defaultdict(list))
    for said in reached:
        by_day[said.at.astimezone(week.zone).date()][said.community].append(said)
    acted: dict[Said, set[str]] = {said: set() for said in reached}
    for day, places in by_day.items():
        query = (
            select(_DAILY.c.community, _DAILY.c.member, func.max(_DAILY.c.last_at))
            .where(
                _DAILY.c.community.in_(sorted(places)),
                _DAILY.c.day.between(day, day + timedelta(days=days)),
                _DAILY.c.kind.not_in(sorted(besides)),
            )
            .group_by(_DAILY.c.community, _DAILY.c.member)
        )
        for community, member, last_at in week.tx.execute(query):
            for said in places[community]:
                if last_at > said.at and member in reached[said]:
                    acted[said].add(member)
    return acted
