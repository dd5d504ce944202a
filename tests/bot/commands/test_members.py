"""查, 标签, 去标签, 沉默, 活跃, 周报: members are shown whole to their own RM only."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.member_card import sparkline
from storage import (
    activity,
    consent,
    corp_tags,
    customers,
    follow_ups,
    outbox,
    privacy,
    relations,
    standings,
    tags,
)
from storage.activity import Action
from tests.prize_deeds import award

PRIVATE = "”的结果已私信给您。"


@pytest.fixture
async def members(bank_anywhere: Any) -> Any:
    """王芳 in both of Li's groups, 王小芳 and 赵敏 in the first."""
    bank = bank_anywhere
    await bank.arrive("wealth-01", "wm1", "王芳", 20)
    await bank.arrive("wealth-02", "wm1", "王芳", 3)
    await bank.arrive("wealth-01", "wm2", "王小芳", 20)
    await bank.arrive("wealth-01", "wm3", "赵敏", 0)
    return bank


def said(community: str, member: str, at: Any, times: int = 1) -> list[Action]:
    return [Action(community, member, "message", at, at.date()) for _ in range(times)]


async def test_card_names_the_colleague_who_invited(members: Any) -> None:
    await members.write(customers.invited_by, "wealth-01", {"wm1": "li"})
    await members.write(customers.invited_by, "wealth-02", {"wm1": "zhaoWhoLeft"})
    ((_, answer),) = await members.say("li", "查 王芳")
    assert answer.split("\n")[1:3] == [
        "财富一群：11 月 4 日入群（20 天），由李静邀请",
        "财富二群：11 月 21 日入群（3 天），由 zhaoWhoLeft 邀请",
    ]


async def test_show_member(members: Any) -> None:
    now = members.clock.now()
    await members.write(activity.count, said("wealth-01", "wm1", now - timedelta(days=1)))
    await members.say("li", "标签 王芳 关注基金")
    won = {"source": "pool/tuesday-games", "prize": "掷骰子奖励", "now": now}
    await award(members, "game/1/wm1", "wm1", 588, payable_on=date(2026, 12, 1), **won)
    answer = (
        "**王芳**\n"
        "财富一群：11 月 4 日入群（20 天）\n"
        "财富二群：11 月 21 日入群（3 天）\n"
        "活跃：▁▁▁▁▁▁▁█ 近 8 周 1 次，最近 11 月 23 日 12:00\n"
        "标签\n"
        "· 关注基金　李静手动添加（李静，11 月 24 日起）\n"
        "奖品：1 份，共 5.88 元\n"
        "· 掷骰子奖励 5.88 元，预计 12 月 1 日发放\n"
        "好友：还没有加客户经理\n"
        "活动须知：还没有同意"
    )
    assert await members.say("li", "查 王芳") == [("li", answer)]
    assert await members.say("li", "show wm1") == [("li", answer)]
    assert (await members.audited())[-1] == ("li", "查", "wm1", "")


async def test_show_in_group_goes_to_the_sender_alone(members: Any) -> None:
    answer = (
        "**赵敏**\n财富一群：11 月 24 日入群（今天）\n活跃：还没有参与过\n标签：还没有\n"
        "奖品：还没有\n好友：还没有加客户经理\n活动须知：还没有同意"
    )
    assert await members.say("li", "查 赵敏", "wr01") == [
        ("li", answer),
        ("group", f"“查{PRIVATE}"),
    ]


async def test_show_unclear_name_in_group_names_nobody_there(members: Any) -> None:
    assert await members.say("li", "查 芳", "wr01") == [
        ("li", "1. 王小芳（财富一群，11 月 4 日入群）\n2. 王芳（财富一群，11 月 4 日入群）"),
        ("group", f"“查{PRIVATE}"),
    ]


async def test_show_equal_names_are_told_apart_by_buttons(members: Any) -> None:
    await members.arrive("wealth-02", "wm4", "王芳", 9)
    await members.say("li", "查 王芳")
    (row,) = await members.write(outbox.listing, None, 1)
    assert row.body["card"]["title"] == "叫“王芳”的有 2 位，看哪一位？"
    assert row.body["card"]["text"] == (
        "1. 王芳（财富一群，11 月 4 日入群；财富二群，11 月 21 日入群）\n"
        "2. 王芳（财富二群，11 月 15 日入群）"
    )
    assert row.body["card"]["buttons"] == [
        {"text": "1 王芳", "key": "member|wm1"},
        {"text": "2 王芳", "key": "member|wm4"},
    ]
    settled, (to, card) = await members.press("li", "member|wm4")
    assert (settled, to, card.split("\n")[:2]) == (
        ("li", "请看下面"),
        "li",
        ["**王芳**", "财富二群：11 月 15 日入群（9 天）"],
    )
    assert (await members.audited())[-1] == ("li", "查", "wm4", "")


