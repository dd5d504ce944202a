"""The bot ends in the middle of things; a new one on the same database goes on."""

from typing import Any

from bot.demo import CUSTOMER_GROUP


async def test_dice_round_goes_on_after_a_restart(stage: Any) -> None:
    await stage.until("二 19:30")
    await stage.say("陈晓雯", "掷")
    before = stage.said_since(stage.mark - 1)
    await stage.restart()
    await stage.say("陈晓雯", "掷")
    await stage.say("老周", "掷")
    await stage.until("二 19:36")
    await stage.restart()
    mark = stage.mark
    await stage.until("二 19:41")
    assert before[0].startswith("🎲 ")
    closing = stage.said_since(mark)
    assert [text.split("\n")[0] for text in closing] == [
        "⏳ 还有 1 分钟，已有 2 人掷过，说“掷”就能参加。",
        "🏁 **掷骰子，结束！**",
        "**掷骰子·中奖名单**",
    ]
    assert await stage.rows("SELECT COUNT(*) FROM award") == [(2,)]
    await stage.check()


async def test_quiz_question_goes_on_after_a_restart(stage: Any) -> None:
    await stage.until("四 19:30:40")
    mark = stage.mark
    await stage.restart()
    await stage.until("四 19:36")
    heads = [text.split("\n")[0][:9] for text in stage.said_since(mark)]
    assert [head for head in heads if head.startswith("**第")] == [
        f"**第 {number}/5 题**"[:9] for number in (2, 3, 4, 5)
    ]
    assert heads[-1] == "🧠 本局结束，这次还没有人"[:9]
    await stage.check()


async def test_draw_goes_on_from_the_same_deck_after_a_restart(stage: Any) -> None:
    await stage.until("五 20:00")
    await stage.say("陈晓雯", "抽奖")
    deck = "SELECT commitment, seed, taken FROM deck WHERE round <> 'standing'"
    ((commitment, seed, taken),) = await stage.rows(deck)
    head = "SELECT head FROM deck WHERE round <> 'standing'"
    await stage.restart()
    await stage.say("陈晓雯", "抽奖")
    await stage.say("老周", "抽奖")
    assert await stage.rows(deck) == [(commitment, seed, 2)]
    await stage.restart()
    mark = stage.mark
    await stage.until("五 20:31")
    assert taken == 1
    ((last_of_log,),) = await stage.rows(head)
    assert stage.said_since(mark) == [
        "**周五节抽奖·本期结束**\n"
        "共 2 位群友抽奖，人人中奖。\n"
        f"> 种子 `{seed}`\n"
        f"> 承诺值 `{commitment}`\n"
        f"> 日志末尾 `{last_of_log}`\n"
        "> 用种子重排牌堆，可以验证每一张牌在开始前就已确定。"
    ]
    await stage.check()


async def test_event_accepted_but_not_handled_is_handled_after_a_restart(stage: Any) -> None:
    await stage.settle()
    mark = stage.mark
    stage.sandbox.actions.say("wmDemo001", CUSTOMER_GROUP, "签到", at_bot=True)
    await stage.sandbox.settle()
    assert await stage.rows("SELECT COUNT(*) FROM inbox WHERE status = 'pending'") == [(1,)]
    await stage.restart()
    await stage.settle()
    await stage.restart()
    await stage.settle()
    assert stage.said_since(mark) == ["@群运 签到", "✅ 签到成功，今天是第 1 天，明天继续。"]
    await stage.check()


async def test_owed_letter_is_sent_once_after_a_restart(stage: Any) -> None:
    await stage.settle()
    mark = stage.mark
    stage.sandbox.faults.set("send_down", 1)
    await stage.join("新来的小王")
    assert stage.said_since(mark) == ["新来的小王 扫码加入了群聊"]
    await stage.restart()
    await stage.advance("1m")
    await stage.restart()
    await stage.advance("1m")
    assert stage.plain_since(mark) == [
        "新来的小王 扫码加入了群聊",
        "👋 欢迎新朋友加入财富体验群！\n"
        "🎁 入群见面礼等着您：先玩一局群游戏，再发“@群运 抽奖”，每人一次。\n"
        "> 活动只记次数和时间，不存聊天内容；不想被统计，发“@群运 退出统计”。\n"
        "👉 [点开个人信息说明](（成员网页的链接）)",
    ]
    await stage.check()


async def test_steps_missed_while_the_bot_was_down_are_asked_about(stage: Any) -> None:
    await stage.until("二 18:00")
    mark = stage.mark
    await stage.restart(away="2h")
    await stage.settle()
    card = stage.sandbox.messages.of(stage.direct("李静"), mark)
    assert [one.card["sub_title_text"] for one in card] == [
        "财富体验群 19:30 的“掷骰子”晚了 30 分钟，还要发送吗？"
    ]
    assert stage.said_since(mark) == []
    await stage.press("李静", "现在发送")
    assert [text.split("\n")[0] for text in stage.said_since(mark)] == ["🎲 **掷骰子，开始！**"]
    await stage.check()
