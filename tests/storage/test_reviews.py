"""Stamps of reviewers, over both databases."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from storage import reviews
from storage.database import Database
from storage.reviews import StampRow

At = Callable[[float], datetime]


async def stamp(
    database: Database, at: datetime, hash: str, step: str = "mon", note: str = ""
) -> bool:
    def work(tx: Connection) -> bool:
        return reviews.stamp(
            tx,
            plan="week",
            step=step,
            hash=hash,
            sheet=f"{step} as {hash}",
            by="shen",
            note=note,
            now=at,
        )

    return await database.write(work)


async def revoke(database: Database, at: datetime, step: str = "mon") -> int:
    return await database.write(
        lambda tx: reviews.revoke(tx, plan="week", step=step, by="lin", reason="旧数据", now=at)
    )


async def stamped(database: Database, hash: str, step: str = "mon") -> bool:
    return await database.read(lambda tx: reviews.is_stamped(tx, "week", step, hash))


def row(id: int, hash: str, at: datetime, step: str = "mon", note: str = "") -> StampRow:
    return StampRow(id, "week", step, hash, f"{step} as {hash}", "shen", at, note, None, None, "")


async def test_stamp_is_bound_to_its_content(database: Database, at: At) -> None:
    assert await stamp(database, at(0), "a1") is True
    known = [
        await stamped(database, "a1"),
        await stamped(database, "a2"),
        await stamped(database, "a1", "tue"),
    ]
    assert known == [True, False, False]


async def test_second_stamp_of_the_same_content_changes_nothing(database: Database, at: At) -> None:
    assert await stamp(database, at(0), "a1", note="好") is True
    assert await stamp(database, at(1), "a1", note="更好") is False
    history = await database.read(lambda tx: reviews.history(tx, "week", "mon"))
    assert history == [row(1, "a1", at(0), note="好")]


async def test_stamp_of_older_content_counts_again_when_the_edit_is_taken_back(
    database: Database, at: At
) -> None:
    await stamp(database, at(0), "a1")
    await stamp(database, at(1), "a2")
    await stamp(database, at(2), "b1", "tue")
    assert await stamped(database, "a1") is True
    assert await database.read(reviews.active) == {
        ("week", "mon"): {"a1": row(1, "a1", at(0)), "a2": row(2, "a2", at(1))},
        ("week", "tue"): {"b1": row(3, "b1", at(2), "tue")},
    }


async def test_revoking_ends_every_stamp_of_the_step_and_keeps_the_rows(
    database: Database, at: At
) -> None:
    await stamp(database, at(0), "a1")
    await stamp(database, at(1), "a2")
    await stamp(database, at(2), "b1", "tue")
    assert [await revoke(database, at(5)), await revoke(database, at(6))] == [2, 0]
    assert [await stamped(database, one) for one in ("a1", "a2")] == [False, False]
    assert list(await database.read(reviews.active)) == [("week", "tue")]
    history = await database.read(lambda tx: reviews.history(tx, "week", "mon"))
    assert [(one.hash, one.revoked_by, one.revoked_at, one.reason) for one in history] == [
        ("a2", "lin", at(5), "旧数据"),
        ("a1", "lin", at(5), "旧数据"),
    ]


async def test_revoked_content_can_be_stamped_again(database: Database, at: At) -> None:
    await stamp(database, at(0), "a1")
    await revoke(database, at(1))
    assert await stamp(database, at(2), "a1") is True
    assert await stamped(database, "a1") is True


async def test_earlier_content_keeps_its_stamp_until_somebody_takes_it_back(
    database: Database, at: At
) -> None:
    def there(tx: Connection) -> bool:
        return reviews.has_stamp(tx, "week", "mon")

    assert await database.read(there) is False
    await stamp(database, at(0), "a1")
    assert await database.read(there) is True
    await revoke(database, at(1))
    assert await database.read(there) is False
