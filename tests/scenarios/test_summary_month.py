"""The weekly summary of a constructed month against independent SQL in DuckDB over the raw rows:
every metric with its numerator, its denominator, the week before and the mean, every cell of every
table and every point of every chart, to the last digit.

QUNYUN_FAULTS=long takes 300 communities, 20,000 members and 2 million actions.
"""

import asyncio
import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
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
from sop.summary.metrics import Metric, Number, Unit
from sop.summary.period import Period
from sop.summary.summary import summarise
from storage.database import open_database
from tests.month import MONDAY, SMALL, WHOLE, ZONE, Month, people_of
from tests.month_charts import CHARTS
from tests.month_more import more_of
from tests.month_raw import raw
from tests.month_shown import NAMES, OF_A_GROUP, Told, group
from tests.month_shown import TABLES as SHOWN
from tests.month_sql import Asked
from tests.month_tables import QUERIES
from tests.month_week import Week, week
from tests.month_work import work_of

LONG = os.environ.get("QUNYUN_FAULTS") == "long"
pytestmark = pytest.mark.timeout(1800 if LONG else 300)

NEEDS_ALL = {"stickiness", "cost_per_active"}
NEEDS_SOME = {"speakers", "messages_per_member", "silent", "returned"}
COUNTS_MORE = {"wau", "active_rate", "dau"}
WORDS = {"title", "name", "plan_title"}
DIGITS = {Unit.RATIO: 4, Unit.MEAN: 2}
BESIDE = ("days", "games", "rounds", "nps")
"""What the tables show of the week before."""
SCOPES = ("company", "unheard", "rm", "label", "community")
"""A manager sees every community: the company's summary is the managers'."""


@dataclass(frozen=True, slots=True)
class World:
    """The month in both databases, and what both have told already."""

    month: Month
    url: str
    duck: duckdb.DuckDBPyConnection
    _periods: dict[tuple[str, ...], Period] = field(default_factory=dict)
    _told: dict[tuple[str, ...], Told] = field(default_factory=dict)

    def scope(self, name: str) -> Sequence[Community]:
        """The communities that a summary is asked for."""
        every = self.month.communities
        chosen = {
            "company": every,
            "unheard": [one for one in every if not one.heard],
            "rm": [one for one in every if one.owner == every[0].owner],
            "label": [one for one in every if "私行" in one.labels],
            "community": every[1:2],
        }
        return chosen[name]

    def asked(self, communities: Sequence[Community]) -> Asked:
        """Whose numbers, for the second opinion."""
        accounts = {id for one in self.month.staff.values() for id in one.customer_ids}
        return Asked(
            [one.id for one in communities],
            [one.id for one in communities if one.heard],
            {*self.month.staff, *accounts},
        )

    def period(self, communities: Sequence[Community]) -> Period:
        """Our figures."""
        key = tuple(one.id for one in communities)
        if key not in self._periods:
            self._periods[key] = asyncio.run(self._read(communities))
        return self._periods[key]

    async def _read(self, communities: Sequence[Community]) -> Period:
        database = await open_database(self.url, read_only=True)
        staff = self.month.staff
        try:
            return await database.read(
                lambda tx: period(tx, Library(), staff, communities, MONDAY, ZONE, "全部")
            )
        finally:
            await database.close()

    def told(self, communities: Sequence[Community]) -> Told:
        """The second opinion."""
        key = tuple(one.id for one in communities)
        if key not in self._told:
            asked = self.asked(communities)
            names_of_weeks = (tuple(QUERIES), BESIDE, (), (), ())
            self._told[key] = Told(
                tuple(
                    week(self.duck, asked, MONDAY - timedelta(weeks=back), tables=names)
                    for back, names in enumerate(names_of_weeks)
                )
            )
        return self._told[key]

    def row(self, communities: Sequence[Community]) -> tuple[object, ...]:
        """The second opinion of what a table shows of communities inside a scope."""
        asked = self.asked(communities)
        now = week(self.duck, asked, MONDAY, OF_A_GROUP)
        return group(now, week(self.duck, asked, MONDAY - timedelta(weeks=1), ("active_rate",)))


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


