"""今日 and 本周 through a week: what they say before, during and after each thing that happens."""

from typing import Any


async def test_today_before_everything(bank: Any) -> None:
    assert await bank.reply("li", "今日") == (
        "**今日　周二 11 月 24 日**\n"
        "\n"
        "财富一群\n"
        "3. 19:30 掷骰子（tue-dice）⏳ 待发\n"
        "> 👉 下一步：今天 19:30 掷骰子，19:15 会把话术发给客户经理\n"
        "\n"
        "财富二群\n"
        "3. 19:30 掷骰子（tue-dice）⏳ 待发\n"
        "> 👉 下一步：今天 19:30 掷骰子，19:15 会把话术发给客户经理"
    )


async def test_today_in_group_is_about_that_group(bank: Any) -> None:
    assert await bank.say("li", "today", "wr01") == [
        (
            "group",
            "**今日　周二 11 月 24 日**\n"
            "\n"
            "财富一群\n"
            "3. 19:30 掷骰子（tue-dice）⏳ 待发\n"
            "> 👉 下一步：今天 19:30 掷骰子，19:15 会把话术发给客户经理",
        )
    ]


async def test_today_shortly_before_says_script_was_sent(bank: Any) -> None:
    await bank.move("2026-11-24 19:20")
    assert await bank.reply("li", "今日 财富一群") == (
        "**今日　周二 11 月 24 日**\n"
        "\n"
        "财富一群\n"
        "3. 19:30 掷骰子（tue-dice）⏳ 待发\n"
        "> 👉 下一步：今天 19:30 掷骰子，话术已发给客户经理"
    )


async def test_today_during_game_names_host_commands(bank: Any) -> None:
    await bank.move("2026-11-24 12:01")
    await bank.move("2026-11-24 19:30")
    assert await bank.reply("li", "今日 财富一群") == (
        "**今日　周二 11 月 24 日**\n"
        "\n"
        "财富一群\n"
        "3. 19:30 掷骰子（tue-dice）✅ 已发 19:30\n"
        "> 👉 掷骰子进行中，可以发：提示、揭晓、延时 60s、结束"
    )


async def test_today_handed_over_waits_for_confirmation(bank: Any) -> None:
    await bank.move("2026-11-25 09:00")
    await bank.move("2026-11-25 09:30")
    assert await bank.reply("li", "今日 财富二群") == (
        "**今日　周三 11 月 25 日**\n"
        "\n"
        "财富二群\n"
        "4. 09:30 周三小课堂（wed-lesson）📨 已交给客户经理 09:30，待确认\n"
        "> 👉 请把“周三小课堂”的话术发到群里，再点卡片上的“已发”"
    )


async def test_today_missed_step_asks_for_decision(bank: Any) -> None:
    await bank.move("2026-11-25 09:00")
    await bank.move("2026-11-25 10:30")
    assert await bank.reply("li", "今日 财富一群") == (
        "**今日　周三 11 月 25 日**\n"
        "\n"
        "财富一群\n"
        "4. 09:30 周三小课堂（wed-lesson）❓ 错过时间，等您决定\n"
        "> 👉 请决定：发送 wed-lesson，或者 跳过 wed-lesson 原因"
    )


async def test_today_without_steps(bank: Any) -> None:
    assert await bank.reply("chen", "今日") == (
        "**今日　周二 11 月 24 日**\n\n代发 客户群\n今天没有安排步骤。"
    )


async def test_week_shows_numbers_and_states(bank: Any) -> None:
    await bank.say("li", "跳过 财富一群 wed-lesson 放假通知")
    await bank.say("li", "推迟 财富一群 tue-dice 30m")
    assert await bank.reply("li", "本周 财富一群") == (
        "**本周　11 月 23 日～11 月 29 日**\n"
        "\n"
        "财富一群\n"
        "1. 周一 09:00 周报（mon-report）➖ 没有执行\n"
        "2. 周一 09:30 周一早报（mon-brief）➖ 没有执行\n"
        "3. 周二 20:00 掷骰子（tue-dice）⏳ 已推迟，原定 19:30\n"
        "4. 周三 09:30 周三小课堂（wed-lesson）⏭ 已跳过：放假通知\n"
        "5. 周四 19:30 知识问答（thu-quiz）⏳ 待发\n"
        "6. 周五 10:00 周五节预告（fri-teaser）⏳ 待发\n"
        "7. 周五 20:00 周五节抽奖（fri-draw）⏳ 待发\n"
        "> 👉 下一步：今天 20:00 掷骰子"
    )


async def test_week_of_paused_community(bank: Any) -> None:
    await bank.say("li", "暂停 财富一群")
    assert await bank.reply("li", "今日 财富一群") == (
        "**今日　周二 11 月 24 日**\n"
        "\n"
        "财富一群（已暂停）\n"
        "3. 19:30 掷骰子（tue-dice）⏸ 已暂停\n"
        "> 👉 计划已暂停，恢复请发：恢复 财富一群"
    )


async def test_today_unknown_word(bank: Any) -> None:
    assert await bank.reply("li", "今日 火星群") == (
        "没有看懂“火星群”。这里可以写的社群：财富一群、财富二群。\n用法：今日〔社群〕\n例：今日"
    )
