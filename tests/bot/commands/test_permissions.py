"""Who may do what, where: every command for every role."""

from typing import Any

import pytest

from bot.commands import all_commands
from bot.said import HELP
from sop.community import Role

SENDERS = {
    Role.RM: "li",
    Role.OPERATOR: "yun",
    Role.REVIEWER: "shen",
    Role.MANAGER: "wang",
    Role.ADMIN: "admin",
}
EVERYBODY = frozenset(Role)
HOSTS = frozenset({Role.RM, Role.OPERATOR})
LEADERS = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER})
APPROVERS = frozenset({Role.MANAGER, Role.ADMIN})
ASKERS = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER, Role.ADMIN})
BUDGETERS = frozenset({Role.OPERATOR, Role.MANAGER, Role.ADMIN})
ALLOWED = {
    "帮助": EVERYBODY,
    "验奖": ASKERS,
    "今日": EVERYBODY,
    "本周": EVERYBODY,
    "发送": HOSTS,
    "跳过": HOSTS,
    "推迟": HOSTS,
    "暂停": LEADERS,
    "恢复": LEADERS,
    "开局": HOSTS,
    "提示": HOSTS,
    "揭晓": HOSTS,
    "延时": HOSTS,
    "结束": HOSTS,
    "稿件": HOSTS,
    "采用": HOSTS,
    "不采用": HOSTS,
    "题库": HOSTS,
    "审核": frozenset({Role.REVIEWER}),
    "查": LEADERS,
    "标签": HOSTS,
    "去标签": HOSTS,
    "沉默": LEADERS,
    "活跃": LEADERS,
    "积分": LEADERS,
    "加分": HOSTS,
    "邀请榜": LEADERS,
    "邀请通过": HOSTS,
    "邀请作废": HOSTS,
    "公示": LEADERS,
    "开奖": LEADERS,
    "周报": LEADERS,
    "批准": APPROVERS,
    "驳回": APPROVERS,
    "补发": ASKERS,
    "核销": HOSTS,
    "预算": BUDGETERS,
    "名单": ASKERS,
    "撤销": LEADERS,
}
REVIEWERS = frozenset({Role.REVIEWER})
REFUSAL = {
    HOSTS: "客户经理、运营",
    LEADERS: "客户经理、运营、主管",
    REVIEWERS: "合规审核",
    APPROVERS: "主管、管理员",
    ASKERS: "客户经理、运营、主管、管理员",
    BUDGETERS: "运营、主管、管理员",
}
ABOUT_PRIZES = ("批准", "驳回", "补发", "核销", "预算", "名单", "验奖")
MATRIX = [(name, role) for name in ALLOWED for role in Role]
WITH_COMMUNITY = [name for name in ALLOWED if name not in ("帮助", "撤销", "审核", *ABOUT_PRIZES)]


def test_matrix_is_complete() -> None:
    assert {one.name: one.roles for one in all_commands()} == ALLOWED


async def test_roles_refused_elsewhere(bank: Any) -> None:
    refused = {}
    for name, role in MATRIX:
        answers = await bank.say(SENDERS[role], f"{name} wealth-01")
        who = REFUSAL.get(ALLOWED[name], "")
        refused[name, role] = answers == [(SENDERS[role], f"“{name}”只有{who}可以用。")]
    assert refused == {(name, role): role not in ALLOWED[name] for name, role in MATRIX}


@pytest.mark.parametrize("chat", [None, "wr01"])
async def test_foreign_community_refused_without_a_word(bank: Any, chat: str | None) -> None:
    answers = {}
    for name in WITH_COMMUNITY:
        line = name if chat else f"{name} 财富一群"
        answers[name] = await bank.reply("chen", line, chat)
    assert answers == dict.fromkeys(WITH_COMMUNITY, "这个社群不归您负责。")
    deeds = await bank.audited()
    assert deeds == [
        ("chen", name, "", f"未执行：{name if chat else f'{name} 财富一群'}")
        for name in WITH_COMMUNITY
    ]


async def test_customer_typing_command_gets_none(bank: Any) -> None:
    await bank.arrive("wealth-01", "wm1", "王芳", 3)
    assert await bank.say("wm1", "暂停", "wr01") == [("group", HELP)]
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
