"""nps: reading a score, the formula, who is told what."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sop.effects import CloseGathering, FollowUp, Post, Tell
from sop.steps.nps import net, score

Room = Callable[..., Any]
HELP = "没看懂您的评分，要 0 到 10 的整数。请发“@群运 评分 分数”，后面可以写原因。"
FIGURES = """**财富体验群**
💬 您会推荐我们吗：**NPS -33**，n = 3
推荐者（9～10 分）　1 人，33%
中立者（7～8 分）　0 人，0%
贬损者（0～6 分）　2 人，67%
> NPS = 推荐者占比 − 贬损者占比。不到 30 人评分，仅供参考。"""


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9", (9, "")),
        ("9 很方便", (9, "很方便")),
        ("９分，很方便", (9, "很方便")),
        ("十分", (10, "")),
        ("10/10 好", (10, "好")),
        ("5️⃣ 一般", (5, "一般")),
        ("两分", (2, "")),
        ("0", (0, "")),
        ("10！" + "好" * 10_000, (10, "好" * 100)),
        ("3 太\u202e慢\x00了", (3, "太慢了")),
        ("11", None),
        ("-1", None),
        ("9.5", None),
        ("100", None),
        ("九十", None),
        ("很好", None),
        ("", None),
        ("😀", None),
    ],
)
def test_score_is_read(typed: str, read: tuple[int, str] | None) -> None:
    assert score(typed) == read


@pytest.mark.parametrize(
    ("n", "promoters", "detractors", "points"),
    [
        (0, 0, 0, "无数据"),
        (1, 1, 0, "+100"),
        (3, 1, 2, "-33"),
        (4, 2, 2, "0"),
        (8, 1, 0, "+13"),
        (8, 0, 1, "-13"),
        (1000, 1, 0, "0"),
    ],
)
def test_nps_is_promoters_less_detractors(
    n: int, promoters: int, detractors: int, points: str
) -> None:
    assert net(n, promoters, detractors) == points


def test_nps_opens_with_the_standard_question(room: Room) -> None:
    _, post = room("nps", "{open_for: 2h}").run("10:00")
    assert post.text == (
        "💬 **您会推荐我们吗**\n"
        "您有多大可能把我们的社群推荐给朋友？0 分是完全不会，10 分是一定会。\n\n"
        "请发“@群运 评分 分数”，后面可以写原因。\n> 12:00 截止；截止前可以改，以最后一次为准。"
    )


def test_nps_tells_figures_to_all_and_reasons_to_the_rm(room: Room) -> None:
    one = room("nps", "{open_for: 2h}")
    one.run("10:00")
    assert one.say("wm1", "评分 3") == "✅ 已收到 3 分。谢谢您的评分！"
    assert one.say("wm1", "评分 9 好") == "✅ 已改为 9 分。谢谢您的评分！"
    one.say("wm2", "评分 6 [慢](http://x)")
    one.say("wm3", "评分 0")
    assert one.say("wm4", "评分 好") == HELP
    due = datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert one.tick("12:00") == [
        CloseGathering(7, "时间到", {"n": 3, "promoters": 1, "detractors": 2}),
        FollowUp(
            "wealth-01",
            "wm2",
            "lijing",
            "“您会推荐我们吗”评 6 分：[慢](http://x)",
            due,
            "gathering/7/wm2",
        ),
        FollowUp(
            "wealth-01",
            "wm3",
            "lijing",
            "“您会推荐我们吗”评 0 分：没有写原因",
            due,
            "gathering/7/wm3",
        ),
        Post(
            "wealth-01",
            "💬 “您会推荐我们吗”截止，一共 3 位群友评分，谢谢大家！",
            quiet_hours="21:30-08:30",
        ),
        Tell(
            "lijing",
            f"{FIGURES}\n· 陈晓雯　9 分：好\n· 老周　6 分：［慢］（http://x）\n"
            "· 林一诺　0 分：没有写原因",
        ),
        Tell("wangqiang", FIGURES),
    ]


def test_nps_of_nobody_is_not_zero(room: Room) -> None:
    one = room("nps", "{open_for: 2h}")
    one.run("10:00")
    _, post, told, _ = one.tick("12:00")
    assert post.text == "💬 “您会推荐我们吗”截止，谢谢大家！"
    assert told.text == "**财富体验群**\n💬 您会推荐我们吗：没有人评分，这次没有 NPS。"
