"""The inbox, over both databases."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from storage import inbox
from storage.database import Database, open_database
from storage.inbox import InboxRow, NewEvent

At = Callable[[float], datetime]
SAID = {"type": "said", "text": "抽奖"}


def event(key: str, order_key: str, received_at: datetime) -> NewEvent:
    return NewEvent(key, order_key, "said", SAID, received_at)


def keys(rows: list[InboxRow]) -> list[str]:
    return [row.dedup_key for row in rows]


async def test_event_is_taken_as_it_came_in(database: Database, at: At) -> None:
    await database.write(lambda tx: inbox.add(tx, [event("k1", "chat1", at(0))]))
    assert await database.write(lambda tx: inbox.take(tx, 10)) == [
        InboxRow(1, "k1", "chat1", "said", SAID, 0, at(0))
    ]


async def test_repeated_delivery_is_one_row(database: Database, at: At) -> None:
    both = [event("k1", "c", at(0)), event("k2", "c", at(0))]
    assert await database.write(lambda tx: inbox.add(tx, both[:1])) == 1
    assert await database.write(lambda tx: inbox.add(tx, both)) == 1
    assert await database.write(lambda tx: inbox.add(tx, both)) == 0
    assert await database.write(lambda tx: inbox.add(tx, [])) == 0
    assert keys(await database.write(lambda tx: inbox.take(tx, 10))) == ["k1", "k2"]


async def test_repeat_of_a_handled_event_has_no_second_effect(database: Database, at: At) -> None:
    await database.write(lambda tx: inbox.add(tx, [event("k1", "c", at(0))]))
    await database.write(lambda tx: inbox.finish(tx, [1], at(1)))
    assert await database.write(lambda tx: inbox.add(tx, [event("k1", "c", at(2))])) == 0
    assert await database.write(lambda tx: inbox.take(tx, 10)) == []


async def test_failing_event_is_dead_after_five_attempts(database: Database, at: At) -> None:
    await database.write(
        lambda tx: inbox.add(tx, [event("poison", "c", at(0)), event("next", "c", at(0))])
    )
    attempts = []
    for n in range(5):
        (first, *_) = await database.write(lambda tx: inbox.take(tx, 10))
        attempts.append((first.dedup_key, first.attempts))
        await database.write(lambda tx, id=first.id, n=n: inbox.fail(tx, id, "坏了", at(n)))
    assert attempts == [("poison", n) for n in range(5)]
    assert keys(await database.write(lambda tx: inbox.take(tx, 10))) == ["next"]


async def test_chat_with_a_row_in_other_hands_is_passed_over(postgres_url: str, at: At) -> None:
    events = [event("a1", "a", at(0)), event("b1", "b", at(0)), event("a2", "a", at(0))]
    here = await open_database(postgres_url)
    there = await open_database(postgres_url)

    taken: list[list[str]] = []

    async def take_beside(tx: Connection) -> None:
        taken.append(keys(await there.write(lambda tx: inbox.take(tx, 10))))

    try:
        await here.write(lambda tx: inbox.add(tx, events))
        async with here._writer.begin() as connection:  # type: ignore[attr-defined]
            taken.append(keys(await connection.run_sync(lambda tx: inbox.take(tx, 1))))
            await take_beside(connection)
    finally:
        await here.close()
        await there.close()
    assert taken == [["a1"], ["b1"]]


async def test_backlog_counts_what_waits(database: Database, at: At) -> None:
    assert await database.read(inbox.backlog) == (0, None)
    events = [event(f"k{n}", "c", at(n)) for n in range(3)]
    await database.write(lambda tx: inbox.add(tx, events))
    await database.write(lambda tx: inbox.finish(tx, [1], at(5)))
    assert await database.read(inbox.backlog) == (2, at(1))


async def test_purge_forgets_old_handled_events_only(database: Database, at: At) -> None:
    events = [event(f"k{n}", "c", at(n)) for n in range(4)]
    await database.write(lambda tx: inbox.add(tx, events))
    await database.write(lambda tx: inbox.finish(tx, [1, 4], at(5)))
    assert await database.write(lambda tx: inbox.purge(tx, at(3))) == 1
    assert await database.write(lambda tx: inbox.add(tx, events)) == 1
