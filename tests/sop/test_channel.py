"""The file kind `channel`: what it may say, whom it concerns, what it wants at WeCom."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sop.channel import Channel, Scripts, channel_for
from sop.channel_ways import ways
from sop.community import Community
from sop.library import Library
from sop.loader import load

Write = Callable[[Mapping[str, str]], Path]
USUAL: Mapping[str, Any] = {
    "channel": "call",
    "title": "外呼",
    "applies_to": {"labels": ["wealth"]},
}


def channel(**more: Any) -> Channel:
    return Channel.model_validate({**USUAL, **more})


def library(*channels: Channel) -> Library:
    return Library(channels={one.channel: one for one in channels})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("way: qr", "“qr”"),
        ("way: group\nstaff: [li]", "扫码直接进群的渠道不加同事。"),
        ("welcome: 您好，{{ member }}", "没有变量“member”。"),
        ("leads: {verification: '{{ price }}'}", "没有变量“price”。"),
        (
            "leads:\n  verification: 好\n  benefits:\n"
            "    - {name: a, text: 甲}\n    - {name: a, text: 乙}",
            "权益“a”写了两次。",
        ),
        ("welcome: 我行理财保本保收益", "保本"),
        ("silence: 三天", "三天"),
        ("keyword: ''", ""),
    ],
)
def test_mistake_is_told(write: Write, text: str, said: str) -> None:
    head = "channel: call\ntitle: 外呼\napplies_to: {labels: [wealth]}\n"
    path = write({"call.yaml": f"{head}{text}\n"})
    found, problems = load([path])
    assert len(problems) == 1
    assert said in problems[0].message
    assert found.channels == {}


def test_name_longer_than_a_state_is_refused(write: Write) -> None:
    name = "c" * 31
    path = write({"a.yaml": f"channel: {name}\ntitle: 外呼\napplies_to: {{labels: [wealth]}}\n"})
    _, problems = load([path])
    assert [(one.line, one.severity) for one in problems] == [(1, "error")]


def test_scripts_of_a_priority_fall_back_to_the_one_before() -> None:
    two = Scripts(first="一", third="三")
    assert [two.of(one) for one in (1, 2, 3)] == ["一", "一", "三"]
    assert [Scripts(second="二").of(one) for one in (1, 2, 3)] == [None, "二", "二"]


def test_colleagues_are_the_owners_unless_named(communities: list[Community]) -> None:
    places = [replace(communities[0], owner="chen"), *communities[1:]]
    seen = [
        channel().colleagues(places),
        channel(staff=["wang"]).colleagues(places),
        channel(applies_to={"labels": ["none"]}).colleagues(places),
    ]
    assert seen == [["chen", "lijing"], ["wang"], []]


def test_home_is_an_own_community_first(communities: list[Community]) -> None:
    places = [replace(communities[0], owner="chen"), *communities[1:]]
    homes = [channel().home(places, one) for one in ("lijing", "chen", "wang")]
    assert [one and one.id for one in homes] == ["wealth-01", "wealth-02", "wealth-02"]


def test_state_names_the_channel_and_anything_else_the_one_without_a_code(
    communities: list[Community],
) -> None:
    known = library(channel(), channel(channel="walk-in", way="none"))
    found = [
        channel_for(known, communities, staff, state)
        for staff, state in (("lijing", "call"), ("lijing", "old"), ("wang", ""))
    ]
    assert [one and one.channel for one in found] == ["call", "walk-in", None]


def test_ways_are_told_what_they_are(communities: list[Community]) -> None:
    places = [replace(communities[0], owner="chen", chat_id="wr2"), *communities[1:]]
    known = library(
        channel(group_welcome="欢迎 %NICKNAME%\n"),
        channel(channel="menu", way="group"),
        channel(channel="off", applies_to={"labels": ["none"]}),
        channel(channel="walk-in", way="none", staff=["wang"]),
    )
    base = {"remark": "群运：外呼"}
    assert [(one.key, one.told) for one in ways(known, places)] == [
        (
            ("call", "contact", ""),
            {"type": 2, **base, "state": "call", "user": ["chen", "lijing"]},
        ),
        (("call", "group", "wealth-02"), {**base, "state": "call", "chat_id_list": ["wr2"]}),
        (("call", "group", "wealth-01"), {**base, "state": "call", "chat_id_list": ["wrGroup01"]}),
        (("call", "template", ""), {"text": "欢迎 %NICKNAME%"}),
        (("menu", "group", "wealth-02"), {**base, "state": "menu", "chat_id_list": ["wr2"]}),
        (("menu", "group", "wealth-01"), {**base, "state": "menu", "chat_id_list": ["wrGroup01"]}),
        (("walk-in", "group", "wealth-02"), {**base, "state": "walk-in", "chat_id_list": ["wr2"]}),
        (
            ("walk-in", "group", "wealth-01"),
            {**base, "state": "walk-in", "chat_id_list": ["wrGroup01"]},
        ),
    ]


def test_another_text_is_another_spec(communities: list[Community]) -> None:
    before = ways(library(channel(group_welcome="甲")), communities)
    after = ways(library(channel(group_welcome="乙")), communities)
    same = [one.key for one, other in zip(before, after, strict=True) if one.spec == other.spec]
    assert len(before) == 4
    assert [one.key for one in before if one.key not in same] == [("call", "template", "")]
