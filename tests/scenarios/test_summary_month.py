"""The weekly summary of a constructed month against independent SQL in DuckDB over the raw rows:
every metric, its numerator, its denominator, the week before and the mean, to the last digit.

QUNYUN_FAULTS=long takes 300 communities, 20,000 members and 2 million actions.
"""

import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import create_engine

from bot.week import period
from sop.community import Community
from sop.library import Library
from sop.summary.details import Details
from sop.summary.figures import WeekFigures
from sop.summary.metrics import Metric, Number, Unit
from sop.summary.period import Period
from sop.summary.summary import summarise
from storage.database import open_database
from tests.month import MONDAY, SMALL, WHOLE, ZONE, Month, people_of
from tests.month_more import more_of
from tests.month_raw import raw
from tests.month_sql import QUERIES, SEVENTHS, Asked, ask, number
from tests.month_tables import QUERIES as TABLES
from tests.month_tables import rows
from tests.month_work import work_of

LONG = os.environ.get("QUNYUN_FAULTS") == "long"
pytestmark = pytest.mark.timeout(1800 if LONG else 300)

NEEDS_ALL = {"stickiness", "cost_per_active"}
NEEDS_SOME = {"speakers", "messages_per_member", "silent", "returned"}
COUNTS_MORE = {"wau", "active_rate", "dau"}
SHOWN = {"title", "name", "spread", "communities", "plan_title"}
DIGITS = {Unit.RATIO: 4, Unit.MEAN: 2}
PEOPLE = ("members", "joins", "leaves")
"""Without any of them there was nobody yet, and nothing to average."""


@dataclass(frozen=True, slots=True)
class World:
    """The month in both databases."""

    month: Month
    url: str
    duck: duckdb.DuckDBPyConnection

    def asked(self, communities: Sequence[Community]) -> Asked:
        """Whose numbers, for the second opinion."""
        accounts = {id for one in self.month.staff.values() for id in one.customer_ids}
        return Asked(
            [one.id for one in communities],
            [one.id for one in communities if one.heard],
            {*self.month.staff, *accounts},
        )

    async def period(self, communities: Sequence[Community]) -> Period:
        """Our figures."""
        database = await open_database(self.url, read_only=True)
        staff = self.month.staff
        try:
            return await database.read(
                lambda tx: period(tx, Library(), staff, communities, MONDAY, ZONE, "全部")
            )
        finally:
            await database.close()


