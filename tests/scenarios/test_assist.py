"""Group-send tasks from the step to WeCom's word about it: every way that one may end."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.assist_house import MEMBERS, Town, chat, opened, step, week
from tests.house import library_of

PLAIN = week(monday=[step("早报", "09:30", window="30m")])
LATE = week(monday=[step("早报", "09:30", window="30m", catch_up={"within": "2h", "then": "run"})])
ONE = {"one": ("一群", "li")}
ASKED = (
    "“一群”09:30 的“内容早报”已放进企业微信的“客户联系 → 群发助手”，请在 10:00 前打开它，"
    "点“确认发送”。"
)
EXPIRED = "⌛ “一群”09:30 的“内容早报”到 10:00 没有确认，群发任务已撤回。\n> 仍要发送：发送 早报"


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    """One group, one step at 09:30 with a window of half an hour."""
    async with opened(database_url, PLAIN, "11-23 09:00", places=ONE) as town:
        yield town


async def status(town: Town) -> list[tuple[Any, ...]]:
    return await town.rows("SELECT status, on_time, reminders FROM assist_task")


async def test_task_is_asked_for_at_its_time(town: Town) -> None:
    await town.until("11-23 09:30")
    assert town.tasks("li") == [("今天的早报", "待确认")]
    assert (town.told("li"), town.read("one")) == ([ASKED], [])
    today = (await town.ask("li", "今日")).split("\n")
    assert today[3:] == [
        "1. 09:30 内容早报（早报）📨 已放进群发助手 09:30，待确认",
        "> 👉 请在企业微信的“客户联系 → 群发助手”里确认发送“内容早报”",
    ]


async def test_only_what_matters_stops_the_clock(town: Town) -> None:
    await town.until("11-23 09:30")
    stops = []
    while (due := await town.next_due()) is not None and len(stops) < 3:
        stops.append(f"{due:%d %H:%M}")
        await town.clock.advance_to(due)
    assert stops == ["23 01:45", "23 01:55", "23 02:00"]


@pytest.mark.parametrize("fault", ["send_cut", "send_down", "send_garbage", "send_busy"])
async def test_lost_answer_makes_no_second_task(town: Town, fault: str) -> None:
    town.sandbox.faults.set(fault, 1)
    await town.until("11-23 09:35")
    assert town.tasks("li") == [("今天的早报", "待确认")]
    await town.confirm("li")
    await town.until("11-23 09:40")
    assert await status(town) == [("sent", True, 0)]
    assert town.read("one") == ["李静：今天的早报"]


async def test_lost_answers_of_equal_tasks_are_told_apart(database_url: str) -> None:
    places = {"one": ("一群", "li"), "four": ("四群", "li")}
    async with opened(database_url, PLAIN, "11-23 09:00", places=places) as town:
        town.sandbox.faults.set("send_cut", 2)
        await town.until("11-23 09:30")
        town.sandbox.actions.confirm("li", town.sandbox.mass_sends.describe()[0]["msgid"])
        await town.until("11-23 09:40")
        open_ones = [text for text in town.tasks("li") if text[1] == "待确认"]
        assert len(open_ones) == 1
        await town.confirm("li")
        await town.until("11-23 09:50")
        assert await status(town) == [("sent", True, 0)] * 2
        assert (town.read("one"), town.read("four")) == (
            ["李静：今天的早报"],
            ["李静：今天的早报"],
        )


async def test_task_goes_to_the_owner_that_the_group_has(database_url: str) -> None:
    async with opened(database_url, PLAIN, "11-23 09:00", places=ONE, not_hers=("one",)) as town:
        await town.until("11-23 09:30")
        assert (town.tasks("li"), town.tasks("wang")) == ([], [("今天的早报", "待确认")])
        await town.confirm("wang")
        await town.until("11-23 09:32")
        assert await status(town) == [("sent", True, 0)]


async def test_where_wecom_takes_no_task_the_script_is_handed_over(database_url: str) -> None:
    async with opened(database_url, PLAIN, "11-23 09:00", places={}, inside=True) as town:
        await town.until("11-23 09:30")
        told = town.told("li")
        await town.press("li", "已发")
        assert await status(town) == [("sent", True, 0)]
    assert told == [
        "⚠️ “内部群”09:30 的“内容早报”没有建成企业群发任务：这不是客户群：内部群请改用群机器人"
        "（mode: robot）（企业微信错误码 90501）。\n请把下面的话术转发到群里，发完点“已发”。",
        "今天的早报",
        "上面的话术请转发到群里，发完点“已发”。",
    ]


async def test_without_tasks_the_script_is_handed_over(database_url: str) -> None:
    async with opened(database_url, PLAIN, "11-23 09:00", places=ONE, group_tasks=False) as town:
        await town.until("11-23 09:30")
        assert (town.told("li"), town.tasks("li")) == (
            ["今天的早报", "上面的话术请转发到群里，发完点“已发”。"],
            [],
        )
        await town.until("11-23 09:46")
        assert town.told("li")[2:] == [
            "“一群”09:30 的“内容早报”还没有确认，话术在上面，发到群里后点“已发”。"
        ]


async def test_text_too_long_for_a_task_is_handed_over(database_url: str) -> None:
    long = week(monday=[step("长文", "09:30", content={"text": "字" * 1400})])
    async with opened(database_url, long, "11-23 09:00", places=ONE) as town:
        await town.until("11-23 09:30")
        assert (town.tasks("li"), len(town.told("li"))) == ([], 4)
        assert await town.rows("SELECT way, status FROM assist_task") == [("card", "open")]


async def test_nobody_confirms(town: Town) -> None:
    await town.until("11-23 12:00")
    assert town.told("li") == [ASKED, EXPIRED]
    assert town.tasks("li") == [("今天的早报", "撤销")]
    assert await status(town) == [("expired", None, 2)]
    assert town.told("wang") == [
        "⚠️ **有 1 条到时间还没有确认发送**\n李静　一群　09:30“内容早报”（应在 10:00 前确认）"
    ]


async def test_what_expired_is_sent_after_all(town: Town) -> None:
    await town.until("11-23 11:00")
    answer = await town.ask("li", "发送 早报")
    assert "重新放进企业微信的“客户联系 → 群发助手”" in town.told("li")[2]
    assert answer.endswith("请在 11:30 前打开它，点“确认发送”。")
    assert town.tasks("li") == [("今天的早报", "撤销"), ("今天的早报", "待确认")]
    await town.confirm("li")
    await town.until("11-23 11:10")
    assert await status(town) == [("sent", False, 0)]


async def test_skip_withdraws_the_task_and_asks_why(town: Town) -> None:
    await town.until("11-23 09:31")
    await town.press("li", "跳过")
    assert town.tasks("li") == [("今天的早报", "撤销")]
    assert town.told("li")[1:] == ["已跳过“内容早报”。周报里会用到原因，请补一句：跳过 早报 原因"]
    await town.ask("li", "跳过 早报 系统维护")
    assert await town.rows("SELECT status, skipped_reason FROM assist_task") == [
        ("skipped", "系统维护")
    ]
    assert await town.rows("SELECT status, reason FROM occurrence WHERE phase = 'run'") == [
        ("skipped", "系统维护")
    ]
    await town.until("11-23 12:00")
    assert town.told("wang") == []


async def test_skip_taken_back_asks_again_and_does_not_run_twice(town: Town) -> None:
    await town.until("11-23 09:31")
    await town.press("li", "跳过")
    await town.ask("li", "撤销")
    assert town.tasks("li") == [("今天的早报", "撤销"), ("今天的早报", "待确认")]
    await town.confirm("li")
    await town.until("11-23 09:40")
    assert await status(town) == [("sent", True, 0)]
    assert await town.rows("SELECT status, confirmed_by FROM occurrence WHERE phase='run'") == [
        ("done", "li")
    ]


async def test_confirmation_before_the_skip_wins(town: Town) -> None:
    await town.until("11-23 09:31")
    town.sandbox.actions.confirm("li", town.sandbox.mass_sends.describe()[0]["msgid"])
    await town.press("li", "跳过")
    assert await status(town) == [("sent", True, 0)]
    assert town.read("one") == ["李静：今天的早报"]
    assert await town.rows("SELECT status FROM occurrence WHERE phase = 'run'") == [("done",)]


async def test_put_off_is_withdrawn_and_made_anew(town: Town) -> None:
    await town.until("11-23 09:40")
    await town.press("li", "推迟 30 分钟")
    assert town.tasks("li") == [("今天的早报", "撤销")]
    shown = await town.ask("li", "今日")
    assert "⏳ 已推迟到 10:10" in shown
    assert "> 👉 下一步：今天 10:10 再请您确认“内容早报”" in shown
    await town.until("11-23 10:12")
    assert town.tasks("li") == [("今天的早报", "撤销"), ("今天的早报", "待确认")]
    await town.confirm("li")
    await town.until("11-23 10:20")
    assert await status(town) == [("sent", True, 0)]
    assert town.read("one") == ["李静：今天的早报"]


async def test_put_off_by_command_until_a_time(town: Town) -> None:
    await town.until("11-23 09:40")
    assert "推迟到 15:00" in await town.ask("li", "推迟 早报 15:00 客户会")
    await town.until("11-23 15:02")
    assert [end for _, end in town.tasks("li")] == ["撤销", "待确认"]


async def test_capped_group_gets_nothing(town: Town) -> None:
    town.sandbox.mass_sends.caps.monthly = 0
    await town.until("11-23 09:31")
    await town.confirm("li")
    await town.until("11-23 09:33")
    assert await town.rows("SELECT status, capped, sent_at FROM assist_task") == [
        ("capped", True, None)
    ]
    assert town.told("li")[1:] == [
        "🚫 “一群”09:30 的“内容早报”没有送达：这个群收到的企业群发到了企业微信的上限"
        "（每月的天数）。"
    ]
    assert "🚫 已到接收上限，没有送达" in await town.ask("li", "今日")


async def test_reminders_are_counted_over_restarts(database_url: str) -> None:
    async with opened(database_url, LATE, "11-23 09:00", places=ONE) as town:
        for when in ("09:46", "09:56", "10:01", "10:40", "11:20"):
            await town.until(f"11-23 {when}")
            await town.restart()
        await town.until("11-23 12:00")
        (task,) = town.sandbox.mass_sends.describe()
        assert (task["reminders"], task["cancelled"]) == (3, True)
        assert await status(town) == [("expired", None, 3)]
        assert len(town.told("wang")) == 1


async def test_wecom_away_delays_the_news_and_loses_nothing(town: Town) -> None:
    await town.until("11-23 09:31")
    town.sandbox.actions.confirm("li", town.sandbox.mass_sends.describe()[0]["msgid"])
    town.sandbox.faults.set("read_down", 3)
    await town.until("11-23 09:50")
    assert await status(town) == [("sent", True, 0)]


CARE = {
    "id": "care",
    "title": "问候",
    "at": "10:00",
    "message": {"text": "您好，最近好吗？", "to": {"segment": "all"}},
}
SEGMENT = {"segment": "all", "title": "所有人", "who": {"joined_before": "1h"}}


@pytest.fixture
async def caring(database_url: str) -> AsyncIterator[Town]:
    """The members of one group are written to privately at 10:00."""
    plan = {
        "plan": "week",
        "title": "一周",
        "applies_to": {"labels": ["all"]},
        "week": {"monday": [CARE]},
    }
    library = library_of(plan, SEGMENT)
    async with opened(database_url, library, "11-23 07:00", places=ONE) as town:
        yield town


async def test_private_messages_are_one_task(caring: Town) -> None:
    await caring.until("11-23 10:00")
    assert caring.tasks("li") == [("您好，最近好吗？", "待确认")]
    (note,) = [one for one in caring.told("li") if one.startswith("💌")]
    assert note.split("\n")[1] == "要私信这 3 位成员（人群“所有人”），请在企业群发里确认发送："
    assert await caring.rows("SELECT member, status FROM assist_receiver ORDER BY member") == [
        (one, "waiting") for one in MEMBERS
    ]
    assert await caring.rows("SELECT count(*) FROM private_message") == [(0,)]


async def test_private_messages_are_counted_where_they_arrived(caring: Town) -> None:
    await caring.until("11-23 10:00")
    caring.sandbox.mass_sends.caps.monthly = 1
    caring.sandbox.mass_sends.caps.take("wm2", caring.clock.now())
    caring.sandbox.actions.remove_contact("li", "wm3")
    await caring.confirm("li")
    await caring.until("11-23 10:05")
    assert await caring.rows("SELECT member, status FROM assist_receiver ORDER BY member") == [
        ("wm1", "sent"),
        ("wm2", "capped"),
        ("wm3", "not_friend"),
    ]
    assert await caring.rows("SELECT member FROM private_message") == [("wm1",)]
    assert caring.told("li")[-1] == (
        "“一群”的“问候”：1 位收到，1 位不是您的好友，1 位到了接收上限。"
    )
    private = [one.text for one in caring.sandbox.messages.of("private:li:wm1")]
    assert private == ["您好，最近好吗？"]
    assert caring.sandbox.messages.of(chat("one")) == []