# --- the metrics, in every scope that has a summary of its own -----------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric as both tell it."""

    value: Number | None
    numerator: Number | None
    denominator: Number | None
    previous: Number | None
    mean: Number | None


@pytest.mark.parametrize("name", SCOPES)
def test_every_metric_is_what_the_raw_rows_say(world: World, name: str) -> None:
    communities = world.scope(name)
    metrics = summarise(world.period(communities)).metrics
    found = {
        one.key: Measured(one.value, one.numerator, one.denominator, one.previous, one.mean)
        for one in metrics
    }
    weeks = world.told(communities).weeks
    assert found == {one.key: second_opinion(weeks, one) for one in metrics}


def second_opinion(weeks: Sequence[Week], metric: Metric) -> Measured:
    """The same metric by SQL over the raw rows."""
    key, unit = metric.key, metric.unit
    value, upper, lower = counted(weeks[0], key, unit)
    peopled = [one for one in weeks[1:] if any(map(one.count, ("members", "joins", "leaves")))]
    past = [found for one in peopled if (found := counted(one, key, unit)[0]) is not None]
    mean = round(float(statistics.mean(map(Fraction, past))), DIGITS.get(unit, 2)) if past else None
    return Measured(value, upper, lower, counted(weeks[1], key, unit)[0], mean)


def counted(one: Week, key: str, unit: Unit) -> tuple[Number | None, Number | None, Number | None]:
    """Value, numerator and denominator of one week."""
    above, below = one.counts[key]
    if one.unheard and (
        key in NEEDS_ALL
        or (key in NEEDS_SOME and not one.heard)
        or (key in COUNTS_MORE and not above)
    ):
        return None, None, None
    if below is None:
        return int(above), None, None
    shown = shortened(above), shortened(below)
    if not below:
        return None, *shown
    if unit is Unit.FEN:
        return int(above / below + Fraction(1, 2)), *shown
    return round(float(above / below), DIGITS[unit]), *shown


def shortened(number: Fraction) -> Number:
    """As it is told: whole, or with two decimals."""
    return int(number) if number.denominator == 1 else round(float(number), 2)


# --- what the summary is broken down by ----------------------------------------------------------


BROKEN_DOWN = ("company", "rm", "community")


@pytest.mark.parametrize("name", BROKEN_DOWN)
def test_every_count_is_what_the_raw_rows_say(world: World, name: str) -> None:
    communities = world.scope(name)
    ours = {one: figures(world.period(communities), one) for one in QUERIES}
    assert ours == world.told(communities).now.tables


def figures(found: Period, name: str) -> list[tuple[object, ...]]:
    """Our figures of this name, without the names that people see."""
    source: Any = found.details
    if name == "days":
        return list(zip(found.now.daily_members, found.now.dau, strict=True))
    if name == "repairs":
        return [(found.details.repairs,)]
    own = {"ways": "channels", "owners": "rms"}
    if name in ("games", "steps", "campaigns", *own):
        source, name = found.now, own.get(name, name)
    rows = getattr(source, name)
    every = [asdict(one) for one in ([rows] if name == "nps" else rows)]
    told = [tuple(value for key, value in one.items() if key not in WORDS) for one in every]
    return sorted(told) if name == "steps" else told


@pytest.mark.parametrize("name", BROKEN_DOWN)
def test_every_cell_of_every_table_is_what_the_raw_rows_say(world: World, name: str) -> None:
    communities = world.scope(name)
    ours = {key: one for key, one in tables(world, communities).items() if key not in GROUPS}
    told = world.told(communities)
    theirs = {key: list(show(told)) for key, show in SHOWN.items()}
    assert {key: [numbers for _, numbers in one] for key, one in ours.items()} == {
        key: rows for key, rows in theirs.items() if rows
    }


