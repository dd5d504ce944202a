"""Gatherings and replies, over both databases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import activity, gatherings, people
from storage.activity import Action
from storage.database import Database
from storage.gatherings import AlreadyOpened, Conflict, GatheringRow, ReplyRow

At = Callable[[float], datetime]


def opened(
    tx: Connection,
    now: datetime,
    occurrence: str = "p/vote/2026-11-23/c1",
    community: str = "c1",
    minutes: float = 10,
) -> int:
    return gatherings.open_(
        tx,
        community=community,
        kind="vote",
        occurrence=occurrence,
        options={"subject": "听什么"},
        phase="open",
        seed="00ff",
        quiet_hours="21:30-08:30",
        next_at=now + timedelta(minutes=minutes),
        closes_at=now + timedelta(minutes=60),
        now=now,
    )


async def test_opened_gathering_is_as_it_was_opened(database: Database, at: At) -> None:
    one = await database.write(lambda tx: opened(tx, at(0)))
    row = GatheringRow(
        id=one,
        community="c1",
        kind="vote",
        occurrence="p/vote/2026-11-23/c1",
        options={"subject": "听什么"},
        phase="open",
        seed="00ff",
        quiet_hours="21:30-08:30",
        opened_at=at(0),
        next_at=at(10),
        closes_at=at(60),
        closed_at=None,
        reason="",
        result={},
    )
    assert await database.read(lambda tx: gatherings.recent(tx, "c1", at(0))) == [row]
    assert await database.write(lambda tx: gatherings.lock(tx, one)) == row
    assert await database.read(lambda tx: gatherings.recent(tx, "c2", at(0))) == []


async def test_occurrence_opens_one_gathering_for_ever(database: Database, at: At) -> None:
    one = await database.write(lambda tx: opened(tx, at(0)))
    await database.write(lambda tx: gatherings.close(tx, one, "时间到", {}, at(1)))
    with pytest.raises(AlreadyOpened, match=r"^p/vote/2026-11-23/c1$"):
        await database.write(lambda tx: opened(tx, at(2)))


async def test_recent_are_open_or_closed_lately_newest_first(database: Database, at: At) -> None:
    ids = [
        await database.write(lambda tx, n=n: opened(tx, at(0), f"p/s{n}/2026-11-23/c1"))
        for n in range(4)
    ]
    await database.write(lambda tx: gatherings.close(tx, ids[0], "", {}, at(4)))
    await database.write(lambda tx: gatherings.close(tx, ids[2], "", {}, at(5)))
    recent = await database.read(lambda tx: gatherings.recent(tx, "c1", at(5)))
    assert [one.id for one in recent] == [ids[3], ids[2], ids[1]]


async def test_turned_gathering_wants_to_be_woken_later(database: Database, at: At) -> None:
    one = await database.write(lambda tx: opened(tx, at(0)))
    await database.write(lambda tx: gatherings.turn(tx, one, "vote", at(70), at(90)))
    row = await database.write(lambda tx: gatherings.lock(tx, one))
    assert row is not None
    assert (row.phase, row.next_at, row.closes_at) == ("vote", at(70), at(90))


async def test_closed_gathering_stays_closed(database: Database, at: At) -> None:
    one = await database.write(lambda tx: opened(tx, at(0)))
    await database.write(lambda tx: gatherings.close(tx, one, "时间到", {"voters": 3}, at(60)))
    with pytest.raises(Conflict):
        await database.write(lambda tx: gatherings.close(tx, one, "又到", {}, at(61)))
    with pytest.raises(Conflict):
        await database.write(lambda tx: gatherings.turn(tx, one, "vote", at(70), at(90)))
    assert await database.write(lambda tx: gatherings.lock(tx, one)) is None
    (row,) = await database.read(lambda tx: gatherings.recent(tx, "c1", at(60)))
    assert (row.next_at, row.closed_at, row.reason, row.result) == (
        None,
        at(60),
        "时间到",
        {"voters": 3},
    )


async def test_due_are_open_and_awake_longest_waiting_first(database: Database, at: At) -> None:
    plan = [("c1", 10), ("c2", 5), ("c1", 30), ("c3", 1)]
    ids = [
        await database.write(
            lambda tx, n=n, c=community, m=minutes: opened(tx, at(0), f"p/{n}/d/{c}", c, m)
        )
        for n, (community, minutes) in enumerate(plan)
    ]
    row = people.CommunityRow("c3", "三群", "wr3", "li", "robot", [], "Asia/Shanghai")
    await database.write(lambda tx: people.sync_communities(tx, [row], at(0)))
    await database.write(lambda tx: people.pause(tx, "c3"))
    assert await database.read(lambda tx: gatherings.due(tx, at(10))) == [ids[1], ids[0]]
    assert await database.read(gatherings.next_due) == at(5)
    await database.write(lambda tx: people.resume(tx, "c3"))
    assert await database.read(lambda tx: gatherings.due(tx, at(10))) == [ids[3], ids[1], ids[0]]
    assert await database.read(gatherings.next_due) == at(1)


async def test_later_reply_takes_the_place_of_the_earlier(database: Database, at: At) -> None:
    one = await database.write(lambda tx: opened(tx, at(0)))

    def reply(tx: Connection, member: str, value: dict[str, Any], minute: float) -> None:
        people.arrive(tx, "c1", member, f"名{member}", "", at(0))
        gatherings.keep_reply(tx, one, member, value, at(minute))

    await database.write(lambda tx: reply(tx, "wm1", {"options": [0]}, 1))
    await database.write(lambda tx: reply(tx, "wm2", {"options": [1]}, 2))
    await database.write(lambda tx: reply(tx, "wm1", {"options": [2]}, 3))
    assert await database.read(lambda tx: gatherings.replies(tx, one)) == [
        ReplyRow("wm1", "名wm1", {"options": [2]}, at(1)),
        ReplyRow("wm2", "名wm2", {"options": [1]}, at(2)),
    ]
    assert await database.read(lambda tx: gatherings.reply(tx, one, "wm1")) == {"options": [2]}
    assert await database.read(lambda tx: gatherings.reply(tx, one, "wm3")) is None


async def test_reply_of_who_left_counts_no_more(database: Database, at: At) -> None:
    one = await database.write(lambda tx: opened(tx, at(0)))
    for member in ("wm1", "wm2"):
        await database.write(lambda tx, m=member: people.arrive(tx, "c1", m, m, "", at(0)))
        await database.write(lambda tx, m=member: gatherings.keep_reply(tx, one, m, {}, at(1)))
    await database.write(lambda tx: people.arrive(tx, "c2", "wm1", "wm1", "", at(0)))
    await database.write(lambda tx: people.depart(tx, "c1", "wm1", at(2)))
    assert await database.read(lambda tx: gatherings.replies(tx, one)) == [
        ReplyRow("wm2", "wm2", {}, at(1))
    ]
    assert await database.read(lambda tx: gatherings.reply_count(tx, one)) == 2
    await database.write(lambda tx: people.arrive(tx, "c1", "wm1", "wm1", "", at(3)))
    found = await database.read(lambda tx: gatherings.replies(tx, one))
    assert [row.member for row in found] == ["wm1", "wm2"]


async def test_replies_are_erased_a_while_after_closing(database: Database, at: At) -> None:
    ids = [
        await database.write(lambda tx, n=n: opened(tx, at(0), f"p/{n}/2026-11-23/c1"))
        for n in range(3)
    ]
    await database.write(lambda tx: people.arrive(tx, "c1", "wm1", "甲", "", at(0)))
    for one in ids:
        await database.write(lambda tx, g=one: gatherings.keep_reply(tx, g, "wm1", {}, at(1)))
    await database.write(lambda tx: gatherings.close(tx, ids[0], "", {"n": 1}, at(10)))
    await database.write(lambda tx: gatherings.close(tx, ids[1], "", {"n": 1}, at(20)))
    assert await database.write(lambda tx: gatherings.purge(tx, at(20))) == 1
    counts = [await database.read(lambda tx, g=g: gatherings.reply_count(tx, g)) for g in ids]
    assert counts == [0, 1, 1]


async def test_check_ins_of_a_day_name_who_is_still_there(database: Database, at: At) -> None:
    today = at(0).date()

    def prepare(tx: Connection) -> None:
        for member, name in (("wm1", "甲"), ("wm2", "乙"), ("wm3", "丙"), ("wm4", "丁")):
            people.arrive(tx, "c1", member, name, "", at(0))
        activity.count(
            tx,
            [
                Action("c1", "wm2", "checkin", at(1), today),
                Action("c1", "wm1", "checkin", at(2), today),
                Action("c1", "wm3", "message", at(2), today),
                Action("c1", "wm4", "checkin", at(3), today),
                Action("c1", "wm3", "checkin", at(3), today - timedelta(days=1)),
                Action("c2", "wm3", "checkin", at(3), today),
            ],
        )
        people.depart(tx, "c1", "wm4", at(4))

    await database.write(prepare)
    assert await database.read(lambda tx: activity.check_ins(tx, "c1", today)) == [
        ("wm2", "乙"),
        ("wm1", "甲"),
    ]
