"""The morning digest, reminders, and what managers hear of; the first Monday is 2026-11-23."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from bot.digest_settings import DigestSettings
from bot.letters import Origin
from sop.effects import FollowUp
from storage import people
from tests.house import FIRST, SECOND, House, at, content, library_of, opened

PLAN = {
    "plan": "days",
    "title": "每天",
    "applies_to": {"labels": ["all"]},
    "week": {"tuesday": [content("brief", "09:30"), content("late", "20:00", title="晚间一句")]},
}


async def give(house: House, number: int, staff: str = "li", **more: Any) -> None:
    """A follow-up about the member of that number."""
    now = house.clock.now()
    values = {
        "community": FIRST,
        "member": f"wm{number}",
        "staff": staff,
        "reason": f"原因 {number}",
        "due_at": at("11-24 18:00"),
        "key": f"k{number}",
    } | more
    task = FollowUp(**values)
    origin = Origin(f"test/{number}", now)
    await house.database.write(lambda tx: house.due.runtime.apply(tx, [task], origin))


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Monday noon; digests at 08:45, 陈明's at 10:00."""
    async with opened(sqlite_url, "11-23 12:00", library_of(PLAN)) as one:
        chosen = DigestSettings(time(8, 45), {"chen": time(10)})
        settings = replace(one.due.settings, digest=chosen)
        one.due = replace(one.due, settings=settings)
        for number, name in enumerate(("王芳", "赵敏", "钱进", "孙丽", "周杰", "吴静"), start=1):
            await one.database.write(
                lambda tx, who=f"wm{number}", called=name: people.arrive(
                    tx, FIRST, who, called, "", at("10-01 10:00")
                )
            )
        yield one


def told(letters: list[str], *whom: str) -> list[str]:
    return [one for one in letters if one.split(":")[0] in whom]


STEPS = "**今天的步骤**\n09:30 内容\n20:00 晚间一句"


async def test_digest_says_what_the_day_holds(house: House) -> None:
    await give(house, 1, due_at=at("11-23 18:00"))
    await give(house, 2, priority=1)
    await house.until("11-24 08:46")
    assert told(await house.owed(), "li", "chen", "wang") == [
        "li: ☀️ **李静，早上好**　周二 11 月 24 日\n\n"
        f"{STEPS}\n\n"
        "**要联系的客户**　2 位，逾期 1 位，今天 1 位\n"
        "1. 王芳　‼️ 逾期 1 个工作日\n　　原因 1\n"
        "2. 🔴 赵敏　今天 18:00 前\n　　原因 2\n"
        "> 看话术：跟进 1　记结果：完成 1 结果"
    ]
    await house.until("11-24 10:01")
    (chen,) = [one for one in told(await house.owed(), "chen") if "早上好" in one]
    assert chen == (
        "chen: ☀️ **陈明，早上好**　周二 11 月 24 日\n\n"
        "**今天的步骤**\n20:00 晚间一句（客户群）\n20:00 晚间一句（二群）\n\n"
        "**等您确认**\n今天 09:30 内容（客户群）：发出去后点卡片上的“已发”"
    )


async def test_five_are_named_and_the_others_counted(house: House) -> None:
    for number in range(1, 7):
        await give(house, number, due_at=at("11-25 18:00"))
    await house.until("11-25 08:46")
    (digest,) = [one for one in told(await house.owed(), "li") if "早上好" in one and "25" in one]
    assert "**要联系的客户**　6 位，今天 6 位" in digest
    assert "5. 周杰" in digest
    assert "6. 吴静" not in digest
    assert "……还有 1 位，发“跟进”看全部" in digest


async def test_nothing_to_say_is_not_said(house: House) -> None:
    await house.until("11-24 23:00")
    await house.owed()
    await house.until("11-30 23:00")
    # What waits for 陈明's word is brought to mind for a day.
    assert [one for one in await house.owed() if "早上好" in one] == [
        "chen: ☀️ **陈明，早上好**　周三 11 月 25 日\n\n"
        "**等您确认**\n昨天 20:00 晚间一句（客户群）：发出去后点卡片上的“已发”"
    ]


async def test_once_a_day_and_on_working_days_only(house: House) -> None:
    await give(house, 1, due_at=at("12-31 18:00"))
    await house.until("12-01 00:00")
    digests = [one.split("\n")[0] for one in told(await house.owed(), "li") if "早上好" in one]
    assert digests == [
        f"li: ☀️ **李静，早上好**　{day}"
        for day in ("周二 11 月 24 日", "周三 11 月 25 日", "周四 11 月 26 日", "周五 11 月 27 日")
    ] + ["li: ☀️ **李静，早上好**　周一 11 月 30 日"]


