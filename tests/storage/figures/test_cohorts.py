"""Newcomers of each week, followed."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from storage.database import Database
from storage.figures.cohorts import CohortNumbers, cohorts
from storage.figures.crowd import Crowd

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
EMPTY = [(date(2026, 10, 5), 8), (date(2026, 10, 12), 7), (date(2026, 10, 19), 6),
         (date(2026, 10, 26), 5), (date(2026, 11, 2), 4)]  # fmt: skip


async def test_cohorts_follow_who_joined_first(
    database: Database, live: Callable[..., None]
) -> None:
    def work(tx: Connection) -> tuple[CohortNumbers, ...]:
        live(
            tx,
            [
                ("a", "old", "2026-09-01T12:00", None),
                ("b", "old", "2026-11-10T12:00", None),  # not for the first time
                ("a", "stays", "2026-11-09T00:00", None),
                ("a", "moves", "2026-11-10T12:00", "2026-11-18T12:00"),
                ("b", "moves", "2026-11-25T12:00", None),
                ("b", "flees", "2026-11-15T23:00", "2026-11-15T23:30"),
                ("a", "new", "2026-11-29T23:59", None),
                ("a", "later", "2026-11-30T00:00", None),
                ("a", "rm1", "2026-11-10T12:00", None),
            ],
            [
                ("a", "stays", "join", "2026-11-09"),
                ("a", "stays", "message", "2026-11-16"),
                ("b", "stays", "message", "2026-11-17"),
                ("a", "moves", "draw", "2026-11-10"),
                ("b", "moves", "click", "2026-11-25"),
                ("b", "flees", "message", "2026-11-15"),
                ("b", "flees", "leave", "2026-11-16"),
                ("a", "rm1", "message", "2026-11-10"),
            ],
        )
        return cohorts(Crowd(tx, ("a", "b"), MONDAY, SHANGHAI, {"rm1"}), MONDAY)

    assert await database.write(work) == (
        *(CohortNumbers(monday, 0, (0,) * weeks, (0,) * weeks) for monday, weeks in EMPTY),
        CohortNumbers(date(2026, 11, 9), 3, active=(2, 1, 1), present=(2, 1, 2)),
        CohortNumbers(date(2026, 11, 16), 0, (0, 0), (0, 0)),
        CohortNumbers(MONDAY, 1, (0,), (1,)),
    )
