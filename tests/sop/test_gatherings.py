"""Reading what members type to a gathering, its figures, and errors to authors."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.gathering_words import after_keyword, bar, chart, chosen, letters, percent
from sop.loader import load

OPTIONS = ["亲子理财", "养生讲座", "周边旅行"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("投票2", "2"),
        ("投票 2", "2"),
        ("投票：2", "2"),
        ("投 票 2", "2"),
        ("  投票\u3000２", "２"),
        ("投\u200b票 2", "2"),
        ("🗳投票2", "2"),
        ("我要投票 B", "B"),
        ("我投票给2", "给2"),
        ("投票 一行\n又一行 ", "一行\n又一行"),
        ("投票", ""),
        ("投票吗", "吗"),
        ("-投票-1", "-1"),
        ("投", None),
        ("票投2", None),
        ("请投票", None),
        ("", None),
        ("好" * 10_000 + "投票", None),
    ],
)
def test_keyword_is_heard_at_the_beginning(text: str, words: str | None) -> None:
    assert after_keyword(text, "投票") == words


@pytest.mark.parametrize(("text", "words"), [("問卷 A", "A"), ("评分九", "九"), ("評分9", "9")])
def test_keyword_is_heard_in_traditional_characters(text: str, words: str) -> None:
    assert words in (after_keyword(text, "问卷"), after_keyword(text, "评分"))


@pytest.mark.parametrize(
    ("words", "indexes"),
    [
        ("2", [1]), ("２", [1]), ("②", [1]), ("2️⃣", [1]), ("二", [1]), ("B", [1]), ("ｂ。", [1]),
        ("第二个", [1]), ("2号", [1]), ("选2吧", [1]), ("投给2号", [1]), ("给2", [1]),
        ("我选B", [1]), ("养生讲座", [1]), ("養生講座！", [1]), ("养生", [1]), ("1 3", [0, 2]),
        ("13", [0, 2]),
        ("1、3", [0, 2]), ("A和C", [0, 2]), ("1,3号", [0, 2]), ("理财 旅行", [0, 2]), ("2 2", [1]),
        ("4", None), ("0", None), ("", None), ("吧", None), ("不要养生", None), ("10", None),
        ("-1", None), ("你好", None), ("😀", None), ("养", None), ("2" * 10_000, None),
    ],
)  # fmt: skip
def test_options_are_chosen(words: str, indexes: list[int] | None) -> None:
    assert chosen(words, OPTIONS) == indexes


def test_option_that_could_be_two_is_not_chosen() -> None:
    assert chosen("理财", ["亲子理财", "养老理财"]) is None


@given(st.text(max_size=200))
def test_anything_typed_is_read_or_refused(text: str) -> None:
    found = chosen(text, OPTIONS)
    assert found is None or (found and set(found) <= {0, 1, 2})
    assert (read := letters(text, 3)) is None or len(read) == 3
    assert after_keyword(text, "投票") is None or "投" in text


@pytest.mark.parametrize(
    ("words", "indexes"),
    [
        ("ACB", [0, 2, 1]), ("a c b", [0, 2, 1]), ("Ａ，Ｃ，Ｂ", [0, 2, 1]),
        ("1A 2C 3B", [0, 2, 1]), ("1.A 2.C 3.B", [0, 2, 1]), ("132", [0, 2, 1]),
        ("我选ACB", [0, 2, 1]), ("HHH", [7, 7, 7]), ("AC", None), ("ACBD", None),
        ("2A 1C 3B", None), ("AZB", None), ("A1B", None), ("", None), ("ACB" * 5000, None),
    ],
)  # fmt: skip
def test_letters_are_read(words: str, indexes: list[int] | None) -> None:
    assert letters(words, 3) == indexes


@pytest.mark.parametrize(
    ("part", "whole", "shown", "blocks"),
    [(0, 0, "无数据", 0), (0, 3, "0%", 0), (1, 3, "33%", 3), (1, 200, "1%", 1), (1, 1000, "0%", 1),
     (2, 3, "67%", 7), (3, 3, "100%", 10)],
)  # fmt: skip
def test_share_is_rounded_half_up(part: int, whole: int, shown: str, blocks: int) -> None:
    assert percent(part, whole) == shown
    assert bar(part, whole) == "█" * blocks + "░" * (10 - blocks)


def test_chart_shows_label_bar_share_and_count() -> None:
    assert chart([("1. 甲", 2), ("2. 乙", 0)], 4, "票") == (
        "1. 甲\n█████░░░░░ 50%（2 票）\n2. 乙\n░░░░░░░░░░ 0%（0 票）"
    )


VOTE = "vote: {subject: 听什么, text: 请选, options: [甲项, 乙项], open_for: 2h"
LIVE = "live: {subject: 课, text: 来听, starts: '20:00', link: 'https://x.cn'"
SURVEY = "survey: {subject: 卷, text: 请答, open_for: 1h, questions: [{ask: 问, choices: [一, 二]"
TOPIC = "topic: {subject: 话, text: 聊聊"


@pytest.mark.parametrize(
    ("step", "message", "hint"),
    [
        (VOTE + ", last_call: ^2h}", "提醒会早于开始。", "请写得比 open_for 短。"),
        (VOTE + ", multiple: ^3}", "只有 2 个选项，不能选 3 项。", ""),
        (VOTE + ", multiple: ^9}", "不能大于 8。", ""),
        (VOTE + ", keyword: ^签到}", "“签到”已有别的用处。", "请换一个关键词。"),
        (
            VOTE + ", keyword: ^投票2}",
            "关键词“投票2”不能用。",
            "请用 2 到 8 个汉字，不用数字，例如 投票。",
        ),
        (
            VOTE.replace("乙项", "^甲　项！") + "}",
            "“甲项”和“甲　项！”分不清。",
            "请写得不一样。",
        ),
        (
            VOTE.replace("乙项", "^B") + "}",
            "选项不能只写“B”。",
            "选项会自动编号，请写出内容，例如：亲子理财。",
        ),
        (
            VOTE.replace("听什么", "^'{{ date }}'") + "}",
            "这里不能用变量。",
            "变量可以写在 text 里。",
        ),
        (VOTE.replace("options: [甲项, 乙项]", "^options: [甲项]") + "}", "至少要有 2 项。", ""),
        (
            VOTE.replace("请选", "'{{ ^dat }}'") + "}",
            "没有变量“dat”。",
            "您是想写 date 吗？",
        ),
        (
            LIVE.replace("'https://x.cn'", "^x.cn") + "}",
            "“x.cn”不是网址。",
            "请写完整的网址，以 https:// 开头。",
        ),
        (
            LIVE.replace("'20:00'", "^晚上8点") + "}",
            "看不懂时间“晚上8点”。",
            '请写 "20:00"。',
        ),
        (LIVE + ", ^reminders: [1h, 60m]}", "有两次提醒在同一时间。", ""),
        (LIVE + ", days_later: ^61}", "不能大于 60。", ""),
        (SURVEY + ", tags: {^C: 爱存}}]}", "这道题没有选项“C”。", "请写选项字母，A 到 B。"),
        (SURVEY + ", follow_up: [B, ^c]}]}", "这道题没有选项“c”。", "请写选项字母，A 到 B。"),
        (
            TOPIC + ", open_for: ^2d}",
            "没有征集投稿，用不到 open_for。",
            "征集投稿请加上 submit: true，只聊话题就删掉这一行。",
        ),
        (TOPIC + ", submit: ^true}", "征集投稿要写明征集多久。", "请加上 open_for: 2d。"),
        (
            TOPIC + ", submit: true, open_for: 2d, vote_keyword: ^投稿}",
            "投稿和投票的关键词不能相同。",
            "",
        ),
        (
            TOPIC + ", submit: true, open_for: 2d, vote_for: 1h, last_call: ^2h}",
            "提醒会早于开始。",
            "请写得比 open_for 短。",
        ),
        ("checkin: {open_for: ^2d}", "签到按天计，不能超过一天。", "请写 24h 以内。"),
        ("^nps: {}", "缺少“open_for”。", "open_for：开放多久，例如 2h。"),
    ],
)
def test_error_points_at_what_is_wrong(
    write: Callable[[Mapping[str, str]], Path], step: str, message: str, hint: str
) -> None:
    """`^` marks the place."""
    before, _, after = f"      {step}".partition("^")
    text = f"""\
plan: p
title: 计划
applies_to: {{labels: [wealth]}}
week:
  monday:
    - id: s
      at: "10:00"
{before}{after}
"""
    _, problems = load([write({"plan.yaml": text})])
    assert [(one.line, one.column, one.message, one.hint) for one in problems] == [
        (8, len(before) + 1, message, hint)
    ]


def test_keyword_of_a_campaign_is_taken(write: Callable[[Mapping[str, str]], Path]) -> None:
    shipped = Path(__file__).parents[2] / "sop/library/campaigns/join-hook.yaml"
    text = f"""\
plan: p
title: 计划
applies_to: {{labels: [wealth]}}
week:
  monday:
    - id: s
      at: "10:00"
      {VOTE}, keyword: 抽奖}}
"""
    campaign = shipped.read_text(encoding="utf-8")
    _, problems = load([write({"plan.yaml": text, "join-hook.yaml": campaign})])
    assert [(one.line, one.message) for one in problems] == [
        (8, "关键词“抽奖”已是活动“入群见面礼”的口令。")
    ]
