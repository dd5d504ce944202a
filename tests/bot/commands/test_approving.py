"""批准: what waits, for exactly which sum, by whom."""

from dataclasses import replace
from typing import Any

from sop.community import Role, Staff
from storage.types import order_number
from tests.prize_deeds import HOOK, buttons, press, statuses, tail, win

STAFF_LI = Staff("li", "李静", frozenset({Role.RM}), frozenset({"wealth-01", "wealth-02"}))


LISTED = f"""**待批准的奖励**
· 入群见面礼：2 笔，10.76 元　批准请发：批准 入群见面礼 10.76
· 周二游戏奖池：1 笔，5.00 元　批准请发：批准 周二游戏奖池 5.00
⚠️ 1 笔要逐笔看：
· 张＊＊　入群见面礼·见面红包 1.88 元　批准请发：批准 {tail("k3")} 1.88
> 已退群：到期时不在群里
> 批量进群：进群前 10 分钟里有 40 人进群"""


async def test_what_waits_is_listed_with_a_card_for_each_bundle(waiting: Any) -> None:
    assert await waiting.say("wang", "批准") == [
        ("wang", LISTED),
        ("wang", "2 笔，共 10.76 元。按下即批准，不能撤销。"),
        ("wang", "1 笔，共 5.00 元。按下即批准，不能撤销。"),
    ]


async def test_nothing_waits(bank: Any) -> None:
    assert await bank.reply("wang", "批准") == "✅ 没有等待批准的奖励。"


async def test_bundle_is_approved_for_exactly_its_sum(waiting: Any) -> None:
    wrong = await waiting.reply("wang", "批准 入群见面礼 10.75")
    assert wrong == (
        "金额对不上，没有批准：名单上是 2 笔 10.76 元，您写的是 10.75 元。\n> 请重新看：批准"
    )
    done = await waiting.reply("wang", "批准 入群见面礼 10.76元")
    assert done == "✅ 已批准 2 笔，共 10.76 元。批准不能撤销。"
    assert await statuses(waiting) == [
        ("k1", "approved"),
        ("k2", "approved"),
        ("k3", "due"),
        ("k4", "due"),
    ]
    assert (await waiting.audited())[-1] == ("wang", "批准发奖", HOOK, "2 笔，10.76 元")


async def test_flagged_payout_is_approved_alone(waiting: Any) -> None:
    done = await waiting.reply("wang", f"批准 {tail('k3')} 1.88")
    assert done == "✅ 已批准 1 笔，共 1.88 元。批准不能撤销。"
    assert (await statuses(waiting))[2] == ("k3", "approved")
    again = await waiting.reply("wang", f"批准 {tail('k3')} 1.88")
    assert again == "这一笔现在是“已批准”，不用批准。"


DUE = [
    ("k1", "王", "见面红包 8.88"),
    ("k2", "李", "见面红包 1.88"),
    ("k3", "张", "见面红包 1.88"),
    ("k4", "王", "骰子红包 5.00"),
]


WRONG = {
    "批准 join-hook": "请写要批准的金额，和名单上的一样才会批准。",
    "批准 join-hook 一百": "看不懂金额“一百”，请写成 22.56。",
    "批准 join-hook 1.234": "看不懂金额“1.234”，请写成 22.56。",
    "批准 join-hook -10.76": "看不懂金额“-10.76”，请写成 22.56。",
    "批准 没有 1.88": (
        "没有找到“没有”：请写活动名，或者奖励单号的后几位，至少写 4 位。现在可以写："
        "入群见面礼（2 笔 10.76 元）、周二游戏奖池（1 笔 5.00 元）、"
        f"{tail('k3')}（张＊＊，见面红包 1.88 元）。"
    ),
    "驳回 D013": "请写单号和理由，中奖人会看到理由。",
    "驳回 ZZZZZ 重复": (
        "没有找到“ZZZZZ”：请写奖励单号的后几位。现在可以写："
        + "、".join(
            f"{tail(key)}（{name}＊＊，{prize} 元）"
            for key, name, prize in sorted(DUE, key=lambda one: order_number(one[0]))
        )
        + "。"
    ),
    "补发 ZZZZZ": "没有找到“ZZZZZ”：请写奖励单号的后几位。现在一笔也没有。",
    "补发": "请写单号，在“名单”里可以看到。",
    "名单": "**名单**　看谁中了奖，请写活动名：",
}


async def test_line_that_is_wrong_changes_nothing(waiting: Any) -> None:
    said = {line: (await waiting.reply("wang", line)).split("\n")[0] for line in WRONG}
    assert said == WRONG
    assert {status for _, status in await statuses(waiting)} == {"due"}


async def test_concerned_person_does_not_approve(waiting: Any) -> None:
    both = replace(STAFF_LI, roles=STAFF_LI.roles | {Role.MANAGER})
    settings = waiting.due.settings
    waiting.due = replace(
        waiting.due, settings=replace(settings, staff={**settings.staff, "li": both})
    )
    assert await waiting.reply("li", "批准") == (
        "**待批准的奖励**\n另有 4 笔（17.64 元）与您有关，要由另一位主管批准"
    )
    refused = await waiting.reply("li", f"批准 {tail('k1')} 8.88")
    assert refused == "这一笔与您有关，要由另一位主管批准。"
    waiting.due = replace(
        waiting.due, settings=replace(waiting.due.settings, approve_above_fen=500)
    )
    listed = await waiting.reply("li", f"批准 {tail('k3')} 1.88")
    assert listed == "✅ 已批准 1 笔，共 1.88 元。批准不能撤销。"
    refused = await waiting.reply("li", f"批准 {tail('k1')} 8.88")
    assert refused == "这一笔与您有关，要由另一位主管批准。"


async def test_button_approves_what_its_card_showed(waiting: Any) -> None:
    await waiting.say("wang", "批准")
    key, _ = await buttons(waiting)
    assert await press(waiting, "admin", key) == [("admin", "已批准 10.76 元")]
    assert (await statuses(waiting))[:2] == [("k1", "approved"), ("k2", "approved")]
    assert await press(waiting, "wang", key) == [("wang", "已没有待批准的")]


async def test_button_of_a_list_that_changed_does_nothing(waiting: Any) -> None:
    await waiting.say("wang", "批准")
    key, _ = await buttons(waiting)
    await win(waiting, "k5", "wm2", 188)
    assert await press(waiting, "wang", key) == [("wang", "名单已变，请重新发“批准”")]
    assert (await statuses(waiting))[0] == ("k1", "due")


UNFIT = {
    ("li", "approve|join-hook|0123456789abcdef"): "您没有权限",
    ("stranger", "approve|join-hook|0123456789abcdef"): "您没有权限",
    ("wang", "approve|join-hook|0123456789abcdef"): "名单已变，请重新发“批准”",
    ("wang", "approve|nothing|0123456789abcdef"): "已没有待批准的",
    ("wang", "handout|QY0"): "按钮已失效",
    ("wang", "burn|QY0"): "按钮已失效",
}


async def test_button_that_does_not_fit_changes_nothing(waiting: Any) -> None:
    told = {one: await press(waiting, one[0], f"payout|{one[1]}") for one in UNFIT}
    assert told == {one: [(one[0], answer)] for one, answer in UNFIT.items()}
    assert {status for _, status in await statuses(waiting)} == {"due"}
