"""live: reserving, reminders, the start."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sop.community import DeliveryMode
from sop.effects import CloseGathering, Count, KeepReply, Post, Reply, Tell, TurnGathering
from sop.step import CannotRun

Room = Callable[..., Any]
OPTIONS = (
    "{subject: 资产配置, text: 本行主讲。, starts: '20:00', days_later: %d,"
    " link: 'https://live.example.com/1', reminders: [1d, 15m]}"
)
WEDNESDAY = date(2026, 11, 25)
TUESDAY = date(2026, 11, 24)


def test_live_opens_its_reservation(room: Room) -> None:
    one = room("live", OPTIONS % 2)
    opened, post = one.run("10:00")
    assert (opened.next_at, opened.closes_at) == (
        one.context("20:00", TUESDAY).now,
        one.context("20:00", WEDNESDAY).now,
    )
    assert post.text == (
        "📺 **直播：资产配置**\n本行主讲。\n\n🕗 11 月 25 日 20:00 开始\n"
        "请发“@群运 预约”，开播前我在群里提醒。"
    )


def test_live_reservation_is_kept_once(room: Room) -> None:
    one = room("live", OPTIONS % 0)
    one.run("10:00")
    assert one.hear("wm1", "预约！") == [
        KeepReply(7, "wm1", {"comes": True}),
        Count("wealth-01", "wm1", "answer"),
        Reply("✅ 预约成功，20:00 见，开播前我在群里提醒。"),
    ]
    assert one.hear("wm1", "我要预约") == [Reply("您已经预约过了，20:00 见。")]


@pytest.mark.parametrize("words", ["取消预约", "预约 取消", "预约 不去了"])
def test_live_reservation_is_taken_back(room: Room, words: str) -> None:
    one = room("live", OPTIONS % 0)
    one.run("10:00")
    assert one.say("wm1", words) == "您还没有预约过，不用取消。"
    one.say("wm1", "预约")
    assert one.say("wm1", words) == "已取消预约。改主意可以再约。"
    assert one.reply(7, "wm1") == {"comes": False}


@pytest.mark.parametrize("words", ["是什么意思", "明天", "😀" + "好" * 10_000])
def test_live_question_is_no_reservation(room: Room, words: str) -> None:
    one = room("live", OPTIONS % 0)
    one.run("10:00")
    assert one.hear("wm1", f"预约{words}") == [
        Reply("想预约请发“@群运 预约”；不去了请发“@群运 取消预约”。")
    ]


def test_live_reminds_group_and_rm(room: Room) -> None:
    one = room("live", OPTIONS % 2)
    one.run("10:00")
    one.say("wm1", "预约")
    one.say("wm2", "预约")
    one.say("wm2", "取消预约")
    assert one.tick("20:00", TUESDAY) == [
        TurnGathering(
            7,
            "open",
            one.context("19:45", WEDNESDAY).now,
            one.context("20:00", WEDNESDAY).now,
        ),
        Post(
            "wealth-01",
            "⏰ **资产配置**　明天 20:00 开始，还有 1 天。\n已有 1 位群友预约。\n"
            "> 还没预约的请发“@群运 预约”。",
            quiet_hours="21:30-08:30",
            expires_at=one.context("20:00", WEDNESDAY).now,
        ),
        Tell(
            "lijing",
            "**财富体验群**\n📺 “资产配置”还有 1 天，预约 1 人：陈晓雯\n\n"
            "可以这样私信他们：\n"
            "> 您预约的“资产配置”明天 20:00 开始，到时点这里就能看：https://live.example.com/1",
        ),
    ]


def test_live_posts_its_link_at_the_start(room: Room) -> None:
    one = room("live", OPTIONS % 0)
    one.run("10:00")
    one.say("wm1", "预约")
    assert one.tick("20:00") == [
        CloseGathering(7, "直播开始", {"reserved": 1}),
        Post(
            "wealth-01",
            "▶️ **资产配置** 开始了，点这里进入：https://live.example.com/1",
            quiet_hours="21:30-08:30",
            expires_at=one.context("21:00").now,
        ),
    ]


def test_live_only_reminds_where_nobody_is_heard(room: Room) -> None:
    one = room("live", OPTIONS % 0, heard_as="", mode=DeliveryMode.ASSIST)
    _, post = one.run("10:00")
    assert post.text == "📺 **直播：资产配置**\n本行主讲。\n\n🕗 20:00 开始"
    _, reminder = one.tick("19:45")
    assert reminder.text == "⏰ **资产配置**　20:00 开始，还有 15 分钟。"


def test_live_that_has_begun_does_not_open(room: Room) -> None:
    with pytest.raises(CannotRun, match=r"^“直播：资产配置”没有开启：开始时间已经过了。$"):
        room("live", OPTIONS % 0).run("20:00")


def test_live_without_reservations_is_told_in_one_line(room: Room) -> None:
    """Regression: a text for everybody who had reserved, and nobody had."""
    one = room("live", OPTIONS % 2)
    one.run("10:00")
    *_, told = one.tick("20:00", TUESDAY)
    assert told == Tell("lijing", "**财富体验群**\n📺 “资产配置”还有 1 天，还没有人预约。")
