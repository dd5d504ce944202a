"""Counted actions and their rollups, over both databases."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from storage import activity, people
from storage.activity import Action
from storage.database import Database
from storage.tables.people import Activity, Daily
from storage.types import table

At = Callable[[float], datetime]
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
DAY = 24 * 60


def action(member: str, at: datetime, kind: str = "message", day: date = MONDAY) -> Action:
    return Action("c1", member, kind, at, day)


async def count(database: Database, *actions: Action) -> None:
    await database.write(lambda tx: activity.count(tx, actions))


def rollup(tx: Connection) -> list[tuple[object, ...]]:
    daily = table(Daily)
    query = select(daily.c.day, daily.c.member, daily.c.kind, daily.c.n, daily.c.last_at)
    return [tuple(row) for row in tx.execute(query.order_by(*daily.primary_key.columns))]


async def test_rollup_counts_within_and_across_transactions(database: Database, at: At) -> None:
    await count(database)
    await count(
        database, action("wm1", at(2)), action("wm1", at(1)), action("wm1", at(3), "answer")
    )
    await count(database, action("wm1", at(0)), action("wm1", at(9), day=TUESDAY))
    assert await database.read(rollup) == [
        (MONDAY, "wm1", "answer", 1, at(3)),
        (MONDAY, "wm1", "message", 3, at(2)),
        (TUESDAY, "wm1", "message", 1, at(9)),
    ]
    rows = select(func.count()).select_from(table(Activity))
    assert await database.read(lambda tx: tx.execute(rows).scalar_one()) == 5


async def test_check_in_is_found_on_its_local_day(database: Database, at: At) -> None:
    await count(database, action("wm1", at(0), "checkin"), action("wm2", at(0)))
    answers = [
        await database.read(lambda tx, m=member, d=day: activity.checked_in(tx, "c1", m, d))
        for member, day in (("wm1", MONDAY), ("wm1", TUESDAY), ("wm2", MONDAY))
    ]
    assert answers == [True, False, False]


async def test_streak_ends_before_the_last_day_without_a_check_in(
    database: Database, at: At
) -> None:
    def ago(days: int) -> date:
        return MONDAY - timedelta(days=days)

    theirs = [action("wm1", at(0), "checkin", day=ago(one)) for one in range(40) if one != 35]
    others = [action("wm2", at(0), "checkin", day=ago(1)), action("wm2", at(0), day=MONDAY)]
    await count(database, *theirs, *others)
    expected = {
        ("wm1", 0, 366): 35,
        ("wm1", 0, 35): 35,
        ("wm1", 0, 20): 20,
        ("wm1", 20, 366): 15,
        ("wm1", 35, 366): 0,
        ("wm1", 36, 366): 4,
        ("wm2", 0, 366): 0,
        ("wm2", 1, 366): 1,
    }
    found = await database.read(
        lambda tx: {
            (member, last, longest): activity.streak(tx, "c1", member, ago(last), longest)
            for member, last, longest in expected
        }
    )
    assert found == expected


async def test_silent_members_joined_before_and_did_nothing_since(
    database: Database, at: At
) -> None:
    def arrivals(tx: Connection) -> None:
        for member, joined in (("wm1", 0), ("wm2", 1), ("wm3", 2), ("wm4", 3), ("late", 3 * DAY)):
            people.arrive(tx, "c1", member, "", "", at(joined))
        people.depart(tx, "c1", "wm4", at(5))

    await database.write(arrivals)
    await count(
        database,
        action("wm1", at(0)),
        action("wm2", at(2 * DAY), day=date(2026, 11, 25)),
        action("wm3", at(2 * DAY), "join", date(2026, 11, 25)),
    )
    silent = await database.read(lambda tx: activity.silent(tx, "c1", at(DAY)))
    assert silent == ["wm1", "wm3"]


async def test_last_action_is_of_taking_part(database: Database, at: At) -> None:
    await count(
        database,
        action("wm1", at(1)),
        action("wm1", at(DAY), "answer", TUESDAY),
        action("wm1", at(2 * DAY), "leave", TUESDAY),
        action("wm2", at(2)),
    )
    last = await database.read(lambda tx: activity.last_action(tx, "c1"))
    assert last == {"wm1": at(DAY), "wm2": at(2)}


async def test_most_active_have_most_days_then_most_actions(database: Database, at: At) -> None:
    await count(
        database,
        *(action("talker", at(n)) for n in range(9)),
        *(action("b", at(n), "answer", day) for n, day in ((1, MONDAY), (2, TUESDAY))),
        *(action("a", at(n), "answer", day) for n, day in ((1, MONDAY), (2, TUESDAY))),
        action("joiner", at(1), "join"),
    )
    best = await database.read(lambda tx: activity.active(tx, "c1", MONDAY, 10))
    assert best == [("a", 2, 2), ("b", 2, 2), ("talker", 1, 9)]
    assert await database.read(lambda tx: activity.active(tx, "c1", TUESDAY, 1)) == [("a", 1, 1)]
