"""Who may do what, where: every command for every sender, in a community of theirs and in one that
is not."""

from datetime import timedelta
from typing import Any

import pytest

from bot.commands import all_commands
from bot.said import STRANGER
from sop.community import Role

# 做 carried out (or told how to type it), 拒 not this role's, 外 not this community's,
# 无 no command at all. A command that names no community of its own says nothing of a foreign one:
# whose data it may touch is tested with the command.
SENDERS = ("li", "chen", "yun", "shen", "wang", "admin", "wm1", "nobody")
MATRIX = """
指令 自己的群 别人的群 运营 审核 主管 管理员 成员 外人
帮助 做 做 做 做 做 做 无 无
今日 做 外 做 做 做 做 无 无
本周 做 外 做 做 做 做 无 无
发送 做 外 做 拒 拒 拒 无 无
跳过 做 外 做 拒 拒 拒 无 无
推迟 做 外 做 拒 拒 拒 无 无
暂停 做 外 做 拒 做 拒 无 无
恢复 做 外 做 拒 做 拒 无 无
撤销 做 做 做 拒 做 拒 无 无
开局 做 外 做 拒 拒 拒 无 无
提示 做 外 做 拒 拒 拒 无 无
揭晓 做 外 做 拒 拒 拒 无 无
延时 做 外 做 拒 拒 拒 无 无
结束 做 外 做 拒 拒 拒 无 无
练习 做 做 做 拒 拒 拒 无 无
结束练习 做 做 做 拒 拒 拒 无 无
题库 做 外 做 拒 拒 拒 无 无
稿件 做 外 做 拒 拒 拒 无 无
采用 做 外 做 拒 拒 拒 无 无
不采用 做 外 做 拒 拒 拒 无 无
公示 做 外 做 拒 做 拒 无 无
开奖 做 外 做 拒 做 拒 无 无
验奖 做 做 做 拒 做 做 无 无
名单 做 外 做 拒 做 做 无 无
补发 做 做 做 拒 做 做 无 无
核销 做 做 做 拒 拒 拒 无 无
预算 拒 拒 做 拒 做 做 无 无
批准 拒 拒 拒 拒 做 做 无 无
驳回 拒 拒 拒 拒 做 做 无 无
查 做 外 做 拒 做 拒 无 无
标签 做 外 做 拒 拒 拒 无 无
去标签 做 外 做 拒 拒 拒 无 无
备注 做 外 拒 拒 拒 拒 无 无
沉默 做 外 做 拒 做 拒 无 无
活跃 做 外 做 拒 做 拒 无 无
排行 做 外 做 拒 做 拒 无 无
导出 做 外 做 拒 做 拒 无 无
跟进 做 做 做 拒 做 拒 无 无
完成 做 做 做 拒 拒 拒 无 无
不跟 做 做 做 拒 拒 拒 无 无
转交 做 做 做 拒 做 拒 无 无
推迟跟进 做 做 做 拒 拒 拒 无 无
线索 做 做 做 拒 做 拒 无 无
邀请 做 做 拒 拒 拒 拒 无 无
渠道 拒 拒 做 拒 做 拒 无 无
欢迎 做 外 做 拒 拒 拒 无 无
积分 做 外 做 拒 做 拒 无 无
加分 做 外 做 拒 拒 拒 无 无
邀请榜 做 外 做 拒 做 拒 无 无
邀请通过 做 外 做 拒 拒 拒 无 无
邀请作废 做 外 做 拒 拒 拒 无 无
周报 做 外 做 拒 做 拒 无 无
审核 拒 拒 拒 做 拒 拒 无 无
"""
ROWS = {row.split()[0]: tuple(row.split()[1:]) for row in MATRIX.strip().split("\n")[1:]}
ROLES = {"客户经理": 0, "运营": 2, "合规审核": 3, "主管": 4, "管理员": 5}
"""Which column tells whether a role may."""
FOREIGN = "这个社群不归您负责。"
UNHURRIED = timedelta(seconds=5)
"""Between two lines: strangers are answered so often a minute only."""


async def outcome(bank: Any, name: str, sender: str) -> str:
    """What becomes of a command that names 财富一群, as the table writes it."""
    await bank.clock.advance_to(bank.clock.now() + UNHURRIED)
    before = len(await bank.audited())
    said = await bank.say(sender, f"{name} 财富一群", "wr01" if sender == "wm1" else None)
    deeds = (await bank.audited())[before:]
    if sender == "nobody":
        assert said == [("nobody", STRANGER)]
    if not deeds:
        return "无"
    assert {actor for actor, *_ in deeds} == {sender}
    texts = {text for _, text in said}
    who = "、".join(role for role, column in ROLES.items() if ROWS[name][column] == "做")
    if texts == {f"“{name}”只有{who}可以用。"}:
        return "拒"
    return "外" if texts == {FOREIGN} else "做"


def test_every_command_has_a_row() -> None:
    assert {one.name for one in all_commands()} == ROWS.keys()


def test_every_row_is_whole() -> None:
    assert {len(row) for row in ROWS.values()} == {len(SENDERS)}


@pytest.mark.parametrize("column", range(len(SENDERS)), ids=SENDERS)
async def test_matrix(bank: Any, column: int) -> None:
    await bank.arrive("wealth-01", "wm1", "王芳", 3)
    found = {name: await outcome(bank, name, SENDERS[column]) for name in ROWS}
    assert found == {name: row[column] for name, row in ROWS.items()}


WITH_COMMUNITY = [name for name, row in ROWS.items() if row[1] == "外"]


async def test_in_the_group_itself_foreign_is_refused_too(bank: Any) -> None:
    answers = {name: await bank.reply("chen", name, "wr01") for name in WITH_COMMUNITY}
    assert answers == dict.fromkeys(WITH_COMMUNITY, FOREIGN)
    deeds = await bank.audited()
    assert deeds == [("chen", name, "", "未执行") for name in WITH_COMMUNITY]


def test_roles_of_the_table_are_those_of_the_commands() -> None:
    columns = (Role.RM, None, Role.OPERATOR, Role.REVIEWER, Role.MANAGER, Role.ADMIN)
    allowed = {
        name: {role for role, cell in zip(columns, row, strict=False) if role and cell == "做"}
        for name, row in ROWS.items()
    }
    assert {one.name: set(one.roles) for one in all_commands()} == allowed


async def test_customer_typing_command_gets_none(bank: Any) -> None:
    await bank.arrive("wealth-01", "wm1", "王芳", 3)
    assert await bank.say("wm1", "暂停", "wr01") == [
        ("group", "@我 时可以说：签到、我的奖品；游戏开始后 @我 作答。")
    ]
    assert await bank.audited() == []


async def test_several_communities_lists_lines_to_type(bank: Any) -> None:
    assert await bank.reply("li", "跳过 3 客户大会") == (
        "您有几个社群，请写明是哪一个：\n> 跳过 3 客户大会 财富一群\n> 跳过 3 客户大会 财富二群"
    )


async def test_only_community_needs_no_name(bank: Any) -> None:
    assert await bank.reply("chen", "暂停") == (
        "⏸ 已暂停“代发 客户群”：计划里的步骤到点也不会发送。\n> 恢复请发：恢复 代发 客户群"
    )
    assert await bank.reply("chen", "恢复 代发 客户群") == (
        "▶️ 已恢复“代发 客户群”：后面的步骤照常发送，暂停期间的不会补发。"
    )
