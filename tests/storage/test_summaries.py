"""Final weeks on both databases: kept once, never changed, corrected by further rows."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from storage import summaries
from storage.database import Database
from storage.summaries import Damaged, Told

WEEK = date(2026, 11, 16)
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


async def test_week_becomes_final_once(database: Database) -> None:
    first = await database.write(lambda tx: summaries.keep(tx, WEEK, "all", {"周活": 35}, AT))
    later = AT + timedelta(hours=1)
    again = await database.write(lambda tx: summaries.keep(tx, WEEK, "all", {"周活": 36}, later))
    kept = await database.read(lambda tx: summaries.get(tx, WEEK, "all"))
    assert (first, again) == (True, False)
    assert kept is not None
    assert (kept.revision, kept.at, kept.json) == (0, AT, {"周活": 35})
    assert kept.sha256 == summaries.hash_of({"周活": 35})


async def test_correction_is_a_row_of_its_own(database: Database) -> None:
    await database.write(lambda tx: summaries.keep(tx, WEEK, "all", {"n": 35}, AT))
    await database.write(lambda tx: summaries.keep(tx, WEEK, "all", {"n": 36}, AT, 1))
    await database.write(lambda tx: summaries.keep(tx, WEEK, "rm:li", {"n": 1}, AT))
    rows = await database.read(lambda tx: summaries.history(tx, WEEK, "all"))
    assert [(row.revision, row.json) for row in rows] == [(0, {"n": 35}), (1, {"n": 36})]
    newest = await database.read(lambda tx: summaries.get(tx, WEEK, "all"))
    assert newest == rows[1]
    assert await database.read(lambda tx: summaries.final_scopes(tx, WEEK)) == {"all", "rm:li"}


async def test_week_that_is_not_final(database: Database) -> None:
    assert await database.read(lambda tx: summaries.get(tx, WEEK, "all")) is None
    assert await database.read(lambda tx: summaries.final_scopes(tx, WEEK)) == set()


async def test_weeks_of_a_scope_newest_first(database: Database) -> None:
    for back in range(3):
        week = WEEK - timedelta(days=7 * back)
        await database.write(lambda tx, week=week: summaries.keep(tx, week, "all", {}, AT))
    found = await database.read(lambda tx: summaries.weeks(tx, "all", 2))
    assert list(found) == [date(2026, 11, 16), date(2026, 11, 9)]


async def test_snapshot_that_somebody_edited_is_refused(database: Database) -> None:
    await database.write(lambda tx: summaries.keep(tx, WEEK, "all", {"n": 35}, AT))
    await database.write(
        lambda tx: tx.execute(text("UPDATE summary SET sha256 = 'other'")) and None
    )
    kept = await database.read(lambda tx: summaries.get(tx, WEEK, "all"))
    assert kept is not None
    with pytest.raises(Damaged):
        kept.json  # noqa: B018 - reading is what fails


async def test_who_was_told_up_to_which_revision(database: Database) -> None:
    for revision in (0, 2):
        row = Told(WEEK, "wang", "all", revision, AT)
        await database.write(lambda tx, row=row: summaries.tell(tx, row))
    assert await database.read(lambda tx: summaries.told(tx, WEEK)) == {
        "wang": Told(WEEK, "wang", "all", 2, AT)
    }


async def test_wish_is_kept_once_and_answered_once(database: Database) -> None:
    for _ in range(2):
        await database.write(
            lambda tx: summaries.ask(tx, "wang", WEEK, "all", "xlsx", "event/1", AT)
        )
    (wish,) = await database.read(lambda tx: summaries.asked(tx, 10))
    assert (wish.staff, wish.week, wish.scope, wish.form, wish.origin) == (
        "wang",
        WEEK,
        "all",
        "xlsx",
        "event/1",
    )
    assert await database.write(lambda tx: summaries.answered(tx, wish.id)) is True
    assert await database.write(lambda tx: summaries.answered(tx, wish.id)) is False
    assert await database.read(lambda tx: summaries.asked(tx, 10)) == []
