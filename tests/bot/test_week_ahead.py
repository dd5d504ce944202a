"""下周计划: when operators get it, and what it says; the first Monday is 2026-11-23."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.week_ahead_words import BYTES, Ahead, Coming, told
from sop.community import Role, Staff
from tests.house import FESTIVAL, FIRST, ONE_WEEK, POOL, House, content, library_of, opened

ZONE = ZoneInfo("Asia/Shanghai")
EVERYWHERE = {
    "plan": "days",
    "title": "每天",
    "applies_to": {"labels": ["all"]},
    "on_holiday": "skip",
    "week": {"tuesday": [content("brief", "09:30", title="早报")]},
    "after_join": {1: [{"id": "hello", "at": "10:00", "follow_up": {"reason": "打个招呼"}}]},
}


def operating(house: House, **changes: Any) -> None:
    """孙岩 is the operator, and reads it at 16:00."""
    operator = Staff("sun", "孙岩", frozenset({Role.OPERATOR}), frozenset())
    settings = house.due.settings
    staff = {**settings.staff, operator.id: operator}
    chosen = replace(settings, staff=staff, preview=time(16), **changes)
    house.due = replace(house.due, settings=chosen)


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Thursday noon."""
    library = library_of(ONE_WEEK, POOL, FESTIVAL, EVERYWHERE)
    async with opened(sqlite_url, "11-26 12:00", library) as one:
        operating(one)
        yield one


async def ahead(house: House, when: str) -> list[str]:
    await house.owed()
    await house.until(when)
    return [one for one in await house.owed() if "下周计划" in one]


NEXT_WEEK = (
    "sun: 📅 **下周计划**　11 月 30 日至 12 月 6 日，共 6 步\n"
    "**周一 11-30**　09:00 内容（一群）\n"
    "**周二 12-1**　09:00 内容（一群）、09:30 早报（3 个群）、19:30 掷骰子（一群）\n"
    "**周三 12-2**　09:00 内容（一群）\n"
    "**周五 12-4**　20:00 周五节（一群）\n"
    "> 看每一步的原文：qunyun preview --week 2026-W49"
)


async def test_operators_read_the_next_week_on_friday(house: House) -> None:
    assert await ahead(house, "11-27 15:59") == []
    assert await ahead(house, "11-27 16:01") == [NEXT_WEEK]
    assert await ahead(house, "12-04 15:59") == []


async def test_made_up_saturday_is_the_last_working_day(sqlite_url: str) -> None:
    """10 October 2026 makes up for the National Day holidays."""
    async with opened(sqlite_url, "10-08 12:00", library_of(EVERYWHERE)) as house:
        operating(house)
        assert await ahead(house, "10-10 15:59") == []
        (text,) = await ahead(house, "10-10 16:01")
        assert text.split("\n")[0] == "sun: 📅 **下周计划**　10 月 12 日至 10 月 18 日，共 1 步"
        assert await ahead(house, "10-11 23:00") == []


@pytest.mark.parametrize(("back", "count"), [("11-27 19:59", 1), ("11-27 20:01", 0)])
async def test_preview_that_came_late_is_sent_while_of_use(
    house: House, back: str, count: int
) -> None:
    await house.owed()
    await house.jump(back)
    assert len([one for one in await house.owed() if "下周计划" in one]) == count


async def test_nobody_is_told_where_none_is_configured(house: House) -> None:
    house.due = replace(house.due, settings=replace(house.due.settings, preview=None))
    assert await ahead(house, "11-30 00:00") == []


async def test_nobody_is_told_where_there_is_no_operator(house: House) -> None:
    staff = {key: one for key, one in house.due.settings.staff.items() if key != "sun"}
    house.due = replace(house.due, settings=replace(house.due.settings, staff=staff))
    assert await ahead(house, "11-30 00:00") == []
    assert await house.rows("SELECT count(*) FROM watermark WHERE name = 'preview'") == [(1,)]


