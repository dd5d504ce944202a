"""Column types, over both databases."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from storage import audit, occurrences
from storage.database import Database
from storage.tables.work import Watermark
from storage.types import table


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 20, 30, tzinfo=timezone(timedelta(hours=-5))),
    ],
    ids=["shanghai", "utc", "offset"],
)
async def test_instant_comes_back_in_utc(database: Database, instant: datetime) -> None:
    await database.write(lambda tx: occurrences.set_watermark(tx, "x", instant))
    found = await database.read(lambda tx: occurrences.watermark(tx, "x"))
    assert found == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert found is not None
    assert found.tzinfo is UTC


async def test_instants_are_ordered_to_the_microsecond(database: Database) -> None:
    base = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    instants = [base, base + timedelta(microseconds=1), base + timedelta(seconds=1)]
    for n, instant in enumerate(reversed(instants)):
        await database.write(lambda tx, n=n, at=instant: occurrences.set_watermark(tx, f"{n}", at))
    at = table(Watermark).c.at
    in_order = select(at).where(at > base).order_by(at)
    assert list(await database.read(lambda tx: tx.execute(in_order).all())) == [
        (instants[1],),
        (instants[2],),
    ]


async def test_naive_instant_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001
    with pytest.raises((StatementError, ValueError), match="instants are aware UTC"):
        await database.write(lambda tx: occurrences.set_watermark(tx, "x", naive))


async def test_json_keeps_chinese_and_the_order_of_keys(database: Database) -> None:
    undo = [{"乙": "“引号”，全角", "甲": [1, None, True, 0.5], "a": {}}]
    now = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    await database.write(
        lambda tx: audit.append(
            tx, actor="lin", action="a", subject="s", detail="d", undo=undo, now=now
        )
    )
    (row,) = await database.read(audit.listing)
    assert row.undo == undo
    assert list(row.undo[0]) == ["乙", "甲", "a"]
