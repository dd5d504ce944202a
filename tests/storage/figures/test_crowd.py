"""Who was there and did something, counted by hand for a week that has something of everything."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from storage import merging
from storage.database import Database
from storage.figures.crowd import Crowd
from storage.figures.members import Persons, ViaNumbers, persons, silent
from storage.figures.scope import Scope

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
OCTOBER = "2026-10-01T12:00"
Live = Callable[..., None]


def crowd(tx: Connection, *communities: str, zone: ZoneInfo = SHANGHAI) -> Crowd:
    return Crowd(tx, communities, MONDAY, zone, {"rm1"})


STAYS = [
    ("a", "both", OCTOBER, None),
    ("b", "both", "2026-11-25T12:00", None),  # known already: joins, but is not new
    ("a", "gone", OCTOBER, "2026-11-25T12:00"),
    ("a", "moved", OCTOBER, "2026-11-25T12:00"),
    ("b", "moved", "2026-11-26T12:00", None),  # left one, is still in the other
    ("b", "short", "2026-11-24T12:00", "2026-11-24T13:00"),  # at no midnight a member
    ("a", "rm1", OCTOBER, None),
]


async def test_persons_are_counted_once_over_communities(database: Database, live: Live) -> None:
    def work(tx: Connection) -> Persons:
        live(tx, STAYS)
        return persons(crowd(tx, "a", "b"), ["a", "b"], MONDAY)

    assert await database.write(work) == Persons(
        daily=(3, 3, 3, 1, 2, 2, 2, 2),
        present=frozenset({"both", "moved"}),
        joins=Counter({"both": 1, "moved": 1, "short": 1}),
        leaves=Counter({"gone": 1, "moved": 1, "short": 1}),
        new=frozenset({"short"}),
        lost=frozenset({"gone", "short"}),
        vias=(ViaNumbers("", 3, 2),),
    )


async def test_persons_of_one_community_are_its_own(database: Database, live: Live) -> None:
    def work(tx: Connection) -> Persons:
        live(tx, STAYS)
        return persons(crowd(tx, "a", "b"), ["b"], MONDAY)

    found = await database.write(work)
    assert found.daily == (0, 0, 0, 1, 2, 2, 2, 2)
    assert found.new == {"both", "moved", "short"}
    assert found.lost == {"short"}


async def test_deeds_tell_apart_who_only_came(database: Database, live: Live) -> None:
    def work(tx: Connection) -> Crowd:
        deeds = [
            ("a", "talks", "message", "2026-11-23"),
            ("a", "talks", "message", "2026-11-23"),
            ("a", "talks", "draw", "2026-11-23"),
            ("a", "talks", "message", "2026-11-29"),
            ("b", "talks", "message", "2026-11-23"),
            ("b", "comes", "join", "2026-11-23"),
            ("b", "goes", "leave", "2026-11-23"),
            ("b", "late", "message", "2026-11-30"),
            ("a", "rm1", "message", "2026-11-23"),
        ]
        live(tx, [], deeds)
        found = crowd(tx, "a", "b")
        found.week(MONDAY)
        return found

    week = (await database.write(work)).week(MONDAY)
    assert week.daily_active == (2, 0, 0, 0, 0, 0, 1)
    assert week.active(["a", "b"]) == {"talks", "comes"}
    assert week.took_part(["a", "b"]) == {"talks"}
    assert [(one.messages, set(one.spoke)) for one in week.of(["a", "b", "nowhere"])] == [
        (3, {"talks"}),
        (1, {"talks"}),
        (0, set()),
    ]


@pytest.mark.parametrize(
    ("joined", "day", "expected"),
    [
        ("2026-11-08T23:59", "2026-11-08", {"m"}),
        ("2026-11-08T23:59", "2026-11-09", set()),
        ("2026-11-08T23:59", "2026-11-22", set()),
        ("2026-11-08T23:59", "2026-11-23", {"m"}),
        ("2026-11-09T00:00", "2026-11-08", set()),  # not there for fourteen days yet
    ],
)
async def test_silence_lasts_fourteen_whole_days(
    database: Database, live: Live, joined: str, day: str, expected: set[str]
) -> None:
    def work(tx: Connection) -> set[str]:
        live(tx, [("a", "m", joined, None)], [("a", "m", "message", day)])
        return silent(crowd(tx, "a"), ["a"], MONDAY, 14)

    assert await database.write(work) == expected


async def test_silence_in_one_community_is_broken_in_another(
    database: Database, live: Live
) -> None:
    def work(tx: Connection) -> tuple[set[str], set[str]]:
        live(
            tx,
            [("a", "m", OCTOBER, None), ("b", "m", OCTOBER, None)],
            [("b", "m", "click", "2026-11-20")],
        )
        both = crowd(tx, "a", "b")
        return silent(both, ["a", "b"], MONDAY, 14), silent(both, ["a"], MONDAY, 14)

    assert await database.write(work) == (set(), {"m"})


async def test_who_left_and_came_back_is_silent_only_after_fourteen_days(
    database: Database, live: Live
) -> None:
    def work(tx: Connection) -> set[str]:
        live(
            tx,
            [("a", "m", OCTOBER, "2026-11-15T12:00"), ("a", "m", "2026-11-16T12:00", None)],
        )
        return silent(crowd(tx, "a"), ["a"], MONDAY, 14)

    assert await database.write(work) == set()


async def test_silence_of_no_whole_weeks_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="10 days are no whole weeks"):
        await database.read(lambda tx: silent(crowd(tx, "a"), ["a"], MONDAY, 10))


async def test_weeks_that_were_not_read_are_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="2026-12-07 is outside of the weeks since 2026-09-07"):
        await database.read(lambda tx: persons(crowd(tx, "a"), ["a"], date(2026, 11, 30)))


async def test_of_earlier_weeks_only_who_was_active_is_known(
    database: Database, live: Live
) -> None:
    october = date(2026, 10, 19)

    def work(tx: Connection) -> tuple[set[str], set[str]]:
        deeds = [
            ("a", "talks", "message", "2026-10-19"),
            ("a", "talks", "draw", "2026-10-25"),
            ("a", "late", "message", "2026-10-26"),
            ("b", "comes", "join", "2026-10-20"),
            ("b", "goes", "leave", "2026-10-20"),
            ("b", "rm1", "message", "2026-10-20"),
        ]
        live(tx, [], deeds)
        found = crowd(tx, "a", "b")
        with pytest.raises(ValueError, match="2026-10-19 is not one of the 5 weeks since"):
            found.week(october)
        return found.active(october, ["a", "b"]), found.part_takers(october)

    assert await database.write(work) == ({"talks", "comes"}, {"talks"})


async def test_two_ids_made_one_in_mid_week_are_one_person(
    database: Database, live: Live, local: Callable[[str], datetime]
) -> None:
    def work(tx: Connection) -> tuple[Persons, set[str]]:
        live(
            tx,
            [("a", "old", OCTOBER, None), ("b", "new", "2026-11-24T12:00", None)],
            [("a", "old", "message", "2026-11-23"), ("b", "new", "message", "2026-11-24")],
        )
        merging.merge(tx, "old", "new", "li", "同一个人", local("2026-11-25T12:00"))
        found = crowd(tx, "a", "b")
        return persons(found, ["a", "b"], MONDAY), found.week(MONDAY).active(["a", "b"])

    people, active = await database.write(work)
    assert (people.daily, people.new, active) == ((1,) * 8, frozenset(), {"new"})


@pytest.mark.parametrize(
    ("joined", "daily"),
    [
        # 2026-11-01 has 25 hours in New York: its midnights are 04:00 and 05:00 UTC.
        ("2026-11-01T11:59", (0, 0, 0, 0, 0, 0, 1, 1)),  # 03:59 UTC, Saturday there
        ("2026-11-01T12:00", (0, 0, 0, 0, 0, 0, 0, 1)),  # 04:00 UTC, Sunday 00:00
        ("2026-11-02T12:59", (0, 0, 0, 0, 0, 0, 0, 1)),  # 04:59 UTC, Sunday 23:59
        ("2026-11-02T13:00", (0, 0, 0, 0, 0, 0, 0, 0)),  # 05:00 UTC, the next week
    ],
)
async def test_a_week_that_a_change_of_time_makes_longer(
    database: Database, live: Live, joined: str, daily: tuple[int, ...]
) -> None:
    def work(tx: Connection) -> Persons:
        live(tx, [("a", "m", joined, None)])
        found = crowd(tx, "a", zone=ZoneInfo("America/New_York"))
        return persons(found, ["a"], date(2026, 10, 26))

    assert (await database.write(work)).daily == daily


async def test_a_clock_that_jumped_ahead_makes_no_member_yet(
    database: Database, live: Live
) -> None:
    def work(tx: Connection) -> Persons:
        live(tx, [("a", "m", "2036-01-01T00:00", None)], [("a", "m", "message", "2036-01-01")])
        return persons(crowd(tx, "a"), ["a"], MONDAY)

    found = await database.write(work)
    assert (found.daily, found.joins.total(), found.new) == ((0,) * 8, 0, frozenset())


async def test_a_crowd_of_no_communities_is_empty(database: Database) -> None:
    def work(tx: Connection) -> tuple[tuple[int, ...], set[str]]:
        nobody = crowd(tx)
        return persons(nobody, [], MONDAY).daily, nobody.week(MONDAY).active([])

    assert await database.read(work) == ((0,) * 8, set())


async def test_the_crowds_midnights_are_those_of_the_scope(database: Database) -> None:
    def work(tx: Connection) -> tuple[int, int, datetime]:
        found = crowd(tx, "a")
        return (
            found.midnight(date(2026, 9, 7)),
            found.midnight(date(2026, 11, 30)),
            Scope(tx, ("a",), MONDAY, SHANGHAI, ()).end,
        )

    assert await database.read(work) == (0, 84, datetime.fromisoformat("2026-11-29T16:00Z"))
