"""驳回 补发: a prize is refused, and given once more."""

from typing import Any

from storage import books, payout_rows
from storage.types import order_number
from tests.prize_deeds import tail, win


async def test_rejected_prize_returns_its_money_and_the_group_reads_no_reason(waiting: Any) -> None:
    answer = await waiting.reply("wang", f"驳回 {tail('k3')} 同一个人的 几个账号")
    assert answer == (
        f"↩️ 已驳回 张＊＊的“见面红包”，1.88 元回到预算。\n> 反悔请发：补发 {tail('k3')}"
    )
    mine = await waiting.say("wm3", "我的奖品", "wr01")
    assert mine == [
        (
            "group",
            "🎁 您一共有 1 份奖品，合计 1.88 元\n"
            "11 月 17 日　见面红包 1.88 元，"
            "没有通过核对，有疑问请联系客户经理",
        )
    ]
    again = await waiting.reply("wang", f"驳回 {tail('k3')} 再来")
    assert again == "这一笔现在是“已驳回”，不能驳回。"
    assert await waiting.write(books.wrong) == []


async def test_prize_given_once_more_needs_another_person(waiting: Any) -> None:
    await waiting.say("wang", f"驳回 {tail('k3')} 看错了")
    number = order_number(f"reissue/{order_number('k3')}")
    new = number[-4:]
    told = (
        f"🔁 王强申请补发：见面红包 1.88 元（原单 {tail('k3')}，看错了），理由：确实是本人\n"
        f"> 批准请发：批准 {new} 1.88"
    )
    assert await waiting.say("wang", f"补发 {tail('k3')} 确实是本人") == [
        ("admin", told),
        ("wang", "🔁 已申请补发，等另一位主管或管理员批准。没批准前可以撤销。"),
    ]
    own = await waiting.reply("wang", f"批准 {new} 1.88")
    assert own == "这一笔与您有关，要由另一位主管批准。"
    twice = await waiting.reply("wang", f"补发 {tail('k3')}")
    assert twice == f"这一笔已经补发过了，新的单号是 {new}。"
    done = await waiting.reply("admin", f"批准 {new} 1.88")
    assert done == "✅ 已批准 1 笔，共 1.88 元。批准不能撤销。"
    late = await waiting.reply("wang", "撤销")
    assert late == ("今天 12:00 的“补发”（确实是本人）已经撤销不了：这一笔已经有人批准或驳回。")
    assert await waiting.write(books.wrong) == []


async def test_request_to_give_once_more_can_be_taken_back(waiting: Any) -> None:
    await waiting.say("wang", f"驳回 {tail('k3')} 看错了")
    await waiting.say("wang", f"补发 {tail('k3')}")
    assert await waiting.reply("wang", "撤销") == "↩️ 已撤销今天 12:00 的“补发”。"
    row = await waiting.write(payout_rows.get, order_number(f"reissue/{order_number('k3')}"))
    assert (row.status, row.reason) == ("rejected", "补发申请已撤回")


async def test_manager_of_another_group_cannot_ask_for_it(waiting: Any) -> None:
    await waiting.say("wang", f"驳回 {tail('k3')} 看错了")
    assert await waiting.reply("chen", f"补发 {tail('k3')}") == "这份奖品不在您负责的社群。"
    assert await waiting.reply("li", f"补发 {tail('k1')}") == "这一笔现在是“待批准”，不用补发。"


async def test_nothing_is_given_once_more_beyond_the_budget(waiting: Any) -> None:
    await waiting.say("wang", f"驳回 {tail('k1')} 看错了")
    await win(waiting, "k6", "wm2", 9_000)
    assert await waiting.reply("li", f"补发 {tail('k1')}") == (
        "预算不够补发：还剩 6.24 元，要 8.88 元。"
    )


async def test_what_can_be_given_once_more_is_listed_to_who_may_ask(waiting: Any) -> None:
    await waiting.say("wang", f"驳回 {tail('k3')} 看错了")
    said = await waiting.reply("li", "补发 ZZZZ")
    assert said.split("\n")[0].endswith(f"现在可以写：{tail('k3')}（张三，见面红包 1.88 元）。")
    said = await waiting.reply("chen", "补发 ZZZZ")
    assert said.split("\n")[0].endswith("现在一笔也没有。")
