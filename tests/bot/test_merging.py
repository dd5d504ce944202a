"""One person, two ids: the terminal's act, and what comes in under the old id afterwards."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.desk import Refused
from bot.merging import MergeMembers, under_one_id
from bot.roster import Roster
from sop.events import (
    ArchiveAgreed,
    ContactAdded,
    ContactRemoved,
    Event,
    Joined,
    Left,
    Pressed,
    ReplyTo,
    Said,
    TagsEdited,
    TransferFailed,
)

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
REPLY = ReplyTo("none")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Said(AT, "old", "wr1", "早", REPLY), Said(AT, "new", "wr1", "早", REPLY)),
        (Joined(AT, "wr1", ("old", "new", "wm3")), Joined(AT, "wr1", ("new", "wm3"))),
        (Left(AT, "wr1", ("old",), True), Left(AT, "wr1", ("new",), True)),
        (ContactAdded(AT, "li", "old", "", "w"), ContactAdded(AT, "li", "new", "", "w")),
        (ContactRemoved(AT, "li", "old", True), ContactRemoved(AT, "li", "new", True)),
        (TagsEdited(AT, "li", "old"), TagsEdited(AT, "li", "new")),
        (TransferFailed(AT, "li", "old", "x"), TransferFailed(AT, "li", "new", "x")),
        (ArchiveAgreed(AT, "li", "old"), ArchiveAgreed(AT, "li", "new")),
        (Pressed(AT, "old", "t", "k", REPLY), Pressed(AT, "old", "t", "k", REPLY)),
    ],
)
def test_event_counts_for_the_id_that_counts(event: Event, expected: Event) -> None:
    assert under_one_id(event, {"old": "new"}) == expected
    assert under_one_id(event, {}) is event


async def test_merged_member_is_one_person_in_chat_and_in_readings(bureau: Any) -> None:
    """Both accounts are still in the group: wm1 was merged into wm2."""
    house = bureau.house
    roster = Roster(house.database, house.api, house.settings, house.clock)
    await roster.step()
    act = MergeMembers(by="wang", old="wm1", member="wm2", reason="换了微信号")
    done = await house.database.write(lambda tx: act.do(tx, house.clock.now()))
    assert done == "wm1 合并到 wm2：没有要搬的资料。"
    audit = await house.rows("SELECT actor, action, subject, detail FROM audit")
    assert audit == [("wang", "合并成员", "wm2", "旧编号 wm1：换了微信号")]
    await house.say("wm1", "你好")
    await Roster(house.database, house.api, house.settings, house.clock).step()
    present = await house.rows(
        "SELECT community, member FROM membership WHERE left_at IS NULL ORDER BY 1, 2"
    )
    assert present == [("first", "wm2"), ("guided", "wm2"), ("second", "wm3")]
    said = await house.rows("SELECT member FROM activity WHERE kind = 'message'")
    assert said == [("wm2",)]
    with pytest.raises(Refused) as raised:
        await house.database.write(lambda tx: act.do(tx, house.clock.now()))
    assert str(raised.value) == "wm1 已经合并到 wm2 了。"


async def test_what_moved_is_told_by_its_title(bureau: Any) -> None:
    house = bureau.house
    await house.say("wm4", "你好", "second")
    await house.say("wm1", "签到")
    act = MergeMembers(by="wang", old="wm1", member="wm4", reason="x")
    done = await house.database.write(lambda tx: act.do(tx, house.clock.now()))
    assert done == "wm1 合并到 wm4：活跃记录 3 条、每天的活跃次数 3 条、入群和离群 1 条。"
