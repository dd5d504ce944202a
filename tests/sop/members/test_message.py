"""message: to whom, how often, and what the RM is handed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sop.effects import HandOver
from sop.prepared import RISK_NOTICE
from sop.step import NothingToDo, StepContext

Made = Callable[..., StepContext]
Refused = Callable[[str], str]
DUE = datetime(2026, 11, 23, 2, tzinfo=UTC)
NAMES = {"wm1": "安安", "wm2": "Bob", "wm3": "[陈](x)"}
FOOT = "> 不想再收私信的成员，请发：标签 名字 勿扰"


def run(context: StepContext) -> Any:
    (one,) = context.step.spec.run(context)
    return one


def test_message_is_one_text_with_a_list_of_names(made: Made, circle: Any) -> None:
    context = made("message: {text: '{{ weekday }}好，打 {{ hotline }}。'}", circle(NAMES))
    assert context.step.spec.run(context) == [
        HandOver(
            community="wealth-01",
            title="关怀",
            note="💌 **关怀**　财富体验群\n"
            "请私信这 3 位成员（全体成员），话术在下面：\n"
            f"1. Bob\n2. ［陈］（x）\n3. 安安\n{FOOT}",
            texts=("周一好，打 95500。",),
            occurrence="p/s/2026-11-23/wealth-01",
            members=("wm2", "wm3", "wm1"),
            as_task=True,
            expires_at=DUE + timedelta(hours=1),
        )
    ]


def test_message_with_the_name_is_one_text_each(made: Made, circle: Any) -> None:
    context = made("message: {text: '{{ member }}，您好。', risk_notice: true}", circle(NAMES))
    handed = run(context)
    assert handed.texts == tuple(
        f"{name}，您好。\n\n{RISK_NOTICE}" for name in ("Bob", "［陈］（x）", "安安")
    )
    assert "下面每人一条，顺序和名单相同：" in handed.note
    assert context.step.spec.script(context) == (
        f"到点把名单交给您（全体成员），话术是：\n\n〔称呼〕，您好。\n\n{RISK_NOTICE}"
    )


def test_message_of_a_script_has_its_variables_and_notice(made: Made, circle: Any) -> None:
    context = made("message: {script: hello}", circle(NAMES))
    assert run(context).texts == (f"我是小李，周一好。\n\n{RISK_NOTICE}",)
    assert context.step.spec.called(context.library) == "问候"
    assert [type(one).__name__ for one in context.step.spec.links(context.library)] == ["Script"]


def test_message_name_that_looks_like_a_template_is_only_text(made: Made, circle: Any) -> None:
    context = made("message: {text: '{{ member }}好'}", circle({"wm1": "{{ owner }}"}))
    assert run(context).texts == ("{{ owner }}好",)


@pytest.mark.parametrize(
    ("to", "members", "words"),
    [
        ("{segment: sleeping}", ("wm1", "wm3"), "人群“沉睡成员”"),
        ("{segment: sleeping, tags: [基金]}", ("wm1",), "人群“沉睡成员”，带标签“基金”"),
        ("{tags: [基金], without_tags: [老客]}", ("wm1",), "带标签“基金”，不带标签“老客”"),
        ("{tags: []}", ("wm1", "wm2", "wm3"), "全体成员"),
    ],
)
def test_message_goes_to_whom_it_is_for(
    made: Made, circle: Any, to: str, members: tuple[str, ...], words: str
) -> None:
    worn = {"wm1": {"基金"}, "wm2": {"基金", "老客"}, "wm4": {"勿扰", "基金"}}
    names = {"wm1": "甲", "wm2": "乙", "wm3": "丙", "wm4": "丁"}
    facts = circle(names, silent=frozenset({"wm1", "wm3", "wm4"}), worn=worn)
    handed = run(made(f"message: {{text: 您好, to: {to}}}", facts))
    assert sorted(handed.members) == list(members)
    assert f"（{words}）" in handed.note


def test_message_after_joining_is_for_those_who_joined(made: Made, circle: Any) -> None:
    facts = circle(NAMES, written={"wm1": DUE - timedelta(hours=2)})
    handed = run(made("message: {text: 您好}", facts, cohort=("wm3", "wm1")))
    assert handed.members == ("wm3", "wm1")
    assert "（入群第 3 天的成员）" in handed.note


def test_message_after_joining_is_narrowed_by_to(made: Made, circle: Any) -> None:
    facts = circle(NAMES, worn={"wm1": {"基金"}, "wm2": {"基金"}})
    step = "message: {text: 您好, to: {tags: [基金]}}"
    assert run(made(step, facts, cohort=("wm3", "wm1"))).members == ("wm1",)


@pytest.mark.parametrize(
    ("rest", "ago", "again"),
    [
        ("", timedelta(days=6), False),
        ("", timedelta(days=7) - timedelta(seconds=5), True),
        (", not_again_within: 3d", timedelta(days=4), True),
        (", not_again_within: 3d", timedelta(days=2), False),
        (", not_again_within: 2h", timedelta(hours=1), False),
        (", not_again_within: 2h", timedelta(hours=3), True),
    ],
)
def test_message_rests(made: Made, circle: Any, rest: str, ago: timedelta, again: bool) -> None:
    """Whole days are local days: what ran a little late a week ago does not shift this week."""
    context = made(
        f"message: {{text: 您好{rest}}}", circle({"wm1": "甲"}, written={"wm1": DUE - ago})
    )
    if again:
        assert run(context).members == ("wm1",)
        return
    with pytest.raises(NothingToDo, match=r"^符合条件的成员最近都收过私信$"):
        run(context)


def test_message_to_too_many_begins_with_those_who_waited_longest(made: Made, circle: Any) -> None:
    written = {"wm1": DUE - timedelta(days=20), "wm2": DUE - timedelta(days=30)}
    facts = circle({"wm1": "甲", "wm2": "乙", "wm3": "丙"}, written=written)
    handed = run(made("message: {text: 您好, at_most: 2}", facts))
    assert handed.members == ("wm3", "wm2")
    assert "> 还有 1 位这次没排上，下次优先。" in handed.note


def test_message_with_names_is_handed_over_in_small_numbers(made: Made, circle: Any) -> None:
    names = {f"wm{number:02}": f"成员{number:02}" for number in range(30)}
    handed = run(made("message: {text: '{{ member }}好'}", circle(names)))
    assert (len(handed.texts), len(handed.members)) == (20, 20)
    assert "> 还有 10 位这次没排上，下次优先。" in handed.note


def test_message_to_nobody_is_nothing_to_do(made: Made, circle: Any) -> None:
    with pytest.raises(NothingToDo, match=r"^现在没有符合条件的成员$"):
        run(made("message: {text: 您好}", circle({})))


def test_message_variant_is_for_its_own_members(made: Made, circle: Any) -> None:
    names = {f"wm{number}": f"成员{number}" for number in range(8)}
    step = "variants: {a: {message: {text: 甲}}, b: {message: {text: 乙}}}"
    context = made(step, circle(names))
    each = [
        run(replace(context, step=context.step.choose(one), variants=("a", "b"))) for one in "ab"
    ]
    assert [one.title for one in each] == ["关怀（版本 a）", "关怀（版本 b）"]
    assert sorted([*each[0].members, *each[1].members]) == sorted(names)
    assert min(len(one.members) for one in each) > 0


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("message: {}", "没有写发什么。"),
        ("message: {text: 好, script: hello}", "这里同时写了 text 和 script。"),
        ("message: {script: helo}", "没有名为“helo”的话术。您是想写 hello 吗？"),
        (
            "message: {text: 好, to: {segment: sleepng}}",
            "没有名为“sleepng”的人群。您是想写 sleeping 吗？",
        ),
        ("message: {text: 好, to: {}}", "这里没有写选哪些成员。"),
        ("message: {text: '{{ membr }}'}", "没有变量“membr”。"),
        (
            "message: {text: '{{ member }}', at_most: 50}",
            "话术里用了 {{ member }}，每人单独一条，一次最多 20 人。",
        ),
        ("content: {text: '{{ member }}'}", "没有变量“member”。"),
    ],
)
def test_message_mistakes(refused: Refused, step: str, told: str) -> None:
    assert told in refused(step)
