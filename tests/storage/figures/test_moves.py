"""Moves between stages and value groups."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from storage.database import Database
from storage.figures.moves import moves
from storage.figures.scope import Scope
from storage.tables.standings import StandingChange
from storage.types import table

MONDAY = date(2026, 11, 23)
CHANGES = [
    # last week's work, written in the night to Monday
    ("a", "m1", "2026-11-23", "stage", "growing", "established"),
    ("a", "m1", "2026-11-24", "stage", "established", "drifting"),
    ("a", "m1", "2026-11-28", "stage", "drifting", "sleeping"),
    ("a", "m1", "2026-11-24", "value", "active", "drifting"),
    ("b", "m1", "2026-11-30", "stage", "established", "sleeping"),
    ("a", "m2", "2026-11-25", "stage", "established", "drifting"),
    ("a", "m2", "2026-11-27", "stage", "drifting", "established"),  # there and back
    ("a", "m3", "2026-11-26", "stage", "", "newcomer"),
    ("a", "m3", "2026-11-26", "value", "", "potential"),
    ("a", "m4", "2026-12-01", "stage", "newcomer", "growing"),
    ("c", "m5", "2026-11-26", "stage", "newcomer", "growing"),
    ("a", "rm1", "2026-11-26", "stage", "newcomer", "growing"),
]


async def test_moves_are_from_the_weeks_beginning_to_its_end(database: Database) -> None:
    def work(tx: Connection) -> dict[tuple[str, str, str], int]:
        names = ("community", "member", "day", "what", "before", "after")
        rows = [dict(zip(names, one, strict=True)) for one in CHANGES]
        dated = [one | {"day": date.fromisoformat(one["day"])} for one in rows]
        tx.execute(insert(table(StandingChange)), dated)
        return moves(Scope(tx, ("a", "b"), MONDAY, ZoneInfo("Asia/Shanghai"), ("rm1",)))

    found = await database.write(work)
    assert list(found.items()) == [
        (("stage", "established", "sleeping"), 2),
        (("stage", "", "newcomer"), 1),
        (("value", "", "potential"), 1),
        (("value", "active", "drifting"), 1),
    ]