async def test_show_button_only_for_who_may_ask(members: Any) -> None:
    unseen = "没有找到“wm1”。只能查目前在群里的成员，可以只写名字的一部分。"
    assert await members.press("chen", "member|wm1") == [("chen", "请看下面"), ("chen", unseen)]
    assert await members.press("shen", "member|wm1") == [
        ("shen", "请看下面"),
        ("shen", "“查”只有客户经理、运营、主管可以用。"),
    ]
    assert await members.press("wm2", "member|wm1") == [("wm2", "您没有权限")]


async def test_show_more_than_six_of_one_name(members: Any) -> None:
    for number in range(5, 13):
        await members.arrive("wealth-01", f"wm{number:02}", f"王芳{number}", 1)
    assert (await members.reply("li", "查 王芳 财富一群")).startswith("**王芳**\n")
    (_, listed), _ = await members.say("li", "查 芳 财富一群")  # too long for the card alone
    assert listed.split("\n")[-2:] == [
        "6. 王芳5（财富一群，11 月 23 日入群）",
        "还有更多，请把名字写全，或者加上社群名。",
    ]
    (row,) = await members.write(outbox.listing, None, 1)
    assert row.body["card"]["title"] == "叫“芳”的不止 6 位，看哪一位？"
    assert [one["text"] for one in row.body["card"]["buttons"]][-1] == "6 王芳5"


async def test_show_everything_there_is(members: Any) -> None:
    now = members.clock.now()

    def happen(tx: Any) -> None:
        stands = standings.StandingRow(
            *("wealth-01", "wm3", "growing", date(2026, 11, 20), 5, 3, 4, "active"),
            *(date(2026, 11, 24), date(2026, 11, 23), 4, 11, date(2026, 11, 24)),
        )
        standings.keep(tx, stands, "", "")
        for weeks, times in ((7, 1), (3, 8), (1, 4)):
            activity.count(tx, said("wealth-01", "wm3", now - timedelta(weeks=weeks), times))
        relations.begin(tx, "li", "wm3", "outbound-call", now - timedelta(days=2))
        relations.begin(tx, "chen", "wm3", "", now, half=True)
        consent.say(tx, "wm3", "v1", True, now)
        privacy.opt_out(tx, "wm3", now)
        privacy.ask_erasure(tx, "wm3", "wealth-01", now)
        for number, days in ((1, -1), (2, 3)):
            follow_ups.add(
                tx,
                key=f"f{number}",
                community="wealth-01",
                member="wm3",
                staff="li",
                reason=f"原因{number}",
                due_at=now + timedelta(days=days),
                now=now,
            )

    await members.write(happen)
    assert await members.reply("li", "查 赵敏") == (
        "**赵敏**\n"
        "财富一群：11 月 24 日入群（今天）\n"
        "> 成长成员，活跃客户：入群 0 天（不超过 30 天），最近 7 天里来过；"
        "最近一次活跃在 1 天前（R5）；28 天里有 4 天活跃（F3）；28 天里参与分 11（M4）\n"
        "活跃：▂▁▁▁█▁▅▁ 近 8 周 13 次，最近 11 月 17 日 12:00\n"
        "标签：还没有\n"
        "奖品：还没有\n"
        "跟进：2 件没办完\n"
        "· 2 号　原因2（李静，11 月 27 日前）\n"
        "· 1 号　原因1（李静，11 月 23 日前，已过期）\n"
        "好友：李静（11 月 22 日）、陈明（11 月 24 日，对方还没通过）\n"
        "渠道：电话外呼\n"
        "活动须知：11 月 24 日同意\n"
        "统计：11 月 24 日退出，不统计活跃、不按活跃挑选\n"
        "资料：11 月 24 日申请删除，等待办理"
    )


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ([0, 0, 0], "▁▁▁"),
        ([1, 0, 0], "█▁▁"),
        ([1, 2, 4, 8], "▂▃▅█"),
        ([100, 1, 99], "█▂█"),
    ],
)
def test_sparkline(counts: list[int], line: str) -> None:
    assert sparkline(counts) == line


