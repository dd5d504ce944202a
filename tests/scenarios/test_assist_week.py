"""A week in customer groups with three RMs: one confirms on time, one late, one never; in a fourth
group WeCom takes no tasks, and its RM reports by a card.

Monday 09:30, Wednesday 12:00, Friday 20:00; each is on time for 30 minutes and withdrawn after two
hours. The expected numbers are counted by hand from what the RMs do below.
"""

from collections.abc import AsyncIterator

import pytest

from storage import assist_tasks
from storage.assist_tasks import Tally
from tests.assist_house import Town, at, opened, step, week

LATE = {"window": "30m", "catch_up": {"within": "2h", "then": "run"}}
WEEK = week(
    monday=[step("早报", "09:30", **LATE)],
    wednesday=[step("课堂", "12:00", **LATE)],
    friday=[step("周末", "20:00", **LATE)],
)


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    async with opened(database_url, WEEK, "11-23 09:00", inside=True) as town:
        yield town


async def lived(town: Town) -> None:
    """What the RMs do. 李静 has the first group and the internal one."""
    for day, hour, minute in (("11-23", 9, 30), ("11-25", 12, 0), ("11-27", 20, 0)):
        start = hour * 60 + minute
        await town.until(f"{day} {_clock(start + 10)}")
        await town.confirm("li")
        if day == "11-23":
            await town.press("li", "已发")
        await town.until(f"{day} {_clock(start + 50)}")
        await town.confirm("chen")
        if day == "11-25":
            await town.press("li", "已发")
    await town.until("11-29 23:00")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


async def numbers(town: Town, *communities: str) -> Tally:
    span = (at("11-23 00:00"), at("11-30 00:00"))
    return await town.app.database.read(lambda tx: assist_tasks.tally(tx, communities, *span))


async def test_numbers_of_the_week(town: Town) -> None:
    await lived(town)
    on_time = Tally(3, 3, 3, 3, 3, 0, 0, 0, 0, 0)
    late = Tally(3, 3, 3, 3, 0, 3, 0, 0, 0, 3)
    never = Tally(3, 3, 0, 0, 0, 0, 0, 0, 3, 3)
    by_card = Tally(3, 3, 2, 2, 1, 1, 0, 0, 1, 2)
    assert await numbers(town, "one") == on_time
    assert await numbers(town, "two") == late
    assert await numbers(town, "three") == never
    assert await numbers(town, "inside") == by_card
    assert await numbers(town, "one", "two", "three", "inside") == Tally(
        due=12,
        reminded=12,
        confirmed=8,
        sent=8,
        on_time=4,
        late=4,
        capped=0,
        skipped=0,
        expired=4,
        escalated=8,
    )


async def test_what_everybody_saw(town: Town) -> None:
    await lived(town)
    texts = ["今天的早报", "今天的课堂", "今天的周末"]
    assert town.read("one") == [f"李静：{one}" for one in texts]
    assert town.read("two") == [f"陈明：{one}" for one in texts]
    assert town.read("three") == []
    assert town.tasks("chen") == [(one, "已发") for one in texts]
    assert town.tasks("zhou") == [(one, "撤销") for one in texts]
    reminders = [one["reminders"] for one in town.sandbox.mass_sends.describe()]
    assert sorted(reminders) == [0, 0, 0, 3, 3, 3, 3, 3, 3]
    assert town.told("wang") == [
        "⚠️ **有 2 条到时间还没有确认发送**\n"
        "陈明　二群　09:30“内容早报”（应在 10:00 前确认）\n"
        "周文　三群　09:30“内容早报”（应在 10:00 前确认）",
        "⚠️ **有 3 条到时间还没有确认发送**\n"
        "陈明　二群　12:00“内容课堂”（应在 12:30 前确认）\n"
        "李静　内部群　12:00“内容课堂”（应在 12:30 前确认）\n"
        "周文　三群　12:00“内容课堂”（应在 12:30 前确认）",
        "⚠️ **有 3 条到时间还没有确认发送**\n"
        "陈明　二群　20:00“内容周末”（应在 20:30 前确认）\n"
        "李静　内部群　20:00“内容周末”（应在 20:30 前确认）\n"
        "周文　三群　20:00“内容周末”（应在 20:30 前确认）",
    ]
    assert town.told("zhou")[:2] == [
        "“三群”09:30 的“内容早报”已放进企业微信的“客户联系 → 群发助手”，请在 10:00 前打开它，"
        "点“确认发送”。",
        "⌛ “三群”09:30 的“内容早报”到 11:30 没有确认，群发任务已撤回。\n> 仍要发送：发送 早报",
    ]


async def test_states_of_the_week_as_the_manager_reads_them(town: Town) -> None:
    await lived(town)
    shown = (await town.ask("wang", "本周")).split("\n")
    assert [line for line in shown if line[:2] in ("1.", "3.")] == [
        "1. 周一 09:30 内容早报（早报）✅ 已发 09:40",
        "3. 周五 20:00 内容周末（周末）✅ 已发 20:10",
        "1. 周一 09:30 内容早报（早报）🕒 迟发 10:20，已告知主管",
        "3. 周五 20:00 内容周末（周末）🕒 迟发 20:50，已告知主管",
        "1. 周一 09:30 内容早报（早报）⌛ 到时间没有确认，已告知主管",
        "3. 周五 20:00 内容周末（周末）⌛ 到时间没有确认，已告知主管",
        "1. 周一 09:30 内容早报（早报）✅ 已发 09:40",
        "3. 周五 20:00 内容周末（周末）⌛ 到时间没有确认，已告知主管",
    ]
