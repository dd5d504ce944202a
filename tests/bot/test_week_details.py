"""The week broken down with the names that people know; what is missing or odd among it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from bot.week import period, week_figures
from sop.community import Community, DeliveryMode, Role, Staff
from sop.library import Library
from sop.summary.details import CohortFigures, Details, GroupFigures
from sop.summary.period import Period
from sop.summary.summary import summarise
from storage import activity, people
from storage.activity import Action
from storage.database import Database

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
STAFF = {"li": Staff("li", "李静", frozenset({Role.RM}), frozenset())}


def community(id: str, owner: str = "li", *labels: str, heard: str = "群运") -> Community:
    mode = DeliveryMode.ROBOT
    return Community(id, f"{id} 群", f"wr{id}", owner, mode, frozenset(labels), ZONE, heard)


A, B = community("a", "li", "all", "young"), community("b", "li", "all", heard="")
C = community("c", "gone", "all")


def local(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZONE).astimezone(UTC)


def build(tx: Connection) -> None:
    for place, member, joined in (
        ("a", "m1", local(1)),
        ("b", "m1", local(1)),
        ("b", "m2", local(1)),
        ("c", "m3", local(24)),
        ("c", "li", local(1)),
    ):
        people.arrive(tx, place, member, "=1+1🎉", "", joined)
    people.depart(tx, "b", "m2", local(25))
    said = [("a", "m1", "message"), ("c", "m3", "join"), ("c", "li", "message")]
    activity.count(
        tx, [Action(place, who, kind, local(24), local(24).date()) for place, who, kind in said]
    )


def read(tx: Connection, *communities: Community) -> Period:
    return period(tx, Library(), STAFF, communities, MONDAY, ZONE, "全部社群")


async def test_groups_of_the_scope_by_rm_label_and_community(database: Database) -> None:
    def work(tx: Connection) -> Sequence[GroupFigures]:
        build(tx)
        return read(tx, A, B, C).details.groups

    assert await database.write(work) == (
        GroupFigures("rm", "li", "李静", 2, 1, 2, 1, 9, 0, 1, 1, 0),
        GroupFigures("rm", "gone", "gone", 1, 0, 0, 1, 6, 1, 0, 1, 0),
        GroupFigures("label", "all", "all", 3, 1, 2, 2, 15, 1, 1, 2, 0),
        GroupFigures("label", "young", "young", 1, 0, 1, 1, 7, 0, 0, 1, 0),
        GroupFigures("community", "a", "a 群", 1, 0, 1, 1, 7, 0, 0, 1, 0),
        GroupFigures("community", "b", "b 群", 1, 1, 2, 1, 9, 0, 1, 0, 0),
        GroupFigures("community", "c", "c 群", 1, 0, 0, 1, 6, 1, 0, 1, 0),
    )


async def test_a_kind_with_one_group_that_is_the_scope_is_left_out(database: Database) -> None:
    def work(tx: Connection) -> list[tuple[str, str]]:
        build(tx)
        return [(one.kind, one.id) for one in read(tx, A, B).details.groups]

    assert await database.write(work) == [
        ("label", "all"),
        ("label", "young"),
        ("community", "a"),
        ("community", "b"),
    ]


async def test_one_community_has_no_groups(database: Database) -> None:
    def work(tx: Connection) -> Sequence[GroupFigures]:
        build(tx)
        return read(tx, replace(A, labels=frozenset())).details.groups

    assert await database.write(work) == ()


async def test_groups_of_the_week_before_are_that_weeks(database: Database) -> None:
    def work(tx: Connection) -> list[tuple[str, int]]:
        build(tx)
        found = read(tx, A, B).details_before.groups
        return [(one.id, one.members_at_end) for one in found]

    assert await database.write(work) == [("all", 2), ("young", 1), ("a", 1), ("b", 2)]


async def test_a_community_gone_from_the_configuration_in_mid_week_is_not_counted(
    database: Database,
) -> None:
    """Its members stay in the others' numbers, and nobody counts as lost with it."""

    def work(tx: Connection) -> tuple[int, int, int]:
        build(tx)
        found = week_figures(tx, Library(), STAFF, [A, C], MONDAY, ZONE)
        return found.members_at_start, found.members_at_end, found.lost

    assert await database.write(work) == (1, 2, 0)


async def test_every_past_week_is_the_one_that_its_own_summary_tells(database: Database) -> None:
    """Read together, the weeks are what they are when read alone; of the earlier ones only what
    metrics are made of is read."""

    def work(tx: Connection) -> bool:
        build(tx)
        found = read(tx, A, B, C)
        alone = read_alone(tx, 0), read_alone(tx, 1), read_alone(tx, 2)
        brief = replace(alone[2], games=(), rms=())
        return (found.now, found.before, found.earlier[0]) == (*alone[:2], brief)

    def read_alone(tx: Connection, back: int) -> object:
        monday = date.fromordinal(MONDAY.toordinal() - 7 * back)
        return week_figures(tx, Library(), STAFF, [A, B, C], monday, ZONE)

    assert await database.write(work)


EMPTY_COHORTS = tuple(
    CohortFigures(date.fromordinal(MONDAY.toordinal() - 7 * back), 0, zeros, zeros)
    for back in reversed(range(8))
    for zeros in [(0,) * (back + 1)]
)


@pytest.mark.parametrize("communities", [(), (A,)])
async def test_a_summary_of_nobody_has_no_ratio(
    database: Database, communities: tuple[Community, ...]
) -> None:
    def work(tx: Connection) -> Period:
        return read(tx, *(replace(one, labels=frozenset()) for one in communities))

    found = await database.read(work)
    assert found.details == Details(cohorts=EMPTY_COHORTS)
    summary = summarise(found)
    values = {one.key: one.value for one in summary.metrics if one.denominator is not None}
    assert {key: one for key, one in values.items() if one is not None} == {"dau": 0.0}


async def test_one_member_is_everybody(database: Database) -> None:
    def work(tx: Connection) -> Period:
        people.arrive(tx, "a", "m1", "@SUM(A1)", "", local(1))
        activity.count(tx, [Action("a", "m1", "message", local(24), date(2026, 11, 24))])
        return read(tx, A)

    summary = summarise(await database.write(work))
    values = {key: summary.metric(key).value for key in ("members", "wau", "active_rate", "silent")}
    assert values == {"members": 1, "wau": 1, "active_rate": 1.0, "silent": 0}
