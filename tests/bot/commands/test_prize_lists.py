"""名单 预算: who won what, and what is left."""

from dataclasses import replace
from datetime import date
from typing import Any

from storage import coupons, payouts, reconciliations
from storage.reconciliations import ReconciliationRow
from storage.types import order_number
from tests.prize_deeds import HOOK, tail, win


async def test_winners_are_listed_newest_first_and_masked(waiting: Any) -> None:
    await waiting.say("wang", f"驳回 {tail('k2')} 重复")
    rows = {
        "k1": "王＊＊　见面红包 8.88 元　待批准",
        "k2": "李＊＊　见面红包 1.88 元　已驳回",
        "k3": "⚠️ 张＊＊　见面红包 1.88 元　待批准",
    }
    newest = sorted(rows, key=order_number, reverse=True)
    lines = [f"· {tail(key)}　{rows[key]}" for key in newest]
    head = "**入群见面礼·名单**　3 份，共 12.64 元\n待批准 2、已驳回 1"
    assert await waiting.reply("wang", "名单 join-hook") == "\n".join([head, *lines])
    assert "王小明" in await waiting.reply("li", "名单 入群见面礼")
    assert await waiting.reply("chen", "名单 join-hook") == "“入群见面礼”还没有人中奖。"


async def test_amount_that_the_name_says_is_not_said_twice(bank: Any) -> None:
    await bank.arrive("wealth-01", "wm1", "王小明", 10)
    await win(bank, "k1", "wm1", 888, prize="8.88 元红包")
    said = await bank.reply("wang", "名单 join-hook")
    assert said.split("\n")[-1] == f"· {tail('k1')}　王＊＊　8.88 元红包　待批准"
    await bank.write(payouts.flag, order_number("k1"), "已退群：到期时不在群里")
    flagged = await bank.reply("wang", "批准")
    assert flagged.split("\n")[2] == (
        f"· 王＊＊　入群见面礼·8.88 元红包　批准请发：批准 {tail('k1')} 8.88"
    )


async def test_winners_of_what_does_not_exist(waiting: Any) -> None:
    said = await waiting.reply("wang", "名单 春节")
    assert said.split("\n")[0] == (
        "没有叫“春节”的活动、奖池或人群。活动和奖池：join-hook、pool/tuesday-games。"
        "有哪些人群请发：名单 人群"
    )


BUDGET = """**预算**（元）
· 入群见面礼：投放 100.00，已发出 12.64，已领取 0.00，已退回 0.00
· 周二游戏奖池：投放 100.00，已发出 5.00，已领取 0.00，已退回 0.00
> 还没有和发奖渠道对过账"""


async def test_budgets(waiting: Any) -> None:
    assert await waiting.reply("yun", "预算") == BUDGET


async def test_budget_of_one_campaign_with_its_coupons_and_the_last_comparison(
    waiting: Any,
) -> None:
    await waiting.write(coupons.add, HOOK, "咖啡券", ["A", "B"], waiting.clock.now())
    await waiting.say("wang", f"驳回 {tail('k2')} 重复")
    day = ReconciliationRow(
        date(2026, 11, 23), "marketing_platform", waiting.clock.now(), 2, 376, 2, 376, []
    )
    await waiting.write(reconciliations.keep, day)
    assert await waiting.reply("wang", "预算 入群见面礼") == (
        "**入群见面礼**（join-hook）\n"
        "投放 100.00，已发出 10.76，已领取 0.00，已退回 1.88\n"
        "还能发 89.24 元\n"
        "券码“咖啡券”：还剩 2/2 张\n"
        "> 11 月 23 日对账一致：2 笔 3.76 元"
    )
    await waiting.write(reconciliations.keep, replace(day, differences=[{"order_no": "QY1"}]))
    assert (await waiting.reply("wang", "预算")).split("\n")[-1] == (
        "> ⚠️ 11 月 23 日对账有 1 处差异，请看：qunyun payouts reconcile"
    )


async def test_budget_shows_no_more_given_than_there_is_after_giving_once_more(
    waiting: Any,
) -> None:
    await win(waiting, "k6", "wm2", 8_736)
    await waiting.say("wang", f"驳回 {tail('k6')} 看错了")
    await waiting.say("wang", f"补发 {tail('k6')}")
    assert (await waiting.reply("yun", "预算 join-hook")).split("\n")[1:3] == [
        "投放 100.00，已发出 100.00，已领取 0.00，已退回 87.36",
        "还能发 0.00 元",
    ]


async def test_budget_before_anything_was_given(bank: Any) -> None:
    assert await bank.reply("wang", "预算") == (
        "还没有用过预算：抽奖活动开启、游戏发奖之后这里才有数字。"
    )


async def test_answers_about_members_go_to_the_sender_alone(waiting: Any) -> None:
    answers = await waiting.say("wang", "名单 join-hook", "wr01")
    assert [whom for whom, _ in answers] == ["wang", "group"]
    assert answers[1] == ("group", "“名单”的结果已私信给您。")