@pytest.mark.parametrize(("back", "count"), [("11-24 12:44", 1), ("11-24 12:46", 0)])
async def test_digest_that_came_late_is_sent_while_of_use(
    house: House, back: str, count: int
) -> None:
    await give(house, 1)
    await house.jump(back)
    await house.work()
    assert len([one for one in told(await house.owed(), "li") if "早上好" in one]) == count


async def test_no_digest_where_none_is_configured(house: House) -> None:
    house.due = replace(house.due, settings=replace(house.due.settings, digest=None))
    await give(house, 1)
    await house.until("11-30 00:00")
    assert [one for one in await house.owed() if "早上好" in one or "逾期" in one] == []


async def test_overdue_goes_to_the_manager_after_two_working_days(house: House) -> None:
    await give(house, 1, due_at=at("11-26 18:00"))
    await house.join("wm2", community=SECOND)
    await give(house, 2, staff="chen", community=SECOND, due_at=at("11-27 18:00"))
    await give(house, 3, due_at=at("12-01 18:00"))
    await house.until("11-28 00:00")
    assert told(await house.owed(), "wang") == []
    await house.until("11-30 09:00")
    assert told(await house.owed(), "wang") == [
        "wang: 📞 **跟进逾期**　1 位超过 2 个工作日没有跟进\n"
        "李静：1 位，最久的逾期 2 个工作日\n"
        "> 看一位同事的：跟进 同事名字　换人：转交 编号 同事"
    ]
    assert await house.rows("SELECT key FROM follow_up WHERE escalated_at IS NOT NULL") == [("k1",)]
    await house.until("12-01 09:00")
    assert told(await house.owed(), "wang") == [
        "wang: 📞 **跟进逾期**　2 位超过 2 个工作日没有跟进\n"
        "李静：1 位，最久的逾期 3 个工作日\n"
        "陈明：1 位，最久的逾期 2 个工作日\n"
        "> 看一位同事的：跟进 同事名字　换人：转交 编号 同事"
    ]


async def test_put_off_is_brought_to_mind_once(house: House) -> None:
    await give(house, 1, script="您好，王女士。")
    await house.say("li", "推迟 跟进1 2h", None)
    await house.owed()
    await house.until("11-23 13:59")
    assert await house.owed() == []
    await house.until("11-23 16:00")
    first, script, card = await house.owed()
    assert first == (
        "li: ⏰ 到时间联系了\n**1 号跟进　王芳**　一群\n为什么：原因 1\n"
        "来由：计划里的步骤，今天 12:00\n期限：明天 18:00 前"
    )
    assert script == "li: 您好，王女士。"
    assert "完成" in card
    assert await house.rows("SELECT remind_at FROM follow_up") == [(None,)]


async def test_button_completes_and_can_be_undone(house: House) -> None:
    await give(house, 1)
    assert await house.press("li", "follow|done|1") == [
        "卡片: 已完成",
        "li: ✅ 1 号跟进完成了。补一句结果：完成 1 结果",
    ]
    assert await house.rows("SELECT status, done_by FROM follow_up") == [("done", "li")]
    assert await house.press("li", "follow|done|1") == ["卡片: 已经结束了"]
    await house.say("li", "撤销", None)
    assert await house.rows("SELECT status, done_by FROM follow_up") == [("open", None)]


async def test_button_puts_off_to_the_next_working_day(house: House) -> None:
    await give(house, 1)
    await house.jump("11-27 17:00")
    await house.owed()
    assert await house.press("li", "follow|later|1") == ["卡片: 11 月 30 日 09:00 提醒您"]
    assert await house.rows("SELECT due_at, remind_at FROM follow_up") == [
        ("2026-11-30 10:00:00.000000+00:00", "2026-11-30 01:00:00.000000+00:00")
    ]


@pytest.mark.parametrize(
    ("who", "key", "told"),
    [
        ("chen", "follow|done|1", "卡片: 不归您跟进了"),
        ("wm2", "follow|done|1", "卡片: 不归您跟进了"),
        ("li", "follow|done|9", "卡片: 不归您跟进了"),
        ("li", "follow|done|", "卡片: 不归您跟进了"),
        ("li", "follow|done|１x", "卡片: 不归您跟进了"),
        ("li", "follow|burn|1", "卡片: 按钮已失效"),
    ],
)
async def test_button_of_nobodys_business(house: House, who: str, key: str, told: str) -> None:
    await give(house, 1)
    assert await house.press(who, key) == [told]
    assert await house.rows("SELECT status FROM follow_up") == [("open",)]


async def test_paused_community_has_no_steps_today(house: House) -> None:
    await house.say("li", "暂停", FIRST)
    await give(house, 1, due_at=at("11-30 18:00"))
    await house.owed()
    await house.until("11-24 09:00")
    (digest,) = [one for one in told(await house.owed(), "li") if "早上好" in one]
    assert "今天的步骤" not in digest