@pytest.fixture(scope="module")
def world(sqlite_template: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("month")
    file = folder / "month.db"
    file.write_bytes(sqlite_template)
    month = constructed(file)
    duck = raw(file, folder)
    yield World(month, f"sqlite:///{file}", duck)
    duck.close()


def constructed(file: Path) -> Month:
    """The month, stored."""
    size = WHOLE if LONG else SMALL
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as tx:
        month = people_of(tx, size)
        work_of(tx, month, size)
        more_of(tx, month)
    engine.dispose()
    return month


def scope(world: World, name: str) -> Sequence[Community]:
    every = world.month.communities
    chosen = {
        "all": every,
        "heard": [one for one in every if one.heard],
        "unheard": [one for one in every if not one.heard],
        "one": every[1:2],
        "rm": [one for one in every if one.owner == every[0].owner],
        "none": [],
    }
    return chosen[name]


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric as both tell it."""

    value: Number | None
    numerator: Number | None
    denominator: Number | None
    previous: Number | None
    mean: Number | None


def ours(metric: Metric) -> Measured:
    return Measured(
        metric.value, metric.numerator, metric.denominator, metric.previous, metric.mean
    )


@pytest.mark.parametrize("name", ["all", "heard", "unheard", "one", "rm", "none"])
async def test_every_metric_is_what_the_raw_rows_say(world: World, name: str) -> None:
    communities = scope(world, name)
    summary = summarise(await world.period(communities))
    found = {metric.key: ours(metric) for metric in summary.metrics}
    assert found == second_opinion(world, communities, summary.metrics)


def second_opinion(
    world: World, communities: Sequence[Community], metrics: Sequence[Metric]
) -> dict[str, Measured]:
    """The same metrics by SQL over the raw rows."""
    asked = world.asked(communities)
    unheard = len(asked.communities) - len(asked.heard)
    weeks: list[dict[str, tuple[Number | None, ...]]] = []
    for back in range(5):
        ask(world.duck, asked, MONDAY - timedelta(weeks=back))
        weeks.append(
            {
                one.key: counted(world.duck, one.key, one.unit, unheard, len(asked.heard))
                for one in metrics
            }
        )
    result = {}
    for one in metrics:
        value, upper, lower = weeks[0][one.key]
        there = [
            week
            for week in weeks[1:]
            if week["members"][0] or week["joins"][0] or week["leaves"][0]
        ]
        past = [found for week in there if (found := week[one.key][0]) is not None]
        mean = statistics.mean(map(Fraction, past)) if past else None
        mean = None if mean is None else round(float(mean), DIGITS.get(one.unit, 2))
        result[one.key] = Measured(value, upper, lower, weeks[1][one.key][0], mean)
    return result


def counted(
    duck: duckdb.DuckDBPyConnection, key: str, unit: Unit, unheard: int, heard: int
) -> tuple[Number | None, Number | None, Number | None]:
    """Value, numerator and denominator of one week."""
    numerator, denominator = QUERIES[key]
    whole, part = SEVENTHS.get(key, (1, 1))
    above = Fraction(number(duck, numerator), whole)
    if unheard and (
        key in NEEDS_ALL or (key in NEEDS_SOME and not heard) or (key in COUNTS_MORE and not above)
    ):
        return None, None, None
    if denominator is None:
        return int(above), None, None
    below = Fraction(number(duck, denominator), part)
    shown = shortened(above), shortened(below)
    if not below:
        return None, *shown
    if unit is Unit.FEN:
        return int(above / below + Fraction(1, 2)), *shown
    return round(float(above / below), DIGITS[unit]), *shown


def shortened(number: Fraction) -> Number:
    """As it is told: whole, or with two decimals."""
    return int(number) if number.denominator == 1 else round(float(number), 2)


def told(summary: WeekFigures, details: Details, name: str) -> list[tuple[object, ...]]:
    """Our figures of this name, without the names that people see."""
    source: Any = details
    if name == "days":
        return list(zip(summary.daily_members, summary.dau, strict=True))
    if name in ("games", "steps", "campaigns", "ways"):
        source, name = summary, "channels" if name == "ways" else name
    found = getattr(source, name)
    every = [asdict(one) for one in ([found] if name == "nps" else found)]
    return [tuple(value for key, value in one.items() if key not in SHOWN) for one in every]


@pytest.mark.parametrize("name", list(TABLES))
@pytest.mark.parametrize("chosen", ["all", "one", "rm"])
async def test_every_table_is_what_the_raw_rows_say(world: World, name: str, chosen: str) -> None:
    communities = scope(world, chosen)
    ask(world.duck, world.asked(communities), MONDAY)
    found = await world.period(communities)
    ours = told(found.now, found.details, name)
    theirs = rows(world.duck, name)
    if name == "steps":
        ours = sorted(ours)
    assert ours == theirs


GROUPED = {
    "members_at_end": QUERIES["members"][0],
    "members_at_start": QUERIES["game_participation"][1],
    "member_days": QUERIES["active_rate"][1],
    "new": QUERIES["new"][0],
    "lost": QUERIES["lost"][0],
    "wau": QUERIES["wau"][0],
    "silent": QUERIES["silent"][0],
    "players": QUERIES["game_participation"][0],
    "due": QUERIES["sop_completion"][1],
    "executed": QUERIES["sop_completion"][0],
    "on_time": QUERIES["sop_on_time"][0],
    "settled_fen": QUERIES["cost_per_new"][0],
}


@pytest.mark.parametrize("kind", ["rm", "label", "community"])
async def test_every_group_is_what_the_raw_rows_say(world: World, kind: str) -> None:
    every = world.month.communities
    groups = (await world.period(every)).details.groups
    found = [one for one in groups if one.kind == kind][:: 6 if kind == "community" else 1]
    inside = {one.id: [place for place in every if belongs(place, kind, one.id)] for one in found}
    theirs = {}
    for id, communities in inside.items():
        ask(world.duck, world.asked(communities), MONDAY)
        theirs[id] = {key: number(world.duck, query or "") for key, query in GROUPED.items()}
    ours = {one.id: {key: getattr(one, key) for key in GROUPED} for one in found}
    assert (len(ours) > 1, ours) == (True, theirs)


def belongs(place: Community, kind: str, id: str) -> bool:
    return id in {"rm": {place.owner}, "label": place.labels, "community": {place.id}}[kind]
