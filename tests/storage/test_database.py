"""The promises of `Database`, over both databases."""

from storage.database import Database


async def test_database_write_is_read_back(database: Database) -> None:
    from datetime import UTC, datetime

    from storage import occurrences

    now = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    await database.write(lambda tx: occurrences.set_watermark(tx, "x", now))
    assert await database.read(lambda tx: occurrences.watermark(tx, "x")) == now
