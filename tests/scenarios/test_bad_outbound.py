"""WeCom misbehaves: what is sent again, what is held, what is given up, and what one can read
about it in `qunyun outbox list`.
"""

from typing import Any

import pytest

from bot.payout_acts import ApprovePayouts

WELCOME = (
    "👋 欢迎新朋友加入财富体验群！\n"
    "🎁 入群见面礼等着您：先玩一局群游戏，再发“@群运 抽奖”，每人一次。\n"
    "> 活动只记次数和时间，不存聊天内容；不想被统计，发“@群运 退出统计”。\n"
    "👉 [点开个人信息说明](（成员网页的链接）)"
)
JOINED = "新来的小王 扫码加入了群聊"
CHECKED_IN = "✅ 签到成功，今天是第 1 天，明天继续。"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("send_limited", "发送太频繁，企业微信要求等待一分钟（企业微信错误码 45009）"),
        ("send_busy", "企业微信系统繁忙，稍后重试（企业微信错误码 -1）"),
        ("send_down", "发送结果不明，将重发：企业微信的答复不是预期的 JSON（HTTP 503）"),
        ("send_garbage", "发送结果不明，将重发：企业微信的答复不是预期的 JSON（HTTP 200）"),
    ],
)
async def test_post_refused_for_a_while_is_sent_again_and_says_why(
    stage: Any, fault: str, reason: str
) -> None:
    await stage.settle()
    mark = stage.mark
    stage.sandbox.faults.set(fault, 1)
    await stage.join("新来的小王")
    listed = (await stage.outbox()).split("\n")
    assert "待发  group_robot" in listed[0]
    assert listed[0].endswith(f"试过 1 次  {reason}")
    assert stage.said_since(mark) == [JOINED]
    await stage.advance("2m")
    assert stage.plain_since(mark) == [JOINED, WELCOME]
    await stage.check()


async def test_post_whose_answer_was_lost_is_sent_again_and_says_so(stage: Any) -> None:
    await stage.settle()
    mark = stage.mark
    stage.sandbox.faults.set("send_cut", 1)
    await stage.join("新来的小王")
    assert "发送结果不明，将重发：" in await stage.outbox()
    await stage.advance("2m")
    assert stage.plain_since(mark) == [JOINED, WELCOME, WELCOME]
    assert stage.sandbox.webhook.sent == 3


async def test_reply_whose_answer_was_lost_is_held_and_never_doubled(stage: Any) -> None:
    await stage.settle()
    mark = stage.mark
    stage.sandbox.faults.set("send_cut", 1)
    await stage.say("陈晓雯", "签到")
    await stage.advance("1h")
    assert stage.said_since(mark)[:2] == ["@群运 签到", CHECKED_IN]
    assert stage.said_since(mark).count(CHECKED_IN) == 1
    listed = (await stage.outbox()).split("\n")
    assert "搁置  aibot_reply" in listed[0]
    assert "发送结果不明，等待人工处理：" in listed[0]


async def test_robot_removed_from_the_group_is_dead_at_once_and_says_what_to_do(
    stage: Any,
) -> None:
    await stage.settle()
    mark = stage.mark
    stage.sandbox.faults.set("send_removed", 1)
    await stage.join("新来的小王")
    await stage.advance("10m")
    assert stage.said_since(mark) == [JOINED]
    listed = (await stage.outbox()).split("\n")
    assert "发不出  group_robot" in listed[0]
    assert listed[0].endswith(
        "试过 1 次  群机器人的 key 无效，或机器人已被移出群："
        "在群里重新添加并更新 key（企业微信错误码 93000）"
    )


async def test_untrusted_address_is_dead_and_names_the_setting(stage: Any) -> None:
    await stage.settle()
    mark = stage.mark
    stage.sandbox.faults.set("untrusted_ip", True)
    await stage.ask("李静", "今日")
    assert stage.said_since(mark, stage.direct("李静")) == ["今日"]
    assert (
        (await stage.outbox())
        .split("\n")[0]
        .endswith(
            "服务器的出口 IP 不在企业可信 IP 里：在自建应用里加上它，约一分钟后生效"
            "（企业微信错误码 60020）"
        )
    )


@pytest.mark.parametrize("switch", [False, True])
async def test_token_that_expired_early_is_renewed_without_a_word(stage: Any, switch: bool) -> None:
    await stage.ask("李静", "今日")
    issued = stage.sandbox.tokens.issued
    mark = stage.mark
    stage.sandbox.faults.set("expired_as_40014", switch)
    stage.sandbox.faults.set("token_revoked", 1)
    await stage.ask("李静", "今日")
    assert len(stage.said_since(mark, stage.direct("李静"))) == 2
    assert stage.sandbox.tokens.issued == issued + 1
    await stage.check()


async def test_letter_that_never_gets_through_is_dead_after_eight_attempts(stage: Any) -> None:
    await stage.settle()
    stage.sandbox.faults.set("send_busy", 100)
    await stage.join("新来的小王")
    await stage.advance("3h")
    listed = (await stage.outbox()).split("\n")
    dead = [line for line in listed if "发不出  group_robot" in line]
    assert dead[-1].endswith(
        "试过 8 次  连续 8 次没有发出：企业微信系统繁忙，稍后重试（企业微信错误码 -1）"
    )


async def test_callbacks_doubled_forged_or_for_others_do_not_count(stage: Any) -> None:
    await stage.settle()
    mark = stage.mark
    for fault in ("callback_duplicate", "callback_forged", "callback_wrong_receiver"):
        stage.sandbox.faults.set(fault, 1)
        await stage.say("陈晓雯", "签到")
    again = "今天已经签到过了，连续签到 1 天，明天再来。"
    said = [text for text in stage.said_since(mark) if not text.startswith("@")]
    assert said == [CHECKED_IN, again, again]
    assert await stage.rows("SELECT COUNT(*) FROM inbox") == [(3,)]


async def test_lost_join_callback_is_made_good_when_the_newcomer_speaks(stage: Any) -> None:
    await stage.settle()
    stage.sandbox.faults.set("callback_drop", 1)
    person = await stage.join("新来的小王")
    await stage.say("新来的小王", "签到")
    assert await stage.rows(
        f"SELECT community, left_at FROM membership WHERE member = '{person}'"
    ) == [("wealth-01", None)]
    await stage.check()


async def test_paying_platform_that_fails_pays_each_order_once(stage: Any) -> None:
    await stage.until("二 19:30")
    for who in ("陈晓雯", "老周", "林一诺"):
        await stage.say(who, "掷")
    await stage.until("二 20:00")
    await stage.until("二 10:00")
    for fault in ("payer_down", "payer_cut", "payer_processing"):
        stage.sandbox.faults.set(fault, 1)
    now = stage.show.clock.now()
    await stage.show.app.database.write(
        lambda tx: ApprovePayouts(by="wangqiang", orders=None).do(tx, now)
    )
    await stage.settle()
    unpaid = await stage.rows("SELECT status FROM payout WHERE status <> 'paid'")
    assert unpaid == [("unknown",)] * 2
    for _ in range(8):  # asked after 2, 7 and 22 minutes
        await stage.advance("3m")
    paid = await stage.rows("SELECT order_no, amount_fen FROM payout WHERE status = 'paid'")
    assert {number: one.amount_fen for number, one in stage.sandbox.payer.orders.items()} == dict(
        paid
    )
    assert stage.sandbox.payer.paid_fen == sum(fen for _, fen in paid)
    assert len(paid) == 3
