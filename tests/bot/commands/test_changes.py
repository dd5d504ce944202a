"""Changing the plan by hand: the answer, what the calendar then says, what is audited."""

from typing import Any

import pytest

DICE = "wealth-weekly/tue-dice/2026-11-24/wealth-01"
USAGE_SEND = "\n用法：发送 步骤〔社群〕，步骤写编号或名称\n例：发送 mon-brief"
USAGE_SKIP = "\n用法：跳过 步骤 原因〔社群〕，步骤写编号或名称\n例：跳过 tue-dice 今晚系统维护"
USAGE_LATER = (
    "\n用法：推迟 步骤 时长或时间〔原因〕〔社群〕，时长写 30m、1h，时间写 20:30"
    "\n例：推迟 tue-dice 30m"
)

NOTHING = (
    "没有可以撤销的操作。跳过、推迟、暂停、恢复、标签、备注、跟进、加分可以撤销，发送和开局不能。"
)


@pytest.mark.parametrize(
    "line",
    [
        "跳过 财富一群 tue-dice 系统 维护",
        "跳过 3 系统 维护 wealth-01",
        "skip ３ 财富一群 系统 维护",
        "／跳过 TUE-DICE 系统 维护 财富一群",
        "跳过 3号 系统 维护 财富一群",
    ],
)
async def test_skip(bank: Any, line: str) -> None:
    assert await bank.say("li", line) == [
        ("li", "⏭ 已跳过今天 19:30 的“掷骰子”（财富一群）：系统 维护\n> 反悔请发：撤销")
    ]
    assert await bank.row(DICE) == ("skipped", "11-24 19:30", "系统 维护")
    assert await bank.audited() == [
        ("li", "跳过", DICE, "周二 11 月 24 日 19:30 的“掷骰子”：系统 维护")
    ]


async def test_skip_in_group_answers_there(bank: Any) -> None:
    assert await bank.say("li", "跳过 fri-draw 改到下周", "wr02") == [
        (
            "group",
            "⏭ 已跳过周五 11 月 27 日 20:00 的“周五节抽奖”（财富二群）：改到下周\n> 反悔请发：撤销",
        )
    ]


async def test_skip_means_next_week_when_this_week_is_over(bank: Any) -> None:
    assert await bank.reply("li", "跳过 财富一群 mon-brief 放假") == (
        "⏭ 已跳过周一 11 月 30 日 09:30 的“周一早报”（财富一群）：放假\n> 反悔请发：撤销"
    )


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("跳过 财富一群", "请写要跳过哪一步，以及原因。" + USAGE_SKIP),
        ("跳过 财富一群 3", "请写跳过的原因，周报里会用到。" + USAGE_SKIP),
        (
            "跳过 财富一群 tue-dise 雨",
            "没有叫“tue-dise”的步骤。您是想输入“tue-dice”吗？" + USAGE_SKIP,
        ),
        (
            "跳过 财富一群 zzzz 雨",
            "没有叫“zzzz”的步骤。发送“本周”可以看到每一步的编号。" + USAGE_SKIP,
        ),
        ("跳过 财富一群 8 雨", "“财富一群”本周的步骤是 1 到 7 号，没有 8 号。" + USAGE_SKIP),
        (
            "跳过 财富一群 2 雨",
            "昨天 09:30 的“周一早报”时间已经过了，没有执行。仍要发送请发：发送 mon-brief",
        ),
        ("推迟 财富一群 3", "请写要推迟哪一步，以及推迟多久或推迟到几点。" + USAGE_LATER),
        (
            "推迟 财富一群 3 18:00",
            "只能往后推：这一步原定 19:30，现在是 12:00。" + USAGE_LATER,
        ),
        ("推迟 财富一群 3 5h", "只能推迟到当天 24 点以前；当天不发请用“跳过”。" + USAGE_LATER),
        ("推迟 财富一群 3 30分钟", "看不懂时长“30分钟”。请写 30m。" + USAGE_LATER),
        (
            "推迟 财富一群 3 25:00",
            "没有“25:00”这个时间。小时写 0 到 23，分钟写 00 到 59。" + USAGE_LATER,
        ),
        ("发送 财富一群", "请写要发送哪一步。" + USAGE_SEND),
        ("发送 财富一群 3 4", "一次只能发送一步。" + USAGE_SEND),
        (
            "撤销 跳过",
            "“撤销”后面不用写别的，每次撤销您最近的一次操作。\n用法：撤销\n例：撤销",
        ),
    ],
)  # fmt: skip
async def test_wrong_line_answers_with_right_one(bank: Any, line: str, answer: str) -> None:
    assert await bank.say("li", line) == [("li", answer)]
    assert await bank.row(DICE) is None


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("推迟 财富一群 3 30m", "20:00"),
        ("推迟 财富一群 tue-dice １h", "20:30"),
        ("postpone tue-dice 20：15 财富一群", "20:15"),
    ],
)
async def test_postpone(bank: Any, line: str, due: str) -> None:
    answer = f"⏳ 今天 19:30 的“掷骰子”（财富一群）推迟到 {due}。\n> 反悔请发：撤销"
    assert await bank.say("li", line) == [("li", answer)]
    assert await bank.row(DICE) == ("planned", f"11-24 {due}", "")
    assert await bank.audited() == [
        ("li", "推迟", DICE, f"周二 11 月 24 日 19:30 的“掷骰子”推迟到 {due}")
    ]


