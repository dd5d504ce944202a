"""What happens to a follow-up from its making to its end, over both databases."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from storage import follow_ups
from storage.database import Database

At = Callable[[int], datetime]


@pytest.fixture
async def four(database: Database, at: At) -> Database:
    """Two of 林 about wm1 and wm2 by a rule, two of 王 about wm3 by hand and wm4 by a step."""

    def add(tx: Connection) -> None:
        for number, (key, staff, priority, due) in enumerate(
            [
                ("rule/quiet/c1/wm1/1", "lin", 2, 30),
                ("rule/quiet/c1/wm2/1", "lin", 1, 60),
                ("command/wang/wm3", "wang", 2, 20),
                ("p/s/1/c1/wm4", "wang", 3, 10),
            ],
            start=1,
        ):
            follow_ups.add(
                tx,
                key=key,
                community="c1" if staff == "lin" else "c2",
                member=f"wm{number}",
                staff=staff,
                reason="",
                due_at=at(due),
                now=at(0),
                priority=priority,
            )

    await database.write(add)
    return database


async def ids(database: Database, query: Any, *given: Any) -> list[int]:
    return [row.id for row in await database.read(lambda tx: query(tx, *given))]


async def test_lists_are_in_the_order_in_which_they_are_worked(four: Database) -> None:
    assert await ids(four, follow_ups.open_for, "lin") == [2, 1]
    assert await ids(four, follow_ups.open_for, "wang") == [3, 4]
    assert await ids(four, follow_ups.open_in, "c2") == [3, 4]
    assert await ids(four, follow_ups.every_open) == [1, 2, 4, 3]
    assert await four.read(follow_ups.holders) == {"lin", "wang"}


async def test_ended_is_ended_once_and_may_be_reopened(four: Database, at: At) -> None:
    key = "p/s/1/c1/wm4"

    async def end(status: str, result: str, minute: int) -> bool:
        return await four.write(
            lambda tx: follow_ups.end(tx, key, status, "wang", result, at(minute))
        )

    tries = [("done", "", 1), ("done", "约好了", 2), ("dropped", "", 3)]
    assert [await end(*each) for each in tries] == [True, False, False]
    row = await four.read(lambda tx: follow_ups.by_key(tx, key))
    assert row is not None
    assert (row.status, row.result, row.done_at, row.done_by) == ("done", "约好了", at(1), "wang")
    await four.write(lambda tx: follow_ups.reopen(tx, key))
    row = await four.read(lambda tx: follow_ups.get(tx, 4))
    assert row is not None
    assert (row.status, row.result, row.done_at, row.done_by) == ("open", "", None, None)


async def test_put_off_keeps_what_was_planned(four: Database, at: At) -> None:
    await four.write(lambda tx: follow_ups.put_off(tx, "command/wang/wm3", at(90), at(80)))
    row = await four.read(lambda tx: follow_ups.get(tx, 3))
    assert row is not None
    assert (row.due_at, row.remind_at, row.planned_for) == (at(90), at(80), at(20))
    assert await four.read(follow_ups.next_reminder) == at(80)
    assert await four.read(lambda tx: follow_ups.to_remind(tx, at(79), 9)) == []
    assert await four.read(lambda tx: follow_ups.to_remind(tx, at(80), 9)) == ["command/wang/wm3"]
    await four.write(lambda tx: follow_ups.end(tx, "command/wang/wm3", "done", "wang", "", at(81)))
    assert await four.read(follow_ups.next_reminder) is None


async def test_handed_on_is_anothers(four: Database) -> None:
    await four.write(lambda tx: follow_ups.hand(tx, "command/wang/wm3", "lin", "wang"))
    assert await ids(four, follow_ups.open_for, "lin") == [2, 3, 1]
    row = await four.read(lambda tx: follow_ups.get(tx, 3))
    assert row is not None
    assert (row.staff, row.handed_from) == ("lin", "wang")


async def test_end_of_a_stay_ends_what_is_open_there(four: Database, at: At) -> None:
    def leave(tx: Connection) -> list[int]:
        stays = [("c1", "wm1"), ("c2", "wm1"), ("c2", "wm4"), ("c2", "wm4")]
        return [follow_ups.end_of_stay(tx, place, who, at(5)) for place, who in stays]

    assert await four.write(leave) == [1, 0, 1, 0]
    assert await ids(four, follow_ups.every_open) == [2, 3]
    row = await four.read(lambda tx: follow_ups.get(tx, 1))
    assert row is not None
    assert (row.status, row.done_by, row.result) == ("dropped", "system", "已退群")


async def test_lately_is_any_open_one_and_the_rules_own_ended_ones(four: Database, at: At) -> None:
    def end(tx: Connection) -> None:
        for key in ("rule/quiet/c1/wm1/1", "command/wang/wm3"):
            follow_ups.end(tx, key, "done", "lin", "", at(50))

    await four.write(end)
    found = [
        await four.read(lambda tx, m=minute: follow_ups.lately(tx, "rule/quiet/", at(m)))
        for minute in (50, 51)
    ]
    assert found == [{"wm1", "wm2", "wm4"}, {"wm2", "wm4"}]


async def test_escalated_for_the_first_time_counts(four: Database, at: At) -> None:
    keys = ("rule/quiet/c1/wm1/1", "p/s/1/c1/wm4")
    await four.write(lambda tx: follow_ups.escalated(tx, keys[:1], at(40)))
    await four.write(lambda tx: follow_ups.escalated(tx, keys, at(41)))
    rows = await four.read(follow_ups.every_open)
    assert [row.escalated_at for row in rows] == [at(40), None, at(41), None]


async def test_of_a_member_the_open_ones_come_first(four: Database, at: At) -> None:
    def more(tx: Connection) -> None:
        for key in ("a", "b"):
            follow_ups.add(
                tx,
                key=key,
                community="c1",
                member="wm1",
                staff="lin",
                reason="",
                due_at=at(9),
                now=at(1),
            )
        follow_ups.end(tx, "b", "done", "lin", "", at(2))

    await four.write(more)
    assert await ids(four, follow_ups.of_member, "wm1", ["c1"]) == [5, 1, 6]
    assert await ids(four, follow_ups.of_member, "wm1", ["c2"]) == []


@pytest.mark.parametrize(
    "values", ["priority = 0", "status = 'late'", "status = 'done'", "done_at = due_at"]
)
async def test_what_cannot_be_is_refused(four: Database, values: str) -> None:
    with pytest.raises(IntegrityError):
        await four.write(lambda tx: tx.execute(text(f"UPDATE follow_up SET {values}")))
