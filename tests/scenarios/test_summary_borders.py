"""Weeks at the border of what a week can be, from events to the document that people read: right,
or marked as having no data; never a crash, never a division shown as 0 %."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.forms import all_forms
from bot.report import measured
from sop.community import Community
from sop.events import Joined, Left, RosterChanged
from sop.summary.summary import Summary
from tests.house import CHATS, FIRST, GUIDED, SECOND, ZONE, House, library_of, opened

MONDAY = date(2026, 11, 23)
NEW_YORK = ZoneInfo("America/New_York")
Story = Callable[[House], Awaitable[None]]
NO_DATA = "无数据"


async def told(
    url: str, story: Story, since: str = "11-16 08:00", *, monday: date = MONDAY,
    zone: ZoneInfo = ZONE, places: Iterable[str] = (FIRST, SECOND, GUIDED),
) -> dict[str, str]:  # fmt: skip
    """The week's numbers as the document has them, by name, after all of it has happened. Every
    other form is made as well."""
    async with opened(url, since, library_of()) as house:
        await story(house)
        await house.work()
        chosen: list[Community] = [
            replace(one, heard_as="群运") for one in house.settings.communities if one.id in places
        ]
        summary = await house.database.read(
            lambda tx: measured(
                tx, house.library, house.settings.staff, chosen, monday, zone, "全部社群"
            )
        )
    return numbers(summary)


def numbers(summary: Summary) -> dict[str, str]:
    forms = {name: form.render(summary) for name, form in all_forms().items()}
    assert all(forms.values())
    document = forms["md"].decode()
    found = re.findall(r"^\| ([^|]+) \| ([^|]*?) \| ([^|]*?) \|", document, re.MULTILINE)
    names = {one.name for one in summary.metrics}
    return {name: f"{value} {of}".strip() for name, value, of in found if name in names}


def some(found: dict[str, str], *names: str) -> list[str]:
    return [found[name] for name in names]


async def nothing(_: House) -> None:
    """Nobody ever joined."""


async def test_week_of_nobody_has_no_ratio(sqlite_url: str) -> None:
    found = await told(sqlite_url, nothing)
    by_value: dict[str, list[str]] = {}
    for name, value in found.items():
        by_value.setdefault(value, []).append(name)
    assert by_value == {
        "0": [
            *("成员数", "新增", "流失", "净增", "入群人次", "退群人次", "周活跃成员"),
            *("发言人数", "沉默成员", "回流", "漏斗·入群"),
        ],
        "0.00 0/7": ["日均活跃成员"],
        "无数据 0/0": [
            *("活跃率", "黏性", "人均消息", "游戏参与率"),
            *("漏斗·玩过游戏", "漏斗·抽过奖", "漏斗·已到账"),
            *("SOP 完成率", "SOP 准时率", "RM 确认率", "跟进完成率"),
        ],
        "无数据 ¥0.00/¥0.00": ["预算执行率·已发出", "预算执行率·已领取"],
        "无数据 ¥0.00/0": ["单客成本（每名新增）", "单客成本（每名活跃）"],
    }


async def test_one_member_is_everybody(sqlite_url: str) -> None:
    async def story(house: House) -> None:
        await house.join("wm1")
        await house.until("11-24 10:00")
        await house.say("wm1", "你好")

    assert some(
        await told(sqlite_url, story),
        "成员数",
        "新增",
        "周活跃成员",
        "活跃率",
        "黏性",
        "游戏参与率",
    ) == ["1", "0", "1", "100.0% 1/1", "14.3% 0.14/1", "0.0% 0/1"]


@pytest.mark.parametrize(
    ("at", "joins"),
    [
        ("2026-10-26T03:59:59Z", "0"),  # Sunday, a second before Monday in New York
        ("2026-10-26T04:00:00Z", "1"),
        ("2026-11-02T04:59:59Z", "1"),  # the clock was put back on Sunday: an hour more
        ("2026-11-02T05:00:00Z", "0"),
    ],
)
async def test_week_that_a_zone_makes_longer_has_its_own_borders(
    sqlite_url: str, at: str, joins: str
) -> None:
    async def story(house: House) -> None:
        await house.hear(Joined(datetime.fromisoformat(at), CHATS[FIRST], ("wm1",)))

    monday = date(2026, 10, 26)
    found = await told(sqlite_url, story, "11-05 08:00", monday=monday, zone=NEW_YORK)
    assert some(found, "入群人次", "新增") == [joins, joins]


async def test_groups_merged_in_mid_week_lose_and_win_nobody(sqlite_url: str) -> None:
    async def story(house: House) -> None:
        await house.join("wm1", "wm2")
        await house.join("wm3", community=SECOND)
        await house.until("11-25 10:00")
        await house.hear(
            Joined(house.clock.now(), CHATS[SECOND], ("wm1", "wm2")),
            Left(house.clock.now(), CHATS[FIRST], ("wm1", "wm2")),
        )

    found = await told(sqlite_url, story)
    names = ("成员数", "新增", "流失", "净增", "入群人次", "退群人次", "周活跃成员")
    assert some(found, *names) == ["3", "0", "0", "0", "2", "2", "2"]


async def test_group_dissolved_in_mid_week_has_no_members_and_nobody_left_it(
    sqlite_url: str,
) -> None:
    async def story(house: House) -> None:
        await house.join("wm1", "wm2", "wm3")
        await house.join("wm3", community=SECOND)
        await house.until("11-25 10:00")
        await house.say("wm1", "再见")
        await house.hear(RosterChanged(house.clock.now(), CHATS[FIRST], "dismiss"))

    found = await told(sqlite_url, story)
    names = ("成员数", "流失", "退群人次", "周活跃成员", "沉默成员", "活跃率")
    assert some(found, *names) == ["1", "0", "0", "1", "0", "63.6% 1/1.57"]


async def test_group_dissolved_before_the_week_is_empty_and_no_division(sqlite_url: str) -> None:
    async def story(house: House) -> None:
        await house.join("wm1")
        await house.until("11-20 10:00")
        await house.hear(RosterChanged(house.clock.now(), CHATS[FIRST], "dismiss"))

    found = await told(sqlite_url, story, places=[FIRST])
    names = ("成员数", "周活跃成员", "活跃率", "游戏参与率", "人均消息")
    no_members = [f"{NO_DATA} 0/0"] * 3
    assert some(found, *names) == ["0", "0", *no_members]


async def test_clock_of_wecom_that_jumped_ahead_makes_no_member_yet(sqlite_url: str) -> None:
    async def story(house: House) -> None:
        await house.until("11-24 10:00")
        await house.join("wm1")
        await house.hear(Joined(datetime(2036, 1, 1, tzinfo=UTC), CHATS[FIRST], ("wm2",)))

    found = await told(sqlite_url, story)
    assert some(found, "成员数", "新增", "入群人次", "周活跃成员") == ["1", "1", "1", "1"]


async def test_our_clock_that_stood_still_for_weeks_counts_each_on_its_day(sqlite_url: str) -> None:
    """The machine slept from the week before into the next: what WeCom kept is told at once."""

    async def story(house: House) -> None:
        await house.jump("12-09 08:00")
        for day, member in ((22, "wm1"), (23, "wm2"), (29, "wm3"), (30, "wm4")):
            at = datetime(2026, 11, day, 4, tzinfo=UTC)
            await house.hear(Joined(at, CHATS[FIRST], (member,)))

    found = await told(sqlite_url, story)
    assert some(found, "成员数", "新增", "日均活跃成员") == ["3", "2", "0.29 2/7"]


async def test_member_of_every_group_is_one_person(sqlite_url: str) -> None:
    async def story(house: House) -> None:
        for community in (FIRST, SECOND, GUIDED):
            await house.until("11-24 10:00")
            await house.join("wm1", community=community)
            await house.say("wm1", "你好", community)

    found = await told(sqlite_url, story)
    names = ("成员数", "新增", "入群人次", "周活跃成员", "发言人数", "人均消息")
    assert some(found, *names) == ["1", "1", "3", "1", "1", "3.00 3/1"]
