"""checkin: the call, the tally, the longest streak."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from sop.effects import CloseGathering, Post

Room = Callable[..., Any]
TODAY = date(2026, 11, 23)


def days(*members: str) -> dict[date, list[str]]:
    """Who checked in today, yesterday, the day before …"""
    return {TODAY - timedelta(days=n): one.split() for n, one in enumerate(members)}


def test_checkin_calls(room: Room) -> None:
    one = room("checkin", "{open_for: 2h}")
    _, post = one.run("10:00")
    assert post.text == (
        "☀️ 周一好，财富体验群的各位！今天的签到开始了。\n请发“@群运 签到”，每天一次。\n"
        "> 12:00 公布人数。"
    )


def test_checkin_leaves_the_word_to_the_daily_one(room: Room) -> None:
    one = room("checkin", "{open_for: 2h}")
    one.run("10:00")
    assert one.hear("wm1", "签到") == []


@pytest.mark.parametrize(
    ("checked", "count", "longest", "text"),
    [
        (days(""), 0, 0, "☀️ 今天还没有人签到，明天早点来。"),
        (days("wm1 wm2"), 2, 1, "☀️ **今日签到**：今天 2 人签到，谢谢大家！"),
        (
            days("wm1 wm2 wm3", "wm3 wm1", "wm1 wm4", "wm2"),
            3,
            3,
            "☀️ **今日签到**：今天 3 人签到，谢谢大家！\n连续最长 3 天：陈晓雯 👏",
        ),
        (
            days("wm4 wm3 wm2 wm1", "wm1 wm2 wm3 wm4"),
            4,
            2,
            "☀️ **今日签到**：今天 4 人签到，谢谢大家！\n"
            "连续最长 2 天：Grace、林一诺、老周等 4 位 👏",
        ),
    ],
)
def test_checkin_closes_with_the_tally(
    room: Room, checked: dict[date, list[str]], count: int, longest: int, text: str
) -> None:
    one = room("checkin", "{open_for: 2h}")
    one.run("10:00")
    one.checked = checked
    assert one.tick("12:00") == [
        CloseGathering(7, "时间到", {"members": count, "longest": longest}),
        Post("wealth-01", text, quiet_hours="21:30-08:30"),
    ]


def test_checkin_where_nobody_is_heard_is_handed_over(room: Room) -> None:
    post, _ = room("checkin", "{open_for: 2h}", heard_as="").run("10:00")
    assert post.text == (
        "☀️ 周一好，财富体验群的各位！今天的签到开始了。\n请大家在群里发一个“签到”。"
    )