async def test_what_will_not_be_sent_is_told(house: House) -> None:
    """One community asks for stamps, one is paused, a step is called off, money is spent."""
    places = tuple(replace(one, review=one.id == FIRST) for one in house.due.settings.communities)
    operating(house, communities=places)
    await house.say("chen", "暂停 二群", None)
    await house.jump("11-27 12:00")
    await house.write(
        "INSERT INTO occurrence (key, identity, plan, step, day, community, phase, status, reason,"
        " planned_for, due_at, window_ends_at, listed_at, changed_by) VALUES"
        " ('week/running/2026-12-02/first', 'week/running/2026-12-02/first', 'week', 'running',"
        " '2026-12-02', 'first', 'run', 'skipped', '客户会', '2026-12-02 01:00:00.000000+00:00',"
        " '2026-12-02 01:00:00.000000+00:00', '2026-12-02 02:00:00.000000+00:00',"
        " '2026-11-27 02:00:00.000000+00:00', 'li')"
    )
    await house.write(
        "INSERT INTO budget (source, budget_fen, committed_fen, settled_fen, returned_fen) VALUES"
        " ('pool/small', 2000, 1500, 0, 500), ('festival', 1264, 1200, 0, 0), ('old', 9, 0, 0, 0)"
    )
    (text,) = await ahead(house, "11-27 16:01")
    assert text == (
        "sun: 📅 **下周计划**　11 月 30 日至 12 月 6 日，共 5 步\n"
        "**周一 11-30**　09:00 ❗内容（一群）\n"
        "**周二 12-1**　09:00 ❗内容（一群）、09:30 ❗早报（2 个群）、19:30 ❗掷骰子（一群）\n"
        "**周五 12-4**　20:00 ❗周五节（一群）\n"
        "❗ 5 步还没有审核章，到点不会发送：周一“内容”、周二“内容”、周二“早报”等 5 个。"
        "config.yaml 里还没有合规审核（roles: [reviewer]），请管理员先加上。\n"
        "⏸ 暂停中，什么都不发：二群\n"
        "⏭ 已经有 1 步被同事跳过\n"
        "💰 预算还剩：周五节 ¥0.64（共 ¥12.64）、小奖池 ¥10.00（共 ¥20.00）\n"
        "> 看每一步的原文：qunyun preview --week 2026-W49"
    )


async def test_holidays_and_unknown_years_are_told(sqlite_url: str) -> None:
    library = library_of(ONE_WEEK | {"on_holiday": "skip"}, POOL, FESTIVAL)
    async with opened(sqlite_url, "12-24 12:00", library, years=(2026,)) as house:
        operating(house)
        assert await ahead(house, "12-25 16:01") == [
            "sun: 📅 **下周计划**　12 月 28 日至 1 月 3 日，共 0 步\n"
            "⚠️ 计划“一周”还没有 2027 年的工作日历：请按国务院办公厅的放假通知添加 "
            "cn-2027.yaml，格式见自带的 cn-2026.yaml。\n"
            "> 看每一步的原文：qunyun preview --week 2026-W53"
        ]


async def test_holiday_that_moves_a_step_is_told(sqlite_url: str) -> None:
    async with opened(sqlite_url, "09-30 12:00", library_of(EVERYWHERE)) as house:
        operating(house)
        assert await ahead(house, "09-30 16:01") == [
            "sun: 📅 **下周计划**　10 月 5 日至 10 月 11 日，共 0 步\n"
            "🏖 days/brief：10 月 6 日（周二）放假，跳过\n"
            "> 看每一步的原文：qunyun preview --week 2026-W41"
        ]


def test_a_full_week_is_one_message() -> None:
    monday = date(2026, 11, 30)
    steps = tuple(
        Coming(
            datetime.combine(monday + timedelta(days=day), time(8 + hour), ZONE),
            datetime.combine(monday + timedelta(days=day), time(8 + hour, 5), ZONE),
            f"一个名字很长很长的步骤第 {hour} 号",
            ("一个名字也很长的社群",),
            unstamped=True,
        )
        for day in range(7)
        for hour in range(12)
    )
    names = tuple(f"名字很长很长的社群 {number} 号" for number in range(40))
    clauses = tuple(f"计划 {number}：放假，跳过" for number in range(9))
    week = Ahead(monday, steps, "请盖章。", clauses, (), names, 3, names)
    text = told(week)
    assert len(text.encode()) <= BYTES
    lines = text.split("\n")
    assert lines[1] == (
        "**周一 11-30**　08:00–08:05 ❗一个名字很长很长的步骤第 0 号（一个名字也很长的社群）"
        "等 12 步"
    )
    assert lines[-6:] == [
        "🏖 计划 2：放假，跳过",
        "🏖 ……还有 6 处",
        "⏸ 暂停中，什么都不发：名字很长很长的社群 0 号、名字很长很长的社群 1 号、"
        "名字很长很长的社群 2 号等 40 个",
        "⏭ 已经有 3 步被同事跳过",
        "💰 预算还剩：名字很长很长的社群 0 号、名字很长很长的社群 1 号、"
        "名字很长很长的社群 2 号等 40 个",
        "> 看每一步的原文：qunyun preview --week 2026-W49",
    ]
