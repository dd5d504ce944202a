"""A day, or several, counted as the weekly summary counts."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert

from storage.database import Database
from storage.figures.days import Days, DaysNumbers, days_numbers
from storage.tables.play import GameSession, Player
from storage.types import table

ZONE = ZoneInfo("Asia/Shanghai")
STAYS = [
    ("a", "m1", "2026-11-27T00:00", None),
    ("b", "m1", "2026-11-27T09:00", None),
    ("a", "m2", "2026-11-26T23:59", "2026-11-28T23:59"),
    ("a", "m3", "2026-10-01T10:00", "2026-11-29T00:00"),
    ("a", "rm1", "2026-11-27T10:00", "2026-11-27T11:00"),
    ("c", "m4", "2026-11-27T10:00", "2026-11-27T11:00"),
]
DEEDS = [
    ("a", "m1", "join", "2026-11-27"),
    ("b", "m1", "message", "2026-11-27"),
    ("a", "m2", "leave", "2026-11-28"),
    ("a", "m3", "message", "2026-11-28"),
    ("a", "m3", "message", "2026-11-29"),
    ("a", "rm1", "message", "2026-11-27"),
    ("c", "m4", "message", "2026-11-27"),
]
PLAYED = [("m1", "2026-11-28T23:59:59"), ("m2", "2026-11-29T00:00"), ("rm1", "2026-11-28T12:00")]


@pytest.mark.parametrize(
    ("first", "count", "expected"),
    [
        (27, 1, DaysNumbers(active=1, players=0, joined=1, left=0)),
        (28, 1, DaysNumbers(active=1, players=1, joined=0, left=1)),
        (27, 2, DaysNumbers(active=2, players=1, joined=1, left=1)),
        (26, 4, DaysNumbers(active=2, players=2, joined=2, left=2)),
        (30, 1, DaysNumbers(active=0, players=0, joined=0, left=0)),
    ],
)
async def test_days_are_counted_by_local_midnights(
    database: Database,
    live: Callable[..., None],
    local: Callable[[str], datetime],
    first: int,
    count: int,
    expected: DaysNumbers,
) -> None:
    def work(tx: Connection) -> DaysNumbers:
        live(tx, STAYS, DEEDS)
        session = {"id": 1, "community": "a", "game": "dice", "status": "finished"}
        session |= {"started_at": local("2026-11-28T12:00"), "options": {}, "state": {}, "seed": ""}
        tx.execute(insert(table(GameSession)), [session])
        players = [
            {"session": 1, "member": member, "community": "a", "at": local(at)}
            for member, at in PLAYED
        ]
        tx.execute(insert(table(Player)), players)
        day = date(2026, 11, first)
        return days_numbers(Days(tx, ("a", "b"), day, ZONE, ("rm1",), count))

    assert await database.write(work) == expected
