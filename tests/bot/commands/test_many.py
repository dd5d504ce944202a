"""A manager of many communities: what stands out among them all, read beside the writers."""

import asyncio
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import beside
from bot.due import Due, Moment
from sop.events import ReplyTo, Said
from storage import activity, people, points
from storage.activity import Action

COUNT = 12


@pytest.fixture
async def country(bank_anywhere: Any) -> Any:
    return await large(bank_anywhere)


async def large(bank: Any) -> Any:
    """Twelve groups of one to twelve members; Li has the last one. The first of each group checks
    in on as many days as the group's number says, the others are silent."""
    due: Due = bank.due
    pattern = due.settings.communities[0]
    groups = [
        replace(
            pattern,
            id=f"g{one:02}",
            labels=frozenset({"points"}),
            name=f"第 {one} 群",
            chat_id=f"wr{one}",
            owner="li",
        )
        for one in range(1, COUNT + 1)
    ]
    staff = dict(due.settings.staff)
    staff["li"] = replace(staff["li"], communities=frozenset({f"g{COUNT:02}"}))
    bank.due = replace(due, settings=replace(due.settings, communities=tuple(groups), staff=staff))
    for number, one in enumerate(groups, start=1):
        for place in range(1, number + 1):
            name = f"{'王李张陈'[place % 4]}{number}_{place}"
            await bank.arrive(one.id, f"wm{number:02}{place:02}", name, 20)
        await bank.write(activity.count, _check_ins(one.id, number, bank.clock.now()))
    return bank


def _check_ins(community: str, number: int, now: datetime) -> list[Action]:
    days = [now - timedelta(days=one) for one in range(min(number, 7))]
    return [Action(community, f"wm{number:02}01", "checkin", one, one.date()) for one in days]


async def test_active_members_of_many_communities_are_ranked_among_each_other(
    country: Any,
) -> None:
    assert (await country.reply("wang", "活跃")).split("\n") == [
        "**活跃成员　最近 7 天**",
        "",
        "12 个社群里最活跃的",
        "1. 李＊＊（第 7 群）　7 天，7 次",
        "2. 李＊＊（第 8 群）　7 天，7 次",
        "3. 李＊＊（第 9 群）　7 天，7 次",
        "4. 李＊＊（第 10 群）　7 天，7 次",
        "5. 李＊＊（第 11 群）　7 天，7 次",
        "6. 李＊＊（第 12 群）　7 天，7 次",
        "7. 李＊＊（第 6 群）　6 天，6 次",
        "8. 李＊＊（第 5 群）　5 天，5 次",
        "9. 李＊＊（第 4 群）　4 天，4 次",
        "10. 李＊＊（第 3 群）　3 天，3 次",
        "> 看一个社群请发：活跃 第 7 群",
    ]


async def test_silent_members_of_many_communities_are_counted_where_most_are(
    country: Any,
) -> None:
    assert (await country.reply("wang", "沉默")).split("\n") == [
        "**沉默成员　14 天没有任何动静**",
        "12 个社群共 66 位（共 78 人次）",
        "最多的：",
        *(f"第 {one} 群：{one - 1} 位（共 {one} 位）" for one in range(12, 2, -1)),
        "> 看名字请发：沉默 第 12 群",
    ]


async def test_nobody_silent_anywhere_is_one_line(country: Any) -> None:
    await country.write(_everybody_leaves)
    assert await country.reply("wang", "沉默") == (
        "**沉默成员　14 天没有任何动静**\n12 个社群共 0 位（共 0 人次）"
    )


def _everybody_leaves(tx: Any) -> None:
    for number in range(1, COUNT + 1):
        for row in people.present(tx, f"g{number:02}"):
            people.depart(tx, row.community, row.member, row.joined_at + timedelta(days=1))


async def test_segment_in_many_communities_is_counted_where_most_are(country: Any) -> None:
    first = "张张陈张王陈张李王陈张张李王陈张张李王陈"
    assert (await country.reply("wang", "名单 沉睡成员")).split("\n") == [
        "**沉睡成员**　66 位（12 个社群，共 78 人次）",
        *(f"第 {one} 群：{one - 1} 位" for one in range(12, 2, -1)),
        "（另外 1 个社群各不超过 2 位）",
        "",
        "、".join(f"{one}＊＊" for one in first),
        "……等 66 位",
        "> 全部名单请发：导出 沉睡成员",
    ]


async def test_export_of_many_communities_has_everybody(country: Any) -> None:
    ((_, file), (_, told)) = await country.say("wang", "导出 沉睡成员")
    assert file == "文件 沉睡成员"
    assert told.startswith("📄 “沉睡成员”66 行，")


async def test_points_of_many_communities_are_ranked_among_each_other(country: Any) -> None:
    now = country.clock.now()
    for number, earned in ((3, 30), (12, 90), (7, 30)):
        member, group = f"wm{number:02}01", f"g{number:02}"
        await country.write(_give, member, group, earned, now)
    assert (await country.reply("li", "排行 积分")).split("\n") == [
        "**排行**",
        "",
        "第 12 群　邻里积分",
        "1. 李12＿1　累计 90 分",
    ]
    assert (await country.reply("wang", "排行 积分")).split("\n") == [
        "**排行**",
        "",
        "12 个社群　邻里积分",
        "1. 李＊＊（第 12 群）　累计 90 分",
        "2. 李＊＊（第 3 群）　累计 30 分",
        "3. 李＊＊（第 7 群）　累计 30 分",
        "> 看一个社群请发：排行 积分 第 12 群",
    ]


def _give(tx: Any, member: str, group: str, earned: int, now: datetime) -> None:
    points.give(tx, member, group, earned, "checkin", "签到", f"k/{member}", now)


async def test_question_is_answered_once_and_written_down_once(country: Any) -> None:
    assert len(await country.say("wang", "活跃")) == 1
    assert [one for one in await country.audited() if one[1] == "活跃"] == [
        ("wang", "活跃", "、".join(f"g{one:02}" for one in range(1, COUNT + 1)), "")
    ]


async def test_question_does_not_wait_for_a_writer(bank: Any) -> None:
    country = await large(bank)
    go_on = threading.Event()
    writing = asyncio.create_task(country.database.write(lambda tx: go_on.wait(60)))
    try:
        event = Said(country.clock.now(), "wang", None, "活跃", ReplyTo("app_message", {}))
        assert beside.reads_much(country.due, event)
        lines = [beside.Waiting(1, event)]
        moment = Moment(country.clock.now(), bytes(32))
        found = await beside.answers(country.database, country.due, lines, moment)
        assert [type(one).__name__ for one in found[1] or ()] == ["Reply", "Record"]
    finally:
        go_on.set()
        await writing


@pytest.mark.parametrize(
    ("sender", "line", "much"),
    [
        ("wang", "活跃", True),
        ("wang", "谁最活跃", True),
        ("wang", "导出 沉睡成员", True),
        ("wang", "今日", False),
        ("wang", "活跃一下", False),
        ("wm0101", "活跃", False),
    ],
)
async def test_only_a_colleagues_question_about_many_is_read_beside(
    country: Any, sender: str, line: str, much: bool
) -> None:
    event = Said(country.clock.now(), sender, None, line, ReplyTo("app_message", {}))
    assert beside.reads_much(country.due, event) is much


async def test_a_few_communities_are_answered_at_once(bank: Any) -> None:
    event = Said(bank.clock.now(), "wang", None, "活跃", ReplyTo("app_message", {}))
    assert beside.reads_much(bank.due, event) is False
