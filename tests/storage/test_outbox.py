"""The outbox, over both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event

from storage import outbox
from storage.database import Database, open_database
from storage.outbox import NewLetter, OutboxRow

At = Callable[[float], datetime]


def letter(key: str, order_key: str, not_before: datetime) -> NewLetter:
    return NewLetter(
        key,
        "group_robot",
        {"community": "c1"},
        {"markdown": "早"},
        order_key,
        not_before,
        not_before,
    )


async def owe(database: Database, *letters: NewLetter) -> None:
    await database.write(lambda tx: outbox.add(tx, letters))


async def claim(database: Database, now: datetime, limit: int = 10) -> list[str]:
    rows = await database.write(lambda tx: outbox.claim(tx, now, now, limit))
    return [row.dedup_key for row in rows]


async def test_claimed_letter_is_whole(database: Database, at: At) -> None:
    new = NewLetter(
        dedup_key="k1",
        channel="app_message",
        target={"user": "lin"},
        body={"card": {"title": "提醒", "buttons": [{"text": "已发", "key": "x"}]}},
        order_key="app:lin",
        not_before=at(0),
        created_at=at(-1),
        expires_at=at(60),
        quiet_hours="21:30-08:30",
        zone="Asia/Shanghai",
        occurrence="wealth-weekly/mon-brief/2026-11-23/c1",
    )
    await owe(database, new)
    (row,) = await database.write(lambda tx: outbox.claim(tx, at(0), at(1), 10))
    assert row == OutboxRow(
        id=1,
        dedup_key="k1",
        channel="app_message",
        target={"user": "lin"},
        body={"card": {"title": "提醒", "buttons": [{"text": "已发", "key": "x"}]}},
        order_key="app:lin",
        status="sending",
        not_before=at(0),
        expires_at=at(60),
        quiet_hours="21:30-08:30",
        zone="Asia/Shanghai",
        occurrence="wealth-weekly/mon-brief/2026-11-23/c1",
        attempts=1,
        lease_until=at(1),
        reason="",
        receipt="",
        created_at=at(-1),
        finished_at=None,
    )


async def test_same_letter_is_owed_once(database: Database, at: At) -> None:
    new = letter("k1", "a", at(0))
    assert await database.write(lambda tx: outbox.add(tx, [new, replace(new, dedup_key="k2")])) == 2
    assert await database.write(lambda tx: outbox.add(tx, [new])) == 0
    assert await database.read(outbox.counts) == {"pending": 2}


async def test_claim_takes_due_heads_of_conversations(database: Database, at: At) -> None:
    await owe(
        database,
        letter("a1", "a", at(0)),
        letter("a2", "a", at(0)),
        letter("b1", "b", at(5)),
        letter("b2", "b", at(0)),
        letter("c1", "c", at(0)),
    )
    assert await claim(database, at(0)) == ["a1", "c1"]
    assert await claim(database, at(0)) == []
    await database.write(lambda tx: outbox.sent(tx, 1, "msg1", at(1)))
    assert await claim(database, at(1)) == ["a2"]
    assert await claim(database, at(5)) == ["b1"]


async def test_claim_keeps_its_limit(database: Database, at: At) -> None:
    await owe(database, *(letter(f"k{n}", f"o{n}", at(0)) for n in range(3)))
    assert await claim(database, at(0), limit=2) == ["k0", "k1"]
    assert await claim(database, at(0), limit=2) == ["k2"]


@pytest.mark.parametrize("outcome", ["dead", "hold", "expire"])
async def test_settled_head_lets_the_next_letter_go(
    database: Database, at: At, outcome: str
) -> None:
    await owe(database, letter("a1", "a", at(0)), letter("a2", "a", at(0)))
    await claim(database, at(0))
    await database.write(lambda tx: getattr(outbox, outcome)(tx, 1, "原因", at(1)))
    assert await claim(database, at(1)) == ["a2"]
    status = {"dead": "dead", "hold": "unknown", "expire": "expired"}[outcome]
    (row,) = await database.read(lambda tx: outbox.listing(tx, status))
    assert (row.dedup_key, row.reason, row.finished_at) == ("a1", "原因", at(1))


@pytest.mark.parametrize(("count_attempt", "attempts"), [(True, 2), (False, 1)])
async def test_deferred_letter_holds_its_conversation_until_its_time(
    database: Database, at: At, count_attempt: bool, attempts: int
) -> None:
    await owe(database, letter("a1", "a", at(0)), letter("a2", "a", at(0)))
    await claim(database, at(0))
    await database.write(lambda tx: outbox.defer(tx, 1, at(3), "忙", count_attempt=count_attempt))
    assert await database.read(outbox.next_due) == at(3)
    assert await claim(database, at(2)) == []
    (row,) = await database.write(lambda tx: outbox.claim(tx, at(3), at(4), 10))
    assert (row.dedup_key, row.attempts, row.reason) == ("a1", attempts, "忙")


async def test_reap_finds_letters_whose_sender_is_gone(database: Database, at: At) -> None:
    await owe(database, letter("a1", "a", at(0)), letter("b1", "b", at(0)))
    await database.write(lambda tx: outbox.claim(tx, at(0), at(1), 1))
    await database.write(lambda tx: outbox.claim(tx, at(0), at(9), 1))
    lost = await database.write(lambda tx: outbox.reap(tx, at(1)))
    assert [row.dedup_key for row in lost] == ["a1"]
    await database.write(lambda tx: outbox.defer(tx, 1, at(1), "进程中断"))
    assert await claim(database, at(1)) == ["a1"]


async def test_answer_after_a_restart_does_not_undo_a_settled_letter(
    database: Database, at: At
) -> None:
    await owe(database, letter("a1", "a", at(0)))
    await claim(database, at(0))
    await database.write(lambda tx: outbox.sent(tx, 1, "msg1", at(1)))
    await database.write(lambda tx: outbox.dead(tx, 1, "晚到的答复", at(2)))
    await database.write(lambda tx: outbox.defer(tx, 1, at(2), "晚到的答复"))
    (row,) = await database.read(outbox.listing)
    assert (row.status, row.receipt, row.reason, row.finished_at) == ("sent", "msg1", "", at(1))


async def test_next_due_is_of_heads_only(database: Database, at: At) -> None:
    assert await database.read(outbox.next_due) is None
    await owe(
        database,
        letter("a1", "a", at(7)),
        letter("a2", "a", at(0)),
        letter("b1", "b", at(5)),
    )
    assert await database.read(outbox.next_due) == at(5)


async def test_person_retries_and_drops(database: Database, at: At) -> None:
    await owe(database, letter("a1", "a", at(0)), letter("b1", "b", at(0)))
    await claim(database, at(0))
    await database.write(lambda tx: outbox.hold(tx, 1, "不明", at(1)))
    assert await database.write(lambda tx: outbox.retry(tx, 1, at(2))) is True
    assert await database.write(lambda tx: outbox.drop(tx, 2, "不发了", at(2))) is False
    (row,) = await database.write(lambda tx: outbox.claim(tx, at(2), at(3), 10))
    assert (row.dedup_key, row.attempts, row.finished_at) == ("a1", 1, None)
    await database.write(lambda tx: outbox.dead(tx, 1, "拒绝", at(3)))
    assert await database.write(lambda tx: outbox.drop(tx, 1, "不发了", at(4))) is True
    assert await database.write(lambda tx: outbox.retry(tx, 1, at(5))) is False
    assert await database.read(outbox.counts) == {"dropped": 1, "sending": 1}


async def test_listing_is_newest_first(database: Database, at: At) -> None:
    await owe(database, *(letter(f"k{n}", f"o{n}", at(0)) for n in range(3)))
    rows = await database.read(lambda tx: outbox.listing(tx, "pending", 2))
    assert [row.dedup_key for row in rows] == ["k2", "k1"]


async def test_rate_log_survives_and_forgets(database: Database, at: At) -> None:
    for minute in range(3):
        await database.write(
            lambda tx, minute=minute: outbox.log_sending(tx, ["robot/1", "corp"], at(minute))
        )
    await database.write(lambda tx: outbox.log_sending(tx, [], at(9)))
    assert await database.read(lambda tx: outbox.sendings(tx, "robot/1", at(0))) == [at(1), at(2)]
    assert await database.write(lambda tx: outbox.purge_sendings(tx, at(2))) == 4
    assert await database.read(lambda tx: outbox.sendings(tx, "corp", at(-9))) == [at(2)]


async def test_claim_of_a_long_backlog_uses_the_index_of_heads(sqlite_url: str, at: At) -> None:
    # Without it each message searches all those before it: a minute for a backlog of 50,000.
    database = await open_database(sqlite_url)
    plans: list[str] = []

    def explained(tx: Connection) -> None:
        def explain(
            _tx: Connection, _cursor: object, sql: str, values: tuple[Any, ...], *_rest: object
        ) -> None:
            if sql.startswith("SELECT"):
                driver = tx.connection.dbapi_connection
                assert driver is not None
                found = driver.execute(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[attr-defined]
                plans.extend(row[3] for row in found)

        event.listen(tx, "before_cursor_execute", explain)
        outbox.claim(tx, at(0), at(0), 10, ["welcome"])
        event.remove(tx, "before_cursor_execute", explain)

    await database.write(explained)
    await database.close()
    assert plans == [
        "SEARCH outbox USING INDEX ix_outbox_channel (channel=?)",
        "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)",
        "LIST SUBQUERY 1",
        "SCAN outbox USING INDEX ix_outbox_head",
    ]
