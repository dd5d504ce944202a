"""survey: reading answers, labels and follow-ups, the counts for the RM."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sop.effects import CloseGathering, FollowUp, Post, Tag, Tell

Room = Callable[..., Any]
OPTIONS = """
                    subject: 理财习惯
                    text: 两道题。
                    thanks: 多谢！
                    open_for: 2h
                    questions:
                      - ask: 更关心什么？
                        choices: [保障, 稳健, 活钱]
                        tags: {A: 关注保障, C: 关注活钱}
                      - ask: 要聊聊吗？
                        choices: [要, 不要]
                        follow_up: [A]"""
HELP = "没看懂您的回答。请发“@群运 问卷 AB”，按题目顺序写 2 个字母。"


def test_survey_opens_with_its_questions(room: Room) -> None:
    _, post = room("survey", OPTIONS).run("10:00")
    assert post.text == (
        "📋 **问卷：理财习惯**\n两道题。\n\n"
        "**1. 更关心什么？**\nA. 保障\nB. 稳健\nC. 活钱\n\n**2. 要聊聊吗？**\nA. 要\nB. 不要\n\n"
        "请发“@群运 问卷 AB”，按题目顺序写 2 个字母。\n"
        "> 12:00 截止；截止前可以改，以最后一次为准。"
        "回答只用于为您提供更合适的服务；不想在群里答的，可以私信客户经理。"
    )


@pytest.mark.parametrize(
    ("words", "answer", "kept"),
    [
        ("cb", "✅ 已收到：CB。多谢！", [2, 1]),
        ("：Ａ，Ｂ", "✅ 已收到：AB。多谢！", [0, 1]),
        ("1C 2A", "✅ 已收到：CA。多谢！", [2, 0]),
        ("3 2", "✅ 已收到：CB。多谢！", [2, 1]),
        ("AC", "第 2 题只有 A 到 B，这次没有记下。请发“@群运 问卷 AB”。", None),
        ("A", HELP, None),
        ("ABA", HELP, None),
        ("", HELP, None),
        ("😀😀", HELP, None),
        ("怎么填", HELP, None),
        ("好" * 10_000, HELP, None),
    ],
)
def test_survey_answers_are_read(
    room: Room, words: str, answer: str, kept: list[int] | None
) -> None:
    one = room("survey", OPTIONS)
    one.run("10:00")
    assert one.say("wm1", f"问卷{words}") == answer
    assert one.reply(7, "wm1") == (None if kept is None else {"choices": kept})


def test_survey_closes_with_labels_follow_ups_and_counts(room: Room) -> None:
    one = room("survey", OPTIONS)
    one.run("10:00")
    one.say("wm1", "问卷 CA")
    one.say("wm2", "问卷 AA")
    assert one.say("wm2", "问卷 BB") == "✅ 已改为：BB。多谢！"
    assert one.tick("12:00") == [
        CloseGathering(7, "时间到", {"members": 2, "counts": [[0, 1, 1], [1, 1]]}),
        Tag("wm1", "关注活钱", "p/s", "问卷“理财习惯”第 1 题选了“活钱”"),
        FollowUp(
            "wealth-01",
            "wm1",
            "lijing",
            "问卷“理财习惯”：要聊聊吗？：要",
            datetime(2026, 11, 24, 10, tzinfo=UTC),
            "gathering/7/wm1",
        ),
        Post(
            "wealth-01",
            "📋 问卷“理财习惯”截止，一共 2 位群友参加，谢谢大家！",
            quiet_hours="21:30-08:30",
        ),
        Tell(
            "lijing",
            "**财富体验群**\n📋 问卷“理财习惯”结果，共 2 人\n\n"
            "**1. 更关心什么？**\n"
            "A. 保障\n░░░░░░░░░░ 0%（0 人）\n"
            "B. 稳健\n█████░░░░░ 50%（1 人）\n"
            "C. 活钱\n█████░░░░░ 50%（1 人）\n\n"
            "**2. 要聊聊吗？**\n"
            "A. 要\n█████░░░░░ 50%（1 人）\n"
            "B. 不要\n█████░░░░░ 50%（1 人）\n\n"
            "**请跟进**\n陈晓雯　要聊聊吗？：要",
        ),
    ]


def test_survey_without_answers_is_told_in_one_line(room: Room) -> None:
    one = room("survey", OPTIONS)
    one.run("10:00")
    _, post, told = one.tick("12:00")
    assert post.text == "📋 问卷“理财习惯”截止，谢谢大家关注。"
    assert told.text == "**财富体验群**\n📋 问卷“理财习惯”没有人参加。"


def test_survey_where_nobody_is_heard_is_handed_over(room: Room) -> None:
    post, _ = room("survey", OPTIONS, heard_as="").run("10:00")
    assert post.text.split("\n")[-1] == "请大家私信客户经理 李静答案，例如“AB”。"