async def test_two_of_one_name_in_one_group_are_told_apart_by_when_they_came(bank: Any) -> None:
    await bank.arrive("wealth-01", "wm1", "王芳", 40)
    await bank.arrive("wealth-01", "wm2", "王芳", 20)
    await bank.arrive("wealth-02", "wm3", "王芳", 20)
    assert await bank.reply("li", "标签 王芳 高意向") == (
        "名字里有“王芳”的成员不止一位，请写明是哪一位：\n"
        "王芳（财富一群，10 月 15 日入群）：标签 wm1 高意向\n"
        "王芳（财富一群，11 月 4 日入群）：标签 wm2 高意向\n"
        "王芳（财富二群）：标签 wm3 高意向"
    )


async def test_ranking(members: Any) -> None:
    await members.write(activity.count, said("wealth-01", "wm2", members.clock.now()))
    assert await members.reply("li", "排行 积分") == (
        "**排行**\n\n财富一群：没有积分计划。\n\n财富二群：没有积分计划。"
    )
    assert await members.reply("li", "排行 活跃 财富一群") == (
        "**排行**\n\n财富一群\n1. 王小芳　1 天，1 次"
    )
    assert (await members.reply("li", "排行 身高")).split("\n")[0] == (
        "没有看懂“身高”，排行可以写：积分、活跃。"
    )


@pytest.mark.parametrize(
    ("sender", "line", "answer"),
    [
        ("li", "查 李四", "没有找到“李四”。只能查目前在群里的成员，可以只写名字的一部分。"),
        ("chen", "查 王芳", "没有找到“王芳”。只能查目前在群里的成员，可以只写名字的一部分。"),
        ("chen", "查 wm1", "没有找到“wm1”。只能查目前在群里的成员，可以只写名字的一部分。"),
        (
            "li",
            "为什么 小满",
            "没有找到“小满”。只能查目前在群里的成员，可以只写名字的一部分。\n"
            "> 要问某一步为什么没发、改了时间，请发：本周",
        ),
        ("li", "为什么 王小芳 沉睡", "王小芳还没有标签。"),
        ("li", "查", "请写成员的名字。\n用法：查 成员〔社群〕\n例：查 王芳"),
        (
            "wang",
            "查 赵敏",
            "**赵＊＊**\n财富一群：11 月 24 日入群（今天）\n活跃：还没有参与过\n标签：还没有\n"
            "奖品：还没有\n好友：还没有加客户经理\n活动须知：还没有同意",
        ),
        (
            "li",
            "标签",
            "请先写成员，再写标签。\n用法：标签 成员〔标签〕〔社群〕\n例：标签 王芳 关注基金",
        ),
        (
            "li",
            "标签 芳 高意向",
            "名字里有“芳”的成员不止一位，请写明是哪一位：\n"
            "王小芳（财富一群）：标签 wm2 高意向\n"
            "王芳（财富一群、财富二群）：标签 wm1 高意向",
        ),
        ("li", "去标签 王芳 基金", "王芳没有标签“基金”。目前一个标签也没有。"),
    ],
)
async def test_answers(members: Any, sender: str, line: str, answer: str) -> None:
    assert await members.reply(sender, line) == answer


async def test_tag_untag_and_undo(members: Any) -> None:
    lines = ["标签 王芳 关注基金", "tag 王芳 关注基金", "untag 王芳 关注基金", "撤销", "撤销"]
    assert [await members.reply("li", line) for line in lines] == [
        "🏷 已给王芳加上标签“关注基金”。\n> 反悔请发：撤销",
        "王芳已经有标签“关注基金”了。",
        "🏷 已去掉王芳的标签“关注基金”。\n> 反悔请发：撤销",
        "↩️ 已撤销今天 12:00 的“去标签”（关注基金）。",
        "↩️ 已撤销今天 12:00 的“标签”（关注基金）。",
    ]
    assert await members.reply("li", "去标签 王芳 关注基金") == (
        "王芳没有标签“关注基金”。目前一个标签也没有。"
    )


