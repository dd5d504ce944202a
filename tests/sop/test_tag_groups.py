"""Groups of labels as files, and what conditions refer to: every mistake with its place."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sop.diagnostics import render
from sop.loader import load

Write = Callable[[Mapping[str, str]], Path]
PLAN = """
    plan: care
    title: 关怀
    applies_to: {labels: [wealth]}
    week:
      monday:
        - id: hello
          at: "10:00"
          message: {text: "您好，{{ links.guide }}"}
          links: {guide: https://bank.example.com/guide}
        - id: ask
          at: "11:00"
          survey:
            subject: 需求
            text: 一题。
            open_for: 1d
            questions: [{ask: 哪样, choices: [甲, 乙]}]
"""
GROUP = """
    tags: 兴趣
    items:
      - {tag: 关注存款, about: 问过利率, keeps: 90d}
      - {tag: 关注养老}
"""


def told(write: Write, files: Mapping[str, str]) -> list[tuple[str, int, str, str]]:
    _, problems = load([write(files)])
    return [
        (Path(one.file).name, one.line, one.severity, f"{one.message}{one.hint}")
        for one in problems
    ]


def test_group_knows_its_labels(write: Write) -> None:
    private = "{tags: 自用, sync: false, items: [{tag: 仅群运}]}"
    library, problems = load([write({"a.yaml": GROUP, "b.yaml": private})])
    assert render(problems) == render([])
    assert library.synced_labels() == {"关注存款": "兴趣", "关注养老": "兴趣"}
    about = [library.label(one) for one in ("关注存款", "仅群运", "别的")]
    assert [one and (one.tag, one.about) for one in about] == [
        ("关注存款", "问过利率"),
        ("仅群运", ""),
        None,
    ]


def test_label_belongs_to_one_group_and_stands_there_once(write: Write) -> None:
    files = {
        "a.yaml": GROUP,
        "b.yaml": "tags: 别的\nitems:\n  - {tag: 关注养老}\n",
        "c.yaml": "tags: 两次\nitems:\n  - {tag: 一}\n  - {tag: 一}\n",
    }
    assert told(write, files) == [
        (
            "b.yaml",
            3,
            "error",
            "标签“关注养老”也写在标签组“兴趣”里。一个标签只放在一组里，请删掉其中一处。",
        ),
        ("c.yaml", 4, "error", "标签“一”已是这一组的第 1 个。删掉其中一个。"),
    ]


@pytest.mark.parametrize(
    ("who", "severity", "message"),
    [
        ("{played: {game: quizz, within: 7d}}", "error", "没有叫“quizz”的游戏。"),
        ("{survey: {step: care/ask, answer: A}}", "", ""),
        ("{survey: {step: care/asks, answer: A}}", "warning", "没有“care/asks”这一步。"),
        (
            "{survey: {step: care/hello, answer: A}}",
            "warning",
            "“care/hello”不是问卷，这个条件谁也选不到。",
        ),
        ("{written: {step: care/hello, reacted: false}}", "", ""),
        (
            "{written: {step: care/ask, reacted: false}}",
            "warning",
            "“care/ask”不是私信，这个条件谁也选不到。",
        ),
        ("{clicked: {link: guide, within: 7d}}", "", ""),
        ("{clicked: {link: guides, within: 7d}}", "warning", "没有哪一步有叫“guides”的链接。"),
        ("{channel: [随便什么]}", "", ""),
        ("{lifecycle: [asleep]}", "error", "asleep"),
    ],
)
def test_what_conditions_refer_to_is_looked_for(
    write: Write, who: str, severity: str, message: str
) -> None:
    segment = f"segment: s\ntitle: 人群\nwho: {who}\n"
    found = told(write, {"plan.yaml": PLAN, "s.yaml": segment})
    assert [(file, line, how) for file, line, how, _ in found] == (
        [("s.yaml", 3, severity)] if severity else []
    )
    assert all(message in text for *_, text in found)
