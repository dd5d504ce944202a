"""Everyday language and slips of the pen: answered where that changes nothing, else asked back."""

from typing import Any

import pytest

from bot.commands import all_commands, by_word
from bot.natural import meant, sentences
from bot.typed import Line, read
from storage.tables import METADATA

ANSWERED = {"inbox", "outbox", "audit", "watermark"}
"""What an answer alone writes."""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("今天干嘛", "今日"),
        ("今天 干嘛？", "今日"),
        ("请问今天做什么呢", "今日"),
        ("谁该跟进", "跟进"),
        ("谁中奖了！", "名单"),
        ("这周安排", "本周"),
        ("看看谁不说话", "沉默"),
        ("先别发", "暂停"),
        ("你会什么", "帮助"),
        ("今天", None),
        ("谁该跟进王芳", None),
        ("为什么 小满", "标签 小满"),
        ("为什么 “Grace Li” 沉睡？", "标签 “Grace Li”"),
        ("为什么 王芳？", "标签 王芳"),
        ("为什么", None),
        ("", None),
        ("。", None),
        ("今天干嘛" * 9, None),
    ],
)
def test_meant(text: str, line: str | None) -> None:
    assert meant(text) == line


def test_every_sentence_means_a_command_and_none_is_one() -> None:
    lines = {line: read(line, by_word()) for line in sentences().values()}
    assert [line for line, found in lines.items() if not isinstance(found, Line)] == []
    typed = {text for text in sentences() if isinstance(read(text, by_word()), Line)}
    assert typed == set()


async def contents(bank: Any) -> dict[str, list[Any]]:
    """Everything in the database that more than an answer would change."""

    def rows(tx: Any) -> dict[str, list[Any]]:
        return {
            name: sorted(map(repr, tx.execute(place.select()).all()))
            for name, place in METADATA.tables.items()
            if name not in ANSWERED
        }

    found: dict[str, list[Any]] = await bank.database.read(rows)
    return found


@pytest.mark.parametrize("sender", ["li", "chen", "yun", "wang"])
async def test_no_sentence_changes_anything(bank: Any, sender: str) -> None:
    await bank.arrive("wealth-01", "wm1", "王芳", 20)
    await bank.say("chen", "开局 掷骰子")
    await bank.say("li", "标签 王芳 老朋友")
    await bank.say(sender, "暂停 代发 客户群")
    await bank.say(sender, "练习 掷骰子")
    await bank.say(sender, "结束练习")
    before = await contents(bank)
    for text in sentences():
        await bank.say(sender, text)
    assert await contents(bank) == before


@pytest.mark.parametrize("command", all_commands(), ids=lambda one: str(one.aliases[0]))
async def test_no_slip_of_the_pen_changes_anything(bank: Any, command: Any) -> None:
    await bank.arrive("wealth-01", "wm1", "王芳", 20)
    before = await contents(bank)
    slips = [f"{command.name}{command.example.partition(' ')[2]}", f"{command.name}了吗"]
    slips += [f"{command.aliases[0]}x", f"{command.aliases[0][:-1]}", f"请{command.name}"]
    for line in slips:
        if not isinstance(read(line, by_word()), Line):
            await bank.say("yun", line)
            await bank.say("chen", line)
    assert await contents(bank) == before


async def test_change_is_asked_back(bank: Any) -> None:
    assert await bank.reply("chen", "先停一下") == (
        "您是想发“暂停”吗？是的话，请照样发一遍：\n> 暂停"
    )
    assert (await bank.reply("chen", "暂停")).startswith("⏸ 已暂停")
    assert await bank.audited() == [
        ("chen", "暂停", "", "先确认"),
        ("chen", "暂停", "salary-01", ""),
    ]


async def test_question_is_answered(bank: Any) -> None:
    assert await bank.reply("chen", "今天干嘛") == await bank.reply("chen", "今日")


async def test_sentence_of_a_foreign_role_is_refused(bank: Any) -> None:
    assert await bank.reply("li", "有什么要批准") == "“批准”只有主管、管理员可以用。"
