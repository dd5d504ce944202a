"""查, 标签, 去标签, 沉默, 活跃, 周报: members are shown whole to their own RM only."""

from datetime import date, timedelta
from typing import Any

import pytest

from storage import activity, money
from storage.activity import Action

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


async def test_show_member(members: Any) -> None:
    now = members.clock.now()
    await members.write(activity.count, said("wealth-01", "wm1", now - timedelta(days=1)))
    await members.say("li", "标签 王芳 关注基金")
    await members.write(
        lambda tx: money.award(
            tx,
            key="game/1/wm1",
            source="pool/tuesday-games",
            budget_fen=10_000,
            community="wealth-01",
            member="wm1",
            prize="掷骰子奖励",
            amount_fen=588,
            payable_on=date(2026, 12, 1),
            now=now,
        )
    )
    answer = (
        "**王芳**\n"
        "财富一群：11 月 4 日入群（20 天）\n"
        "财富二群：11 月 21 日入群（3 天）\n"
        "最近活跃：11 月 23 日 12:00\n"
        "标签：关注基金（李静手动添加）\n"
        "奖品：1 份，共 5.88 元\n"
        "· 掷骰子奖励 5.88 元，预计 12 月 1 日发放"
    )
    assert await members.say("li", "查 王芳") == [("li", answer)]
    assert await members.say("li", "show wm1") == [("li", answer)]
    assert (await members.audited())[-1] == ("li", "查", "wm1", "")


async def test_show_in_group_goes_to_the_sender_alone(members: Any) -> None:
    answer = (
        "**赵敏**\n财富一群：11 月 24 日入群（今天）\n最近活跃：还没有\n标签：还没有\n奖品：还没有"
    )
    assert await members.say("li", "查 赵敏", "wr01") == [
        ("li", answer),
        ("group", f"“查{PRIVATE}"),
    ]


async def test_show_unclear_name_in_group_names_nobody_there(members: Any) -> None:
    assert await members.say("li", "查 芳", "wr01") == [
        (
            "li",
            "名字里有“芳”的成员不止一位，请写明是哪一位：\n"
            "王小芳（财富一群）：查 wm2\n"
            "王芳（财富一群）：查 wm1",
        ),
        ("group", f"“查{PRIVATE}"),
    ]


@pytest.mark.parametrize(
    ("sender", "line", "answer"),
    [
        ("li", "查 李四", "没有找到“李四”。只能查目前在群里的成员，可以只写名字的一部分。"),
        ("chen", "查 王芳", "没有找到“王芳”。只能查目前在群里的成员，可以只写名字的一部分。"),
        ("chen", "查 wm1", "没有找到“wm1”。只能查目前在群里的成员，可以只写名字的一部分。"),
        ("li", "查", "请写成员的名字。\n用法：查 成员〔社群〕\n例：查 王芳"),
        (
            "wang",
            "查 赵敏",
            "**赵＊＊**\n财富一群：11 月 24 日入群（今天）\n"
            "最近活跃：还没有\n标签：还没有\n奖品：还没有",
        ),
        (
            "li",
            "标签 王芳",
            "请先写成员，再写标签。\n用法：标签 成员 标签〔社群〕\n例：标签 王芳 关注基金",
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