async def test_labels_with_their_reasons(members: Any) -> None:
    assert await members.reply("li", "标签 王芳") == "王芳还没有标签。"
    await members.reply("li", "标签 王芳 老朋友")
    now = members.clock.now()
    await members.write(
        lambda tx: tags.add(
            tx,
            "wm1",
            "沉睡预警",
            "rule:沉睡预警",
            "14 天没有参与：15 天没有活跃行为（至少 14 天），2026-11-24",
            now,
            source="rule",
            expires_on=date(2027, 2, 22),
        )
    )
    await members.write(
        lambda tx: tags.add(tx, "wm1", "金卡", "chen", corp_tags.BY_HAND, now, source="wecom")
    )
    await members.write(lambda tx: tags.add(tx, "wm1", "爱学习", "w/s", "问卷", now, source="step"))
    await members.write(lambda tx: relations.begin(tx, "li", "wm1", "", now))
    await members.write(lambda tx: corp_tags.owe(tx, "wm1", "老朋友", now, add=True))
    await members.write(
        lambda tx: corp_tags.give_up(tx, corp_tags.pushes_of(tx, "wm1"), "failed", "标签已满")
    )
    assert await members.reply("li", "标签 王芳") == (
        "**王芳**的标签\n"
        "· 老朋友　李静手动添加（李静，11 月 24 日起）\n"
        "> 还没写进企业微信：标签已满\n"
        "· 沉睡预警　14 天没有参与：15 天没有活跃行为（至少 14 天），2026-11-24"
        "（标签规则，11 月 24 日起，到 2 月 22 日）\n"
        "· 金卡　在企业微信里手动添加（陈明在企业微信里，11 月 24 日起）\n"
        "· 爱学习　问卷（计划步骤，11 月 24 日起）"
    )


async def test_silent(members: Any) -> None:
    await members.write(activity.count, said("wealth-01", "wm2", members.clock.now()))
    assert await members.reply("li", "沉默") == (
        "**沉默成员　14 天没有任何动静**\n"
        "\n"
        "财富一群：1 位（共 3 位）\n"
        "王芳\n"
        "> 👉 从最早入群的排起，看详情请发：查 名字\n"
        "\n"
        "财富二群：没有沉默成员（共 1 位）。"
    )
    assert await members.reply("wang", "silent 财富一群") == (
        "**沉默成员　14 天没有任何动静**\n"
        "\n"
        "财富一群：1 位（共 3 位）\n"
        "王＊＊\n"
        "> 👉 从最早入群的排起，看详情请发：查 名字"
    )


async def test_active(members: Any) -> None:
    now = members.clock.now()
    await members.write(activity.count, said("wealth-01", "wm1", now, 5))
    await members.write(activity.count, said("wealth-01", "wm2", now - timedelta(days=1)))
    await members.write(activity.count, said("wealth-01", "wm2", now))
    assert await members.reply("li", "活跃") == (
        "**活跃成员　最近 7 天**\n"
        "\n"
        "财富一群\n"
        "1. 王小芳　2 天，2 次\n"
        "2. 王芳　1 天，5 次\n"
        "\n"
        "财富二群：还没有人参与。"
    )


@pytest.mark.parametrize(
    ("line", "week"),
    [
        ("周报", "2026 年第 47 周（11 月 16 日至 11 月 22 日）"),
        ("周报 上周", "2026 年第 47 周（11 月 16 日至 11 月 22 日）"),
        ("report 本周", "2026 年第 48 周（11 月 23 日至 11 月 29 日）"),
        ("周报 ２０２６-w40", "2026 年第 40 周（9 月 28 日至 10 月 4 日）"),
    ],
)
async def test_report_of_a_week(bank: Any, line: str, week: str) -> None:
    head, date_line, *_ = (await bank.reply("li", f"{line} 财富一群")).split("\n")
    assert (head, date_line) == (
        "## 财富一群 · 周报",
        f'<font color="comment">{week}</font>',
    )


USAGE_REPORT = "\n用法：周报〔上周 或 本周 或 2026-W47〕〔社群〕，不写就是上周\n例：周报 上周"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("周报 下周", "没有看懂“下周”。请写 上周、本周，或者 2026-W47 这样的周号。" + USAGE_REPORT),
        ("周报 2026-W49", "这一周还没有开始。" + USAGE_REPORT),
        ("周报 上周 本周", "没有看懂“上周 本周”。" + USAGE_REPORT),
    ],
)
async def test_report_wrong_week(bank: Any, line: str, answer: str) -> None:
    assert await bank.reply("li", line) == answer


async def test_report_in_group_goes_to_the_sender_alone(bank: Any) -> None:
    answers = await bank.say("li", "周报", "wr01")
    assert [to for to, _ in answers] == ["li", "group"]
    assert answers[1] == ("group", f"“周报{PRIVATE}")
