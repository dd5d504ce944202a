"""Members and their own data in chat: opting out, looking, asking to be erased."""

from collections.abc import AsyncIterator

import pytest

from storage import privacy, tags
from tests.house import FIRST, House, opened

OUT = (
    "回答: 好的，不再统计您的活跃情况，也不再按它给您打标签、挑您发消息。"
    "签到、游戏、抽奖、积分和已经中的奖都不受影响（按活跃情况邀请的抽奖除外）。想恢复请发“恢复统计”。"
)
COUNTED = "SELECT kind, n FROM daily WHERE member = 'wm1' ORDER BY kind"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with opened(sqlite_url, "11-23 09:00") as house:
        await house.join("wm1", "wm2")
        yield house


async def test_who_opted_out_is_counted_no_more_until_they_come_back(house: House) -> None:
    await house.say("wm1", "你好")
    assert await house.say("wm1", "退出统计") == [OUT]
    await house.say("wm1", "你好")
    assert await house.rows(COUNTED) == [("join", 1), ("message", 1)]
    assert await house.say("wm1", "恢复统计") == [
        "回答: 好的，从现在起重新统计您的活跃情况。以前没有统计的不会补上。"
    ]
    await house.say("wm1", "你好")
    assert await house.rows(COUNTED) == [("join", 1), ("message", 3)]


async def test_who_opted_out_still_checks_in_once_a_day(house: House) -> None:
    await house.say("wm1", "退出统计")
    assert [await house.say("wm1", "签到"), await house.say("wm1", "签到")] == [
        ["回答: ✅ 签到成功，今天是第 1 天，明天继续。"],
        ["回答: 今天已经签到过了，连续签到 1 天，明天再来。"],
    ]


async def test_opting_out_takes_off_what_rules_put_on(house: House) -> None:
    def label(tx):
        tags.add(tx, "wm1", "常客", "rule:常客", "来得多", house.clock.now())
        tags.add(tx, "wm1", "爱喝茶", "li", "聊天时说的", house.clock.now())

    await house.database.write(label)
    await house.say("wm1", "退出统计")
    worn = await house.database.read(lambda tx: [one.tag for one in tags.of(tx, "wm1")])
    assert worn == ["爱喝茶"]


async def test_nothing_of_a_members_data_is_told_in_the_group(house: House) -> None:
    assert await house.say("wm1", "我的数据") == [
        "li: 群友（一群）想看自己的数据。请主管或管理员运行 qunyun members export wm1，"
        "再由您私下交给本人。",
        "回答: 您的数据只给您自己看，已经请客户经理私下发给您。"
        "不想被统计请发“退出统计”，想删除请发“删除我的数据”。",
    ]


async def test_who_is_not_counted_is_told_how_to_come_back(house: House) -> None:
    await house.say("wm1", "退出统计")
    told = await house.say("wm1", "我的数据")
    assert told[-1] == (
        "回答: 您的数据只给您自己看，已经请客户经理私下发给您。"
        "想恢复统计请发“恢复统计”，想删除请发“删除我的数据”。"
    )


@pytest.mark.parametrize("words", ["删除我的数据", "确认删除", "确定删除"])
async def test_erasure_is_asked_for_in_two_steps(house: House, words: str) -> None:
    first = await house.say("wm1", words)
    assert first == [
        "回答: 删除后，您的昵称、活跃记录、标签、积分和邀请都没有了，不能恢复；"
        "还没有发的奖要先领完。中奖和发奖记录依法留存，但不再和您对得上。\n"
        "确定要删除，请发“删除我的数据 确定”。"
    ]
    assert await house.database.read(privacy.requests) == []
    assert await house.say("wm1", "删除我的数据 确定") == [
        "li: 群友（一群）申请删除自己的资料。请和本人确认、发完该发的奖，"
        "再请主管或管理员在 15 天内运行 qunyun members erase wm1。",
        "wang: 一位成员（一群）申请删除自己的资料。请和本人确认、发完该发的奖，"
        "再请主管或管理员在 15 天内运行 qunyun members erase wm1。",
        "回答: 已登记，管理员会在 15 天内删除，现在起不再统计您。改主意了请发“删除我的数据 撤回”。",
    ]
    asked = await house.database.read(privacy.requests)
    assert asked == [privacy.RequestRow("wm1", FIRST, house.clock.now())]
    assert await house.database.read(lambda tx: privacy.opted_out(tx)) == {"wm1"}


async def test_a_request_is_made_once_and_can_be_taken_back(house: House) -> None:
    await house.say("wm1", "删除我的数据 确定")
    again = "回答: 已经登记了，管理员会在 15 天内删除。改主意了请发“删除我的数据 撤回”。"
    assert await house.say("wm1", "删除我的数据 确定") == [again]
    back = ["回答: 好的，不删除了。想恢复统计请发“恢复统计”。"]
    assert await house.say("wm1", "删除我的数据 撤回") == back
    assert await house.database.read(privacy.requests) == []
    assert await house.say("wm1", "删除我的数据 撤回") == ["回答: 您没有申请过删除。"]
