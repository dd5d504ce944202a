"""What only one process may do."""

import asyncio

from storage.database import Database, open_database


async def test_role_passes_on_when_its_process_is_done(postgres_url: str) -> None:
    first, second = await open_database(postgres_url), await open_database(postgres_url)
    order: list[str] = []
    holds = asyncio.Event()
    release = asyncio.Event()

    async def take(name: str, database: Database) -> None:
        async with database.alone("outward"):
            order.append(f"{name} begins")
            holds.set()
            await release.wait()
            order.append(f"{name} ends")

    try:
        one = asyncio.create_task(take("first", first))
        await asyncio.wait_for(holds.wait(), 10)
        two = asyncio.create_task(take("second", second))
        async with second.alone("another role"):  # roles do not hinder each other
            assert order == ["first begins"]
        release.set()
        await asyncio.wait_for(asyncio.gather(one, two), 10)
        assert order == ["first begins", "first ends", "second begins", "second ends"]
    finally:
        await first.close()
        await second.close()


async def test_role_is_free_after_a_process_died(postgres_url: str) -> None:
    first, second = await open_database(postgres_url), await open_database(postgres_url)
    holds = asyncio.Event()

    async def hold_for_ever() -> None:
        async with first.alone("outward"):
            holds.set()
            await asyncio.Event().wait()

    try:
        holder = asyncio.create_task(hold_for_ever())
        await asyncio.wait_for(holds.wait(), 10)
        holder.cancel()
        await asyncio.gather(holder, return_exceptions=True)
        async with asyncio.timeout(10), second.alone("outward"):
            assert holder.cancelled()
    finally:
        await first.close()
        await second.close()


async def test_role_on_sqlite_needs_no_lock(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    try:
        async with database.alone("outward"):
            assert await database.read(lambda tx: tx.exec_driver_sql("SELECT 1").scalar()) == 1
    finally:
        await database.close()
