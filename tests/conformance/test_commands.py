"""Judges every chat command, and that its guide names it."""

import re
from pathlib import Path

import pytest

from bot.command import Command, Scope
from bot.commands import all_commands, by_word
from bot.typed import Line, read
from sop.community import Role

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "客户经理指南.md"
COMMANDS = all_commands()
NAMES = (
    "今日 本周 发送 跳过 推迟 暂停 恢复 开局 提示 揭晓 延时 结束 查 标签 去标签 沉默 活跃 周报"
    " 撤销 帮助"
)
NEVER_IN_MARKDOWN = re.compile(r"[<>|*_`\[\]]")
"""WeCom's markdown would swallow these in a usage line."""


def test_commands_are_those_of_the_design_in_the_order_of_help() -> None:
    known = NAMES.split()
    assert [one.name for one in COMMANDS if one.name in known] == known


def test_commands_share_no_word() -> None:
    words = [word for one in COMMANDS for word in (one.name, *one.aliases)]
    assert len(by_word()) == len(words)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.aliases[0])
def test_command_is_well_made(command: Command) -> None:
    faults = []
    if not any(alias.isascii() and alias.isalpha() for alias in command.aliases):
        faults.append("no English alias")
    if not command.roles or not command.roles <= set(Role):
        faults.append("nobody may use it")
    if command.usage.split("〔")[0].split()[0] != command.name:
        faults.append("usage does not begin with its name")
    if not isinstance(read(command.example, by_word()), Line):
        faults.append("example is no command line")
    if read(command.example, by_word()).command is not command:  # type: ignore[union-attr]
        faults.append("example is another command")
    if NEVER_IN_MARKDOWN.search(command.usage + command.summary):
        faults.append("markup in its help")
    if not 3 <= len(command.summary) <= 20 or command.summary.endswith("。"):
        faults.append("summary is no short line")
    if ("〔社群〕" in command.usage) != (command.scope is not Scope.NONE):
        faults.append("usage does not say whether a community may be named")
    assert faults == []


def test_guide_names_every_command_alias_and_example() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    wanted = [
        word
        for one in COMMANDS
        for word in (f"`{one.name}`", f"`{one.aliases[0]}`", f"`{one.example}`")
    ]
    assert [word for word in wanted if word not in guide] == []