@pytest.mark.parametrize("name", BROKEN_DOWN)
def test_every_point_of_every_chart_is_what_the_raw_rows_say(world: World, name: str) -> None:
    communities = world.scope(name)
    sections = summarise(world.period(communities)).sections
    charts = [one for section in sections for one in section.charts if one.key != "active_rates"]
    ours = {one.key: [series.values for series in one.series] for one in charts}
    told = world.told(communities)
    theirs = {key: draw(told) for key, draw in CHARTS.items()}
    assert ours == {key: values for key, values in theirs.items() if values}


Cells = tuple[object, ...]


def tables(world: World, communities: Sequence[Community]) -> dict[str, list[tuple[str, Cells]]]:
    """The rows of every table with what they open, without words."""
    found = {
        table.key: [
            (
                row.opens,
                tuple(
                    cell
                    for column, cell in zip(table.columns, row.cells, strict=True)
                    if column.key not in NAMES
                ),
            )
            for row in table.rows
        ]
        for section in summarise(world.period(communities)).sections
        for table in section.tables
    }
    return {key: sorted(rows) if key == "sop_steps" else rows for key, rows in found.items()}


GROUPS = {"rms": "rm", "labels": "label", "communities": "community"}
"""Tables of scopes inside the summary's, and the kind of scope that they show."""


@pytest.mark.parametrize(
    ("scope", "table", "every"),
    [
        ("company", "rms", 1),
        ("company", "labels", 1),
        ("company", "communities", 60 if LONG else 6),
        ("rm", "communities", 3),
    ],
)
def test_every_scope_inside_another_is_what_the_raw_rows_say(
    world: World, scope: str, table: str, every: int
) -> None:
    kind, communities = GROUPS[table], world.scope(scope)
    found = tables(world, communities)[table][::every]
    inside = {
        opens: [one for one in communities if opens in opened(one, kind)] for opens, _ in found
    }
    theirs = [
        (
            opens,
            (
                *(() if kind == "community" else (len(places),)),
                *world.row(places),
            ),
        )
        for opens, places in inside.items()
    ]
    assert (len(found) > 1, found) == (True, theirs)


def opened(place: Community, kind: str) -> set[str]:
    """The scopes of a kind that a community belongs to."""
    found = {"rm": {place.owner}, "label": place.labels, "community": {place.id}}[kind]
    return {f"{kind}:{one}" for one in found}


# --- which metric there is in which dimension ----------------------------------------------------

MATRIX: Mapping[str, Mapping[str, str]] = {
    "plan": {
        "sop_completion": "sop_plans.completion",
        "sop_on_time": "sop_plans.on_time_rate",
        "rm_confirmation": "sop_plans.confirmation",
    },
    "step": {
        "sop_completion": "sop_steps.completion",
        "sop_on_time": "sop_steps.on_time_rate",
        "rm_confirmation": "sop_steps.confirmation",
    },
    "game": {"game_participation": "games.participation"},
    "campaign": {
        "budget_committed": "campaigns.committed_rate",
        "budget_settled": "campaigns.settled_rate",
    },
    "channel": {
        "joins": "ways_in.joins",
        "wau": "channels.active",
        "active_rate": "channels.active_rate",
        "cost_per_new": "channels.cost_per_joined",
    },
    "variant": {"active_rate": "experiments.rate"},
}
"""A metric that is not here has no meaning in that dimension: nobody joins a step. Company,
manager, RM, label and community are scopes: each has a summary of its own, with every metric."""


@pytest.mark.parametrize("dimension", list(MATRIX))
def test_every_dimension_has_its_metrics_among_the_cells_compared(
    world: World, dimension: str
) -> None:
    sections = summarise(world.period(world.scope("company"))).sections
    compared = {
        f"{table.key}.{column.key}"
        for section in sections
        for table in section.tables
        for column in table.columns
        if table.key in SHOWN and column.key not in NAMES
    }
    assert set(MATRIX[dimension].values()) <= compared
