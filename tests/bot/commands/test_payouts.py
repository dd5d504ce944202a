"""批准 驳回 补发 核销 预算 名单: whole answers, and what each does to the money."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.wecom.events_json import kind_of, to_json
from sop.community import Role, Staff
from sop.events import Pressed, ReplyTo
from storage import books, coupons, inbox, money, outbox, payout_rows, payouts, reconciliations
from storage.reconciliations import ReconciliationRow
from storage.types import order_number

HOOK = "join-hook"
TODAY = date(2026, 11, 24)
STAFF_LI = Staff("li", "李静", frozenset({Role.RM}), frozenset({"wealth-01", "wealth-02"}))


async def win(bank: Any, key: str, member: str, fen: int, **more: Any) -> str:
    """A prize that is due: its order number."""
    given: dict[str, Any] = {
        "key": key,
        "source": HOOK,
        "budget_fen": 10_000,
        "community": "wealth-01",
        "member": member,
        "prize": "见面红包",
        "amount_fen": fen,
        "payable_on": TODAY,
        "now": bank.clock.now() - timedelta(days=7),
    }

    def work(tx: Any) -> str:
        number = money.award(tx, **(given | more)).order_no
        payouts.mature(tx, TODAY, bank.clock.now())
        return number

    number: str = await bank.write(work)
    return number


@pytest.fixture
async def waiting(bank: Any) -> Any:
    """Three prizes of the hook and one of a pool wait; one of them is suspicious."""
    for number, name in enumerate(("王小明", "李四", "张三"), start=1):
        await bank.arrive("wealth-01", f"wm{number}", name, 10)
    await win(bank, "k1", "wm1", 888)
    await win(bank, "k2", "wm2", 188)
    flagged = await win(bank, "k3", "wm3", 188)
    why = "已退群：到期时不在群里\n批量进群：进群前 10 分钟里有 40 人进群"
    await bank.write(payouts.flag, flagged, why)
    await win(bank, "k4", "wm1", 500, source="pool/tuesday-games", prize="骰子红包")
    return bank


async def press(bank: Any, sender: str, key: str) -> list[tuple[str, str]]:
    to = ReplyTo("card_update", {"response_code": "c", "user": sender})
    event = Pressed(bank.clock.now(), sender, "t", key, to)
    row = inbox.NewEvent(
        f"pressed/{key}/{sender}", sender, kind_of(event), to_json(event), event.at
    )
    await bank.write(inbox.add, [row])
    assert await bank.dispatcher.step() == 1
    owed: list[tuple[str, str]] = await bank.owed()
    return owed


async def statuses(bank: Any) -> list[tuple[str, str | None]]:
    rows = await bank.write(payout_rows.listing)
    by_key = {order_number(f"k{n}"): f"k{n}" for n in range(1, 9)}
    return sorted((by_key[row.order_no], row.status) for row in rows if row.order_no in by_key)


def tail(key: str) -> str:
    return order_number(key)[-4:]


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
WRONG = [
    ("批准 join-hook", "请写要批准的金额，和名单上的一样才会批准。"),
    ("批准 join-hook 一百", "看不懂金额“一百”，请写成 22.56。"),
    ("批准 join-hook 1.234", "看不懂金额“1.234”，请写成 22.56。"),
    ("批准 join-hook -10.76", "看不懂金额“-10.76”，请写成 22.56。"),
    (
        "批准 没有 1.88",
        "没有找到“没有”：请写活动名，或者奖励单号的后几位，至少写 4 位。现在可以写："
        "入群见面礼（2 笔 10.76 元）、周二游戏奖池（1 笔 5.00 元）、"
        f"{tail('k3')}（张＊＊，见面红包 1.88 元）。",
    ),
    ("驳回 D013", "请写单号和理由，中奖人会看到理由。"),
    (
        "驳回 ZZZZZ 重复",
        "没有找到“ZZZZZ”：请写奖励单号的后几位。现在可以写："
        + "、".join(
            f"{tail(key)}（{name}＊＊，{prize} 元）"
            for key, name, prize in sorted(DUE, key=lambda one: order_number(one[0]))
        )
        + "。",
    ),
    ("补发 ZZZZZ", "没有找到“ZZZZZ”：请写奖励单号的后几位。现在一笔也没有。"),
    ("补发", "请写单号，在“名单”里可以看到。"),
    ("名单", "**名单**　看谁中了奖，请写活动名："),
]


@pytest.mark.parametrize(("line", "answer"), WRONG)
async def test_line_that_is_wrong_changes_nothing(waiting: Any, line: str, answer: str) -> None:
    said = await waiting.reply("wang", line)
    assert said.split("\n")[0] == answer
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


async def buttons(bank: Any) -> list[str]:
    rows = sorted(await bank.write(outbox.listing, None, 100), key=lambda row: row.id)
    cards = [row.body["card"] for row in rows if "card" in row.body]
    return [button["key"] for card in cards for button in card["buttons"]]


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


@pytest.mark.parametrize(
    ("sender", "key", "answer"),
    [
        ("li", "payout|approve|join-hook|0123456789abcdef", "您没有权限"),
        ("stranger", "payout|approve|join-hook|0123456789abcdef", "您没有权限"),
        ("wang", "payout|approve|join-hook|0123456789abcdef", "名单已变，请重新发“批准”"),
        ("wang", "payout|approve|nothing|0123456789abcdef", "已没有待批准的"),
        ("wang", "payout|handout|QY0", "按钮已失效"),
        ("wang", "payout|burn|QY0", "按钮已失效"),
    ],
)
async def test_button_that_does_not_fit(waiting: Any, sender: str, key: str, answer: str) -> None:
    assert await press(waiting, sender, key) == [(sender, answer)]
    assert {status for _, status in await statuses(waiting)} == {"due"}


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


@pytest.fixture
async def umbrella(bank: Any) -> str:
    """A gift that can be picked up: its code."""
    await bank.arrive("wealth-01", "wm1", "王小明", 10)
    more = {"kind": "gift", "claim_by": date(2026, 12, 24), "prize": "雨伞"}
    number = await win(bank, "k7", "wm1", 3000, **more)
    await bank.write(payouts.approve, number, 3000, "wang", bank.clock.now())
    row = await bank.write(payout_rows.get, number)
    return str(row.code)


ASKED = "王小明的“雨伞”。\n请核对本人后再核销，核销不能撤销。"


async def test_gift_is_handed_out_once_after_a_look(bank: Any, umbrella: str) -> None:
    shown = f"{umbrella[:5]}-{umbrella[5:]}"
    assert await bank.say("li", f"核销 {shown.lower()}") == [
        ("li", ASKED),
        ("li", f"{ASKED}\n> 或发：核销 {shown} 确认"),
    ]
    (key,) = await buttons(bank)
    assert await press(bank, "chen", key) == [("chen", "这份奖品不在您负责的社群")]
    assert await press(bank, "li", key) == [("li", "已核销")]
    assert await press(bank, "yun", key) == [("yun", "“雨伞”已经核销过了")]
    again = await bank.reply("li", f"核销 {umbrella} 确认")
    assert again == "“雨伞”已经核销过了。"
    row = await bank.write(payout_rows.get, order_number("k7"))
    assert (row.status, row.receipt) == ("paid", "li")
    assert await bank.write(books.wrong) == []


async def test_gift_is_never_handed_out_without_a_look_at_whose_it_is(
    bank: Any, umbrella: str
) -> None:
    first = await bank.say("yun", f"核销 {umbrella} 确认")
    assert first[0] == ("yun", ASKED.replace("王小明", "王＊＊"))
    assert (await bank.write(payout_rows.get, order_number("k7"))).status == "approved"
    assert await bank.reply("yun", f"核销 {umbrella} 确认") == "✅ 已核销：王＊＊的“雨伞”。"


async def test_gift_without_its_code_is_not_handed_out(bank: Any, umbrella: str) -> None:
    number = order_number("k7")
    for typed in (number[-4:], number[-10:-5], number, umbrella[:9], f"{tail('k7')} 确认"):
        said = await bank.reply("yun", f"核销 {typed}")
        assert said.split("\n")[0] == (
            "领取码是 10 位字母和数字，在成员手上：请本人出示，或请本人发“领取”。"
        )
        assert umbrella not in said
    assert (await bank.write(payout_rows.get, number)).status == "approved"


async def test_wrong_pickup_codes_are_counted_and_stop_the_colleague(
    bank: Any, umbrella: str
) -> None:
    told = [await bank.reply("yun", f"核销 23456789A{n}") for n in "BCDEF"]
    assert told == [
        "没有这个领取码，请和成员手机上的再对一遍（一小时内还可以试 4 次）。",
        "没有这个领取码，请和成员手机上的再对一遍（一小时内还可以试 3 次）。",
        "没有这个领取码，请和成员手机上的再对一遍（一小时内还可以试 2 次）。",
        "没有这个领取码，请和成员手机上的再对一遍（一小时内还可以试 1 次）。",
        "没有这个领取码，请和成员手机上的再对一遍（一小时内不能再试了）。",
    ]
    assert await bank.audited() == [
        ("yun", "核销码不对", "", f"一小时内第 {n} 次") for n in range(1, 6)
    ]
    await bank.clock.advance(timedelta(minutes=20))
    stopped = await bank.reply("yun", f"核销 {umbrella}")
    assert stopped == "领取码输错了 5 次，请 40 分钟后再试。"
    assert (await bank.say("li", f"核销 {umbrella}"))[0] == ("li", ASKED)
    await bank.clock.advance(timedelta(minutes=40))
    later = await bank.say("yun", f"核销 {umbrella}")
    assert later[0] == ("yun", ASKED.replace("王小明", "王＊＊"))


@pytest.mark.parametrize(
    ("sender", "line", "answer"),
    [
        ("chen", "核销 {code}", "这份奖品不在您负责的社群。"),
        ("li", "核销", "请写成员出示的领取码。"),
    ],
)
async def test_gift_that_is_not_handed_out(
    bank: Any, umbrella: str, sender: str, line: str, answer: str
) -> None:
    said = await bank.reply(sender, line.format(code=umbrella))
    assert said.split("\n")[0] == answer


async def test_gift_without_approval_is_not_handed_out(bank: Any) -> None:
    number = await win(bank, "k7", "wm1", 3000, kind="gift", prize="雨伞")
    code = (await bank.write(payout_rows.get, number)).code
    assert await bank.reply("li", f"核销 {code}") == "“雨伞”还没有批准。"


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


async def test_what_can_be_given_once_more_is_listed_to_who_may_ask(waiting: Any) -> None:
    await waiting.say("wang", f"驳回 {tail('k3')} 看错了")
    said = await waiting.reply("li", "补发 ZZZZ")
    assert said.split("\n")[0].endswith(f"现在可以写：{tail('k3')}（张三，见面红包 1.88 元）。")
    said = await waiting.reply("chen", "补发 ZZZZ")
    assert said.split("\n")[0].endswith("现在一笔也没有。")


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