async def test_undo_goes_back_one_deed_at_a_time(bank_anywhere: Any) -> None:
    bank = bank_anywhere
    await bank.say("li", "推迟 财富一群 3 30m")
    await bank.say("li", "跳过 财富一群 3 雨")
    await bank.say("li", "暂停 财富一群")
    answers = [await bank.reply("li", "撤销") for _ in range(4)]
    assert answers == [
        "↩️ 已撤销今天 12:00 的“暂停”。",
        "↩️ 已撤销今天 12:00 的“跳过”（周二 11 月 24 日 20:00 的“掷骰子”：雨）。",
        "↩️ 已撤销今天 12:00 的“推迟”（周二 11 月 24 日 19:30 的“掷骰子”推迟到 20:00）。",
        NOTHING,
    ]
    assert await bank.row(DICE) == ("planned", "11-24 19:30", "")


async def test_undo_of_skip_keeps_earlier_postponement(bank: Any) -> None:
    await bank.say("li", "推迟 财富一群 3 30m 等嘉宾")
    await bank.say("li", "跳过 财富一群 3 雨")
    await bank.say("li", "撤销")
    assert await bank.row(DICE) == ("planned", "11-24 20:00", "等嘉宾")


async def test_undo_is_the_senders_own(bank: Any) -> None:
    await bank.say("li", "跳过 财富一群 3 雨")
    assert await bank.reply("yun", "撤销") == NOTHING
    assert await bank.row(DICE) == ("skipped", "11-24 19:30", "雨")


async def test_undo_of_a_step_that_ran_since(bank: Any) -> None:
    await bank.say("li", "推迟 财富一群 3 30m")
    await bank.move("2026-11-24 20:00")
    assert await bank.reply("li", "撤销") == (
        "今天 12:00 的“推迟”（周二 11 月 24 日 19:30 的“掷骰子”推迟到 20:00）"
        "已经撤销不了：这一步后来发出去了。"
    )
    assert await bank.reply("li", "撤销") == NOTHING


async def test_undo_beyond_what_stays_is_asked_first(bank: Any) -> None:
    await bank.say("li", "跳过 财富一群 3 雨")
    await bank.say("li", "开局 财富一群 掷骰子")
    assert [await bank.reply("li", "撤销") for _ in range(3)] == [
        "今天 12:00 的“开局”不能撤销。再往前可以撤销的是今天 12:00 的“跳过”"
        "（周二 11 月 24 日 19:30 的“掷骰子”：雨），要撤销它请再发一次：撤销",
        "↩️ 已撤销今天 12:00 的“跳过”（周二 11 月 24 日 19:30 的“掷骰子”：雨）。",
        "今天 12:00 的“开局”不能撤销，再往前也没有可以撤销的操作。",
    ]


async def test_change_of_settled_step_refused(bank: Any) -> None:
    await bank.say("li", "跳过 财富一群 3 雨")
    assert await bank.reply("li", "推迟 财富一群 3 30m") == (
        "今天 19:30 的“掷骰子”已经跳过了（雨）。"
    )
    await bank.say("li", "撤销")
    await bank.move("2026-11-24 12:01")
    await bank.move("2026-11-24 19:30")
    assert await bank.reply("li", "跳过 财富一群 3 雨") == (
        "今天 19:30 的“掷骰子”已经发过了，改不了了。"
    )


async def test_send_runs_the_step_once(bank: Any) -> None:
    answer, post = await bank.say("li", "发送 财富一群 fri-teaser")
    assert post[0] == "wealth-01"
    assert answer == (
        "li",
        "✅ 正在发送周五 11 月 27 日 10:00 的“周五节预告”到“财富一群”。\n> 发出后不能撤销。",
    )
    assert await bank.reply("li", "发送 财富一群 6") == (
        "周五 11 月 27 日 10:00 的“周五节预告”已经发过了，不会再发一遍。"
    )


async def test_send_game_while_one_runs_refused(bank: Any) -> None:
    await bank.say("li", "开局 dice", "wr01")
    assert await bank.reply("li", "发送 财富一群 3") == (
        "“财富一群”里还有一局没有结束，请先发“结束”，再发送今天 19:30 的“掷骰子”。"
    )


async def test_send_skipped_step_all_the_same(bank: Any) -> None:
    await bank.say("li", "跳过 财富一群 4 雨")
    answers = await bank.say("li", "发送 财富一群 4")
    assert [to for to, _ in answers] == ["li", "wealth-01"]
    assert (await bank.row("wealth-weekly/wed-lesson/2026-11-25/wealth-01"))[0] == "done"


async def test_pause_and_resume(bank: Any) -> None:
    answers = [
        await bank.reply("li", line)
        for line in ("暂停 财富一群", "pause 财富一群", "恢复 财富一群", "resume 财富一群")
    ]
    assert answers == [
        "⏸ 已暂停“财富一群”：计划里的步骤到点也不会发送。\n> 恢复请发：恢复 财富一群",
        "“财富一群”已经是暂停状态。恢复请发：恢复 财富一群",
        "▶️ 已恢复“财富一群”：后面的步骤照常发送，暂停期间的不会补发。",
        "“财富一群”没有暂停，计划照常进行。",
    ]


async def test_pause_during_game_says_it_goes_on(bank: Any) -> None:
    await bank.say("li", "开局 dice", "wr01")
    assert await bank.reply("li", "暂停", "wr01") == (
        "⏸ 已暂停“财富一群”：计划里的步骤到点也不会发送。\n"
        "正在进行的游戏不受影响，要结束请发：结束\n"
        "> 恢复请发：恢复 财富一群"
    )
