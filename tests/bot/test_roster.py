"""Who is in each group, read over real HTTP: joins, leaves, names, lost callbacks, refusals."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest

from bot.roster import LAG, RETRY, Roster
from tests.house import CHATS, House, opened


def roster_of(house: House) -> Roster:
    return Roster(house.database, house.api, house.settings, house.clock)


async def members(house: House) -> list[tuple[Any, ...]]:
    return await house.rows(
        "SELECT s.community, s.member, m.name FROM membership s JOIN member m ON m.id = s.member "
        "WHERE s.left_at IS NULL ORDER BY 1, 2"
    )


ALL = [
    ("first", "wm1", "甲"),
    ("first", "wm2", "乙"),
    ("guided", "wm2", "乙"),
    ("second", "wm3", "丙"),
]


async def test_every_group_is_read_at_start_without_staff(bureau: Any) -> None:
    roster = roster_of(bureau.house)
    assert await roster.step() == 3
    assert await members(bureau.house) == ALL
    assert roster.next_due() is None
    assert await roster.step() == 0


async def test_joined_at_is_what_wecom_says(bureau: Any) -> None:
    """Its own instant counts, not ours: a first reading makes nobody a newcomer."""
    house = bureau.house
    joined = house.clock.now()
    await house.clock.advance(timedelta(days=3))
    await roster_of(house).step()
    rows = await house.rows("SELECT DISTINCT joined_at, via FROM membership")
    assert [(str(at)[:16], via) for at, via in rows] == [(f"{joined:%Y-%m-%d %H:%M}", "roster")]
    assert await house.rows("SELECT count(*) FROM activity") == [(0,)]


async def test_changed_group_is_read_three_seconds_later(bureau: Any) -> None:
    house, roster = bureau.house, roster_of(bureau.house)
    await roster.step()
    bureau.sandbox.actions.join(CHATS["first"], member="wm4")
    roster.stale(CHATS["first"])
    roster.stale("wrUnknown")
    assert roster.next_due() == house.clock.now() + LAG
    assert await roster.step() == 0
    await house.clock.advance(LAG)
    assert await roster.step() == 1
    assert [one for one in await members(house) if one not in ALL] == [("first", "wm4", "丁")]


async def test_reading_too_early_would_see_the_past(bureau: Any) -> None:
    """Why we wait: WeCom shows changes two seconds late."""
    house, roster = bureau.house, roster_of(bureau.house)
    await roster.step()
    bureau.sandbox.faults.set("stale_group_reads", True)
    bureau.sandbox.actions.leave(CHATS["first"], "wm1")
    roster.stale(CHATS["first"])
    await house.clock.advance(LAG)
    await roster.step()
    assert ("first", "wm1", "甲") not in await members(house)


async def test_lost_join_and_leave_are_repaired(bureau: Any) -> None:
    house = bureau.house
    await roster_of(house).step()
    await house.join("wm9", community="second")
    bureau.sandbox.actions.leave(CHATS["first"], "wm1")
    bureau.sandbox.actions.join(CHATS["first"], member="wm4")
    await house.clock.advance(timedelta(minutes=1))
    await roster_of(house).step()
    assert await members(house) == [
        ("first", "wm2", "乙"),
        ("first", "wm4", "丁"),
        ("guided", "wm2", "乙"),
        ("second", "wm3", "丙"),
    ]


async def test_new_name_is_taken_over(bureau: Any) -> None:
    house = bureau.house
    await house.join("wm1")
    assert await members(house) == [("first", "wm1", "")]
    await roster_of(house).step()
    assert ("first", "wm1", "甲") in await members(house)
    await house.write("UPDATE member SET name = '旧名字'")
    await roster_of(house).step()
    assert await members(house) == ALL


@pytest.mark.parametrize(
    "answer",
    [
        (403, {"error": "forbidden"}),
        (200, {"errcode": 48002, "errmsg": "api forbidden"}),
        (200, {"errcode": 60020, "errmsg": "not allow to access from your ip"}),
        (503, {}),
        # Regressions: an empty answer sent everybody away, an odd one ended the bot.
        (200, {"errcode": 0, "errmsg": "ok"}),
        (200, {"errcode": 0, "group_chat": {"member_list": []}}),
        (200, {"errcode": 0, "group_chat": {"member_list": ["wm1"]}}),
        (
            200,
            {
                "errcode": 0,
                "group_chat": {"member_list": [{"userid": "wm1", "type": 2, "join_time": 10**30}]},
            },
        ),
    ],
)
async def test_group_that_cannot_be_read_keeps_its_members_and_is_read_again(
    sqlite_url: str, canned: Any, answer: tuple[int, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        await house.join("wm1")
        roster = roster_of(house)
        canned.answers = [answer]
        assert await roster.step() == 0
        assert await members(house) == [("first", "wm1", "")]
        assert roster.next_due() == house.clock.now() + RETRY
        assert {one.levelno for one in caplog.records} <= {logging.WARNING, logging.ERROR}
        people = [
            {"userid": "li", "type": 1},
            {"userid": "wm1", "type": 2, "name": "甲", "group_nickname": "小甲"},
            {"userid": "wang", "type": 2, "name": "同事"},
            {"userid": "", "type": 2},
        ]
        canned.answers = [(200, {"errcode": 0, "group_chat": {"member_list": people}})]
        assert await roster.step() == 0
        await house.clock.advance(RETRY)
        assert await roster.step() == 3
        # Regression: the nickname in one group became the name in all of them, until the next
        # group was read.
        assert ("first", "wm1", "甲") in await members(house)
        assert {member for _, member, _ in await members(house)} == {"wm1"}


async def test_reading_goes_on_by_itself_after_a_failure(sqlite_url: str, canned: Any) -> None:
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        canned.answers = [(200, {"errcode": 0, "group_chat": "?"})]
        roster = roster_of(house)
        running = asyncio.create_task(roster.run())
        await asyncio.sleep(0)
        assert await roster.step() == 0  # waits until the loop has had its turn
        assert roster.next_due() == house.clock.now() + RETRY
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_colleague_who_invited_a_member_is_kept(bureau: Any) -> None:
    """WeCom names who invited, if that is a colleague (the sandbox: the group's owner)."""
    house, roster = bureau.house, roster_of(bureau.house)
    await roster.step()
    bureau.sandbox.actions.join(CHATS["first"], member="wm4")
    roster.stale(CHATS["first"])
    await house.clock.advance(LAG)
    await roster.step()
    rows = await house.rows("SELECT community, member, invitor FROM membership ORDER BY 1, 2")
    assert rows == [
        ("first", "wm1", "li"),
        ("first", "wm2", "li"),
        ("first", "wm4", ""),
        ("guided", "wm2", "chen"),
        ("second", "wm3", "chen"),
    ]
