"""Group commit: many events to a commit, none acknowledged before it, none lost by a failure."""

import asyncio

import pytest
from sqlalchemy import select

from bot.clock import MovableClock
from bot.inbox import MOST_WAITING, Inbox
from bot.wecom.parse import Received
from storage import inbox as rows
from storage.database import Database, T, Work
from storage.tables.work import Inbox as Row
from storage.types import table
from tests.house import at


class Counted:
    """A database that counts the works it is given."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.writes = 0

    async def write(self, work: Work[T]) -> T:
        self.writes += 1
        return await self._database.write(work)

    async def read(self, work: Work[T]) -> T:
        return await self._database.read(work)

    async def close(self) -> None:
        await self._database.close()


def event(number: int, key: str = "") -> Received:
    return Received(key or f"key/{number}", f"chat/{number % 7}", "Said", {"number": number})


@pytest.fixture
def counted(database: Database) -> Counted:
    return Counted(database)


@pytest.fixture
def inbox(counted: Counted) -> Inbox:
    return Inbox(counted, MovableClock(at("11-23 09:00")))


async def stored(database: Database) -> list[tuple[str, int]]:
    kept = table(Row)
    query = select(kept.c.dedup_key, kept.c.event).order_by(kept.c.id)
    return await database.read(lambda tx: [(key, one["number"]) for key, one in tx.execute(query)])


async def test_events_at_once_share_few_commits(counted: Counted, inbox: Inbox) -> None:
    await asyncio.gather(*(inbox(event(number)) for number in range(200)))
    assert await stored(counted) == [(f"key/{number}", number) for number in range(200)]
    assert counted.writes <= 2
    assert inbox.arrived.is_set()


async def test_events_that_come_during_a_commit_share_the_next_one(
    counted: Counted, inbox: Inbox
) -> None:
    async def trickle(number: int) -> None:
        for _ in range(number % 5):
            await asyncio.sleep(0)
        await inbox(event(number))

    await asyncio.gather(*(trickle(number) for number in range(200)))
    assert len(await stored(counted)) == 200
    assert counted.writes <= 6


async def test_event_is_stored_when_the_call_returns(counted: Counted, inbox: Inbox) -> None:
    for number in range(3):
        await inbox(event(number))
        assert len(await stored(counted)) == number + 1


async def test_repeated_delivery_is_one_row(counted: Counted, inbox: Inbox) -> None:
    await asyncio.gather(*(inbox(event(number, "same")) for number in range(5)))
    await inbox(event(9, "same"))
    assert await stored(counted) == [("same", 0)]


async def test_failed_commit_is_raised_to_every_waiter_and_the_next_one_works(
    counted: Counted, inbox: Inbox
) -> None:
    broken = Received("broken", "chat", "Said", {"number": object()})
    calls = (inbox(event(1)), inbox(broken), inbox(event(2)))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert len({id(one) for one in results}) == 1
    assert isinstance(results[0], Exception)
    await inbox(event(3))
    assert await stored(counted) == [("key/3", 3)]


async def test_chat_with_too_much_waiting_is_not_listened_to_but_its_joins_are(
    database: Database,
) -> None:
    """A bounded inbox for each chat; another chat's is another."""
    inbox = Inbox(database, MovableClock(at("11-23 09:00")))

    async def hear(*events: Received) -> None:
        await asyncio.gather(*(inbox(one) for one in events))

    def say(start: int, count: int, chat: str = "wrFlood") -> list[Received]:
        numbers = range(start, start + count)
        return [Received(f"{chat}/{n}", chat, "Said", {"number": n}) for n in numbers]

    await hear(*say(0, MOST_WAITING))
    await hear(*say(MOST_WAITING, 10), *say(0, 2, "wrCalm"))
    await hear(Received("join", "wrFlood", "Joined", {"number": -1}))
    kept = [*range(MOST_WAITING), 0, 1, -1]
    assert [number for _, number in await stored(database)] == kept
    await database.write(lambda tx: rows.finish(tx, range(1, 101), at("11-23 09:00")))
    await hear(*say(MOST_WAITING, 10))
    assert [number for _, number in await stored(database)] == [*kept, *range(5000, 5010)]


async def test_caller_that_gives_up_does_not_lose_the_event(counted: Counted, inbox: Inbox) -> None:
    call = asyncio.ensure_future(inbox(event(1)))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await inbox(event(2))
    assert await stored(counted) == [("key/1", 1), ("key/2", 2)]
