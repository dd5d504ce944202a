"""Due occurrences: on time, late, paused, capped, skipped, postponed, sent by hand."""

from collections.abc import AsyncIterator

import pytest

from tests.house import FIRST, ONE_WEEK, House, content, library_of, opened

ASKING = "week/asking/2026-11-24/first"
PLAIN = "week/plain/2026-11-23/first"
DICE = "week/dice/2026-11-24/first"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Sunday evening."""
    async with opened(sqlite_url, "11-22 21:00") as one:
        yield one


ASK = (
    "li: 错过的步骤｜一群 09:00 的“内容”晚了{late}，还要发送吗？"
    "［现在发送 run|week/asking/2026-11-24/first］［跳过 skip|week/asking/2026-11-24/first］"
)


@pytest.mark.parametrize(
    ("step", "jump", "owed", "row"),
    [
        ("plain/2026-11-23", "11-23 09:00", ["first: 内容 plain"], ("done", "")),
        ("plain/2026-11-23", "11-23 09:30", ["first: 内容 plain"], ("done", "")),
        (
            "plain/2026-11-23",
            "11-23 09:30:01",
            ["li: ⏭ 一群 09:00 的“内容”没有发送：晚了 30 分钟。\n> 仍要发送：发送 plain"],
            ("skipped", "错过执行窗口（晚了 30 分钟）"),
        ),
        ("asking/2026-11-24", "11-24 09:30", ["first: 内容 asking"], ("done", "")),
        (
            "asking/2026-11-24",
            "11-24 09:31",
            [ASK.format(late=" 31 分钟")],
            ("asked", "晚了 31 分钟，已询问客户经理"),
        ),
        (
            "asking/2026-11-24",
            "11-24 11:00",
            [ASK.format(late=" 2 小时")],
            ("asked", "晚了 2 小时，已询问客户经理"),
        ),
        (
            "asking/2026-11-24",
            "11-24 11:00:01",
            ["li: ⏭ 一群 09:00 的“内容”没有发送：晚了 2 小时。\n> 仍要发送：发送 asking"],
            ("skipped", "错过执行窗口（晚了 2 小时）"),
        ),
        ("running/2026-11-25", "11-25 11:00", ["first: 内容 running"], ("done", "")),
        (
            "running/2026-11-25",
            "11-25 11:00:01",
            ["li: ⏭ 一群 09:00 的“内容”没有发送：晚了 2 小时。\n> 仍要发送：发送 running"],
            ("skipped", "错过执行窗口（晚了 2 小时）"),
        ),
    ],
)
async def test_late_step_runs_asks_or_is_skipped(
    house: House, step: str, jump: str, owed: list[str], row: tuple[str, str]
) -> None:
    day = jump.split()[0]
    await house.until(f"{day} 08:50")
    await house.owed()
    await house.jump(jump)
    assert await house.owed() == owed
    assert await house.row(f"week/{step}/first") == row


async def test_late_by_a_day_is_said_in_days(house: House) -> None:
    await house.until("11-23 08:50")
    await house.owed()
    await house.jump("11-24 09:00")
    assert (await house.owed())[0] == (
        "li: ⏭ 一群 09:00 的“内容”没有发送：晚了 1 天。\n> 仍要发送：发送 plain"
    )


async def test_reminder_and_announcement_then_step(house: House) -> None:
    await house.until("11-24 19:20")
    announced = "⏰ **19:30 掷骰子**\n🎲 时长 10 分钟，每人 1 次。\n开局后在群里说“掷”或“骰子”"
    owed = await house.owed()
    assert owed[-2].startswith(f"first: {announced}")
    assert owed[-1].startswith("li: ⏰ **19:30 掷骰子**　一群\n\n掷骰子，时长 10 分钟")
    assert owed[-1].endswith("\n\n> 跳过：跳过 dice 原因\n> 推迟：推迟 dice 30m")


async def test_reminder_after_the_step_is_due_is_pointless(house: House) -> None:
    await house.until("11-24 18:00")
    await house.owed()
    await house.jump("11-24 19:30")
    (opening,) = await house.owed()
    assert opening.startswith("first: 🎲 **掷骰子，开始！**")
    assert await house.row(f"{DICE}#remind") == ("skipped", "已到执行时间，不再提前通知")
    assert await house.row(f"{DICE}#announce") == ("skipped", "已到执行时间，不再提前通知")


async def test_paused_community_rests(house: House) -> None:
    await house.say("li", "暂停 一群", None)
    await house.until("11-23 10:00")
    assert await house.owed() == []
    assert await house.row(PLAIN) == ("skipped", "社群已暂停")
    assert await house.row(f"{PLAIN}#remind") == ("skipped", "社群已暂停")


async def test_daily_cap_skips_the_rest_and_tells_the_rm(sqlite_url: str) -> None:
    steps = [content("a", "09:00"), content("b", "10:00"), content("c", "11:00")]
    capped = {**ONE_WEEK, "daily_cap": 2, "week": {"monday": steps}}
    async with opened(sqlite_url, "11-22 21:00", library_of(capped)) as house:
        await house.until("11-23 12:00")
        assert await house.owed() == [
            "first: 内容 a",
            "first: 内容 b",
            "li: ⏭ 一群 11:00 的“内容”没有发送：已到每日上限 2 条。\n> 仍要发送：发送 c",
        ]
        assert await house.row("week/c/2026-11-23/first") == ("skipped", "已到每日上限 2 条")


async def test_skipped_step_is_neither_announced_nor_reminded_nor_run(house: House) -> None:
    await house.until("11-24 12:00")
    await house.say("li", "跳过 dice 系统维护", None)
    await house.until("11-24 20:00")
    assert await house.owed() == []
    assert await house.row(f"{DICE}#announce") == ("skipped", "这一步已经跳过")
    assert await house.row(f"{DICE}#remind") == ("skipped", "这一步已经跳过")
    assert await house.row(DICE) == ("skipped", "系统维护")


async def test_postponed_step_is_announced_with_its_new_time_and_runs_then(house: House) -> None:
    await house.until("11-24 12:00")
    await house.say("li", "推迟 dice 30m", None)
    await house.until("11-24 19:59")
    announced, reminded = await house.owed()
    assert announced.startswith("first: ⏰ **20:00 掷骰子**")
    assert reminded.startswith("li: ⏰ **20:00 掷骰子**　一群")
    await house.until("11-24 20:00")
    (opening,) = await house.owed()
    assert opening.startswith("first: 🎲 **掷骰子，开始！**")


async def test_step_sent_ahead_is_sent_once_and_not_announced_any_more(house: House) -> None:
    await house.until("11-24 12:00")
    await house.owed()
    sent = await house.say("li", "发送 dice", None)
    assert sorted(one.split("\n")[0] for one in sent) == [
        "first: 🎲 **掷骰子，开始！**",
        "li: ✅ 正在发送今天 19:30 的“掷骰子”到“一群”。",
    ]
    await house.say("li", "结束", FIRST)
    await house.until("11-24 20:00")
    assert await house.owed() == []
    assert await house.row(DICE) == ("done", "人工发送")
    assert await house.row(f"{DICE}#announce") == ("skipped", "这一步已经发送")


@pytest.mark.parametrize(
    ("key", "owed", "row"),
    [
        (f"run|{ASKING}", ["first: 内容 asking", "卡片: 正在发送"], ("done", "人工发送")),
        (f"skip|{ASKING}", ["卡片: 已跳过"], ("skipped", "客户经理选择跳过")),
    ],
)
async def test_answer_to_the_question(
    house: House, key: str, owed: list[str], row: tuple[str, str]
) -> None:
    await house.jump("11-24 10:00")
    await house.owed()
    assert await house.press("li", key) == owed
    assert await house.row(ASKING) == row


async def test_asked_step_that_is_postponed_is_sent_then(house: House) -> None:
    """Regression: its message had the key of the question, and was taken for owed already."""
    await house.jump("11-24 10:00")
    await house.owed()
    await house.say("li", "推迟 asking 30m", None)
    await house.until("11-24 10:30")
    assert await house.owed() == ["first: 内容 asking"]
    assert await house.row(ASKING) == ("done", "")


async def test_undone_skip_of_an_asked_step_asks_again(house: House) -> None:
    """Regression: the second question had the key of the first, and was never owed."""
    await house.jump("11-24 10:00")
    await house.owed()
    await house.press("li", f"skip|{ASKING}")
    await house.clock.advance_to(house.clock.now().replace(minute=5))
    _, again = await house.say("li", "撤销", None)
    assert again == ASK.format(late=" 1 小时")


async def test_game_step_while_another_round_runs_is_not_counted_as_done(house: House) -> None:
    """Regression: it was `done` although nothing had been played."""
    await house.until("11-24 19:29")
    await house.say("li", "开局 dice")
    await house.until("11-24 19:30")
    why = "“掷骰子”没有开局：“一群”里还有一局没有结束，请先发“结束”。"
    assert await house.owed() == [f"li: {why}"]
    assert await house.row(DICE) == ("skipped", why)


async def test_reminder_of_a_used_up_list_says_that_nothing_will_be_sent(sqlite_url: str) -> None:
    """Regression: the reminder raised, and its occurrence failed."""
    plan = {
        **ONE_WEEK,
        "week": {
            day: [{"id": day, "at": "09:00", "remind": "15m", "content": {"list": "lessons"}}]
            for day in ("monday", "tuesday")
        },
    }
    lessons = {"list": "lessons", "title": "小课", "items": [{"id": "one", "text": "第一课"}]}
    async with opened(sqlite_url, "11-22 21:00", library_of(plan, lessons)) as house:
        await house.until("11-24 08:00")
        await house.owed()
        await house.until("11-24 08:45")
        used_up = "内容清单“小课”在“一群”已经全部发过，请运营在 lessons 里补充新条目。"
        assert await house.owed() == [f"li: ⚠️ 一群 09:00 的“小课”到点发不出：{used_up}"]
        await house.until("11-24 09:00")
        assert await house.owed() == [f"li: {used_up}"]
