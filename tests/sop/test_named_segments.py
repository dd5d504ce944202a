"""Segments that are named where members are chosen: in rules, in other segments, in campaigns."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sop.library import Library
from sop.loader import load
from tests.house import FESTIVAL

SLEEPING = {"segment": "sleeping", "title": "沉睡", "who": {"silent_for": "14d", "tags": ["老友"]}}
RULE = {"tag": "要回访", "reason": "很久没来"}
FOLLOW = {"follow": "recall", "applies_to": {"labels": ["first"]}, "reason": "很久没来"}


def read(folder: Path, *files: Mapping[str, Any]) -> tuple[Library, list[str]]:
    """What files make, and what is wrong with them: `file:column message`."""
    for number, one in enumerate(files):
        path = folder / f"{number}.yaml"
        path.write_text(json.dumps(one, ensure_ascii=False), encoding="utf-8")
    library, problems = load([folder])
    return library, [f"{Path(one.file).name}: {one.message}" for one in problems]


def said(who: Any) -> dict[str, Any]:
    """What conditions ask, as in a file."""
    value: dict[str, Any] = who.model_dump(mode="json", exclude_unset=True)
    return value


def test_rule_for_a_segment_has_the_segments_conditions(tmp_path: Path) -> None:
    tag = {**RULE, "who": {"segment": "sleeping"}}
    follow = {**FOLLOW, "who": {"segment": "sleeping", "tags": ["基金"], "joined_before": "30d"}}
    library, problems = read(tmp_path, SLEEPING, tag, follow)
    assert problems == []
    assert said(library.tag_rules["要回访"].who) == {"silent_for": "14d", "tags": ["老友"]}
    assert said(library.follow_rules["recall"].who) == {
        "silent_for": "14d",
        "tags": ["老友", "基金"],
        "joined_before": "30d",
    }


def test_segment_within_a_segment_is_narrower(tmp_path: Path) -> None:
    deep = {"segment": "deep", "title": "更久", "who": {"segment": "sleeping", "did": []}}
    deeper = {
        "segment": "deeper",
        "title": "更更久",
        "who": {"segment": "deep", "tags": ["老友"], "without_tags": ["勿扰"]},
    }
    library, problems = read(tmp_path, SLEEPING, deep, deeper)
    assert problems == []
    assert said(library.segments["deeper"].who) == {
        "silent_for": "14d",
        "tags": ["老友"],
        "did": [],
        "without_tags": ["勿扰"],
    }


def test_file_that_names_no_segment_stays_the_same_object(tmp_path: Path) -> None:
    library, _ = read(tmp_path, SLEEPING)
    again, _ = load([tmp_path], memo=(memo := {}))
    once_more, _ = load([tmp_path], memo=memo)
    assert library.segments == again.segments == once_more.segments


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            [SLEEPING, {**RULE, "who": {"segment": "sleping"}}],
            ["1.yaml: 没有名为“sleping”的人群。您是想写 sleeping 吗？"],
        ),
        (
            [SLEEPING, {**RULE, "who": {"segment": "sleeping", "silent_for": "30d"}}],
            [
                "1.yaml: 人群“sleeping”已经写了 silent_for，这里不能再写另一个。"
                "请删掉这里的，或另建一个人群。"
            ],
        ),
        (
            [{"segment": "a", "title": "甲", "who": {"segment": "a"}}],
            ["0.yaml: 人群“a”引用来引用去，又回到了自己。"],
        ),
        (
            [
                {"segment": "a", "title": "甲", "who": {"segment": "b"}},
                {"segment": "b", "title": "乙", "who": {"segment": "a"}},
                {**RULE, "who": {"segment": "a"}},
            ],
            [
                "0.yaml: 人群“b”引用来引用去，又回到了自己。",
                "1.yaml: 人群“a”引用来引用去，又回到了自己。",
                "2.yaml: “a”所在的文件 0.yaml 有错误，改好后这里才能用它。",
            ],
        ),
        (
            [
                {"segment": "a", "title": "甲", "who": {"segment": "b"}},
                {
                    "segment": "b",
                    "title": "乙",
                    "who": {"played": {"game": "gone", "within": "7d"}},
                },
                {**FOLLOW, "who": {"segment": "a"}},
            ],
            [
                "0.yaml: “b”所在的文件 1.yaml 有错误，改好后这里才能用它。",
                "1.yaml: 没有叫“gone”的游戏。",
                "2.yaml: “a”所在的文件 0.yaml 有错误，改好后这里才能用它。",
            ],
        ),
    ],
)
def test_segment_that_cannot_be_used_is_told_where_it_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: list[Mapping[str, Any]],
    told: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    library, problems = read(Path(), *files)
    assert [one.split("。可以写", 1)[0].removesuffix("。") for one in problems] == [
        one.split("。可以写", 1)[0].removesuffix("。") for one in told
    ]
    assert not library.tag_rules
    assert not library.follow_rules


@pytest.mark.parametrize(
    ("below", "message", "hint"),
    [
        (
            {"content": {"text": "好", "to": {"segment": "sleeping"}}},
            "“内容”是对整个群的，企业微信不能让群消息只给其中几位看，这里不能写“to”。",
            "只对一部分成员，请用 follow_up（跟进）、invite（邀请进群）、message（私信）、"
            "moment（朋友圈）、tag（打标签），写 to: {segment: 人群名}；"
            "只让一部分成员抽奖，请写在活动的 who: 里。",
        ),
        (
            {"draw": {"campaign": "gift", "open_for": "1h", "who": {"segment": "sleeping"}}},
            "谁能参加写在活动里，这里不能写“who”。",
            "请在 campaigns/ 里这个活动的 who: 下面写 segment: 人群名。",
        ),
        (
            {"message": {"text": "好", "who": {"segment": "sleeping"}}},
            "没有“who”这一项。",
            "选成员请写 to:，例如 to: {segment: 人群名}。",
        ),
        (
            {"message": {"text": "好", "to": {"silent_for": "14d"}}},
            "条件“silent_for”不能直接写在这里。",
            "请在 segments/ 里建一个人群，把 silent_for 写在它的 who: 下面，"
            "这里写 segment: 人群名。",
        ),
        (
            {"message": {"text": "好"}, "to": {"segment": "sleeping"}},
            "步骤上没有“to”这一项。",
            "请写到做的事下面，例如 message: 下面写 to: {segment: 人群名}。",
        ),
        (
            {"moment": {"text": "好", "to": "sleeping"}},
            "应为一组“键: 值”，这里是文字。",
            "选一个人群请写 {segment: sleeping}。",
        ),
    ],
)
def test_audience_in_the_wrong_place_is_told_where_it_goes(
    tmp_path: Path, below: Mapping[str, Any], message: str, hint: str
) -> None:
    step = {"id": "s", "at": "10:00", **below}
    plan = {
        "plan": "p",
        "title": "计划",
        "applies_to": {"labels": ["first"]},
        "week": {"monday": [step]},
    }
    (tmp_path / "plan.yaml").write_text(json.dumps(plan), encoding="utf-8")
    (found,) = load([tmp_path])[1]
    assert (found.message, found.hint) == (message, hint)


def test_draw_for_the_silent_warns_that_one_word_wakes_them(tmp_path: Path) -> None:
    campaign = {**FESTIVAL, "who": {"segment": "sleeping"}}
    library, problems = read(tmp_path, SLEEPING, campaign)
    assert problems == [
        "1.yaml: 抽奖的那一刻才看 silent_for：成员先在群里说过一句话，就不能参加了。"
    ]
    (only,) = library.campaigns.values()
    assert only.who.segment is None
    assert said(only.who.conditions) == {"silent_for": "14d", "tags": ["老友"]}


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (
            {**FOLLOW, "who": {"silent_for": "14d"}, "applies_to": {"segment": "sleeping"}},
            "applies_to 选的是社群，不能用“segment”选成员。",
        ),
        (
            {
                "channel": "phone",
                "title": "电话",
                "applies_to": {"labels": ["first"]},
                "who": {"segment": "sleeping"},
            },
            "渠道面向还没进群的客户，不能用“who”选成员。",
        ),
    ],
)
def test_members_are_not_chosen_where_communities_or_customers_are(
    tmp_path: Path, file: Mapping[str, Any], message: str
) -> None:
    _, problems = read(tmp_path, file)
    assert problems == [f"0.yaml: {message}"]
