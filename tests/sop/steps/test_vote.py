"""vote: reading a vote, counting it, showing the result."""

from collections.abc import Callable
from typing import Any

import pytest

from sop.community import DeliveryMode
from sop.effects import CloseGathering, Count, KeepReply, OpenGathering, Post, Reply, Tell

Room = Callable[..., Any]

OPTIONS = (
    "{subject: 下期想听什么, text: '{{ weekday }}好，您来定。',"
    " options: [亲子理财, 养生讲座, 周边旅行], open_for: 2h, last_call: 10m%s}"
)
SHEET = "🗳 **投票：下期想听什么**\n周一好，您来定。\n\n1. 亲子理财\n2. 养生讲座\n3. 周边旅行"


def test_vote_opens_with_its_options_and_rules(room: Room) -> None:
    one = room("vote", OPTIONS % "")
    opened, post = one.run("10:00")
    assert opened == OpenGathering(
        community="wealth-01",
        kind="vote",
        occurrence="p/s/2026-11-23/wealth-01",
        options={
            "text": "周一好，您来定。",
            "open_for": "2h",
            "last_call": "10m",
            "subject": "下期想听什么",
            "options": ["亲子理财", "养生讲座", "周边旅行"],
            "multiple": 1,
            "keyword": "投票",
        },
        phase="open",
        seed="00" * 32,
        quiet_hours="21:30-08:30",
        next_at=one.context("11:50").now,
        closes_at=one.context("12:00").now,
    )
    assert post == Post(
        "wealth-01",
        f"{SHEET}\n\n请发“@群运 投票 编号”，每人一票。\n"
        "> 12:00 截止，到时公布结果；截止前可以改，以最后一次为准。",
        quiet_hours="21:30-08:30",
        expires_at=one.context("12:00").now,
    )


def test_vote_is_kept_counted_and_confirmed(room: Room) -> None:
    one = room("vote", OPTIONS % "")
    one.run("10:00")
    assert one.hear("wm1", "投票 2") == [
        KeepReply(7, "wm1", {"options": [1]}),
        Count("wealth-01", "wm1", "answer"),
        Reply("✅ 已投给：2. 养生讲座。截止前可以再改。"),
    ]
    assert one.say("wm1", "投票 1") == "✅ 已改为：1. 亲子理财。截止前可以再改。"
    assert one.reply(7, "wm1") == {"options": [0]}


@pytest.mark.parametrize(
    "words", ["", " ", "9", "0", "😀", "好的", "1 9", "10", "什么时候截止", "好" * 10_000]
)
def test_vote_that_is_no_option_is_answered_with_help(room: Room, words: str) -> None:
    one = room("vote", OPTIONS % "")
    one.run("10:00")
    assert one.hear("wm1", f"投票 {words}") == [
        Reply(
            "没看懂要投给谁。请发“@群运 投票 编号”。可选：1. 亲子理财；2. 养生讲座；3. 周边旅行。"
        )
    ]


def test_vote_for_too_many_is_not_counted(room: Room) -> None:
    one = room("vote", OPTIONS % ", multiple: 2")
    one.run("10:00")
    assert one.say("wm1", "投票 1 2 3") == (
        "每人最多选 2 项，您选了 3 项，这次没有计票。请发“@群运 投票 编号”。"
    )
    assert one.say("wm1", "投票 31") == "✅ 已投给：1. 亲子理财、3. 周边旅行。截止前可以再改。"
    assert one.reply(7, "wm1") == {"options": [0, 2]}


def test_vote_result_is_a_chart_by_count(room: Room) -> None:
    one = room("vote", OPTIONS % "")
    one.run("10:00")
    for member, words in (("wm1", "2"), ("wm2", "养生"), ("wm3", "C"), ("wm4", "1")):
        one.say(member, f"投票 {words}")
    del one.members["wm4"]
    assert one.tick("12:00") == [
        CloseGathering(7, "时间到", {"voters": 3, "counts": [0, 2, 1]}),
        Post(
            "wealth-01",
            "📊 **投票结果：下期想听什么**\n"
            "2. 养生讲座\n███████░░░ 67%（2 票）\n"
            "3. 周边旅行\n███░░░░░░░ 33%（1 票）\n"
            "1. 亲子理财\n░░░░░░░░░░ 0%（0 票）\n"
            "得票最多：养生讲座\n> 共 3 人投票。",
            quiet_hours="21:30-08:30",
        ),
    ]


def test_vote_with_equal_counts_names_all_of_them(room: Room) -> None:
    one = room("vote", OPTIONS % ", multiple: 2")
    one.run("10:00")
    one.say("wm1", "投票 1 2")
    _, post = one.tick("12:00")
    assert post.text == (
        "📊 **投票结果：下期想听什么**\n"
        "1. 亲子理财\n██████████ 100%（1 票）\n"
        "2. 养生讲座\n██████████ 100%（1 票）\n"
        "3. 周边旅行\n░░░░░░░░░░ 0%（0 票）\n"
        "得票最多：亲子理财、养生讲座（并列）\n> 共 1 人投票，可多选，百分比按人数算。"
    )


def test_vote_without_voters_says_so(room: Room) -> None:
    one = room("vote", OPTIONS % "")
    one.run("10:00")
    closed, post = one.tick("12:00")
    assert closed == CloseGathering(7, "时间到", {"voters": 0, "counts": [0, 0, 0]})
    assert post.text == "🗳 投票“下期想听什么”截止，这次没有人投票，下次早点来。"


@pytest.mark.parametrize(
    ("mode", "whom"), [("assist", "大家私信我"), ("robot", "大家私信客户经理 李静")]
)
def test_vote_where_nobody_is_heard_is_handed_over(room: Room, mode: str, whom: str) -> None:
    one = room("vote", OPTIONS % "", heard_as="", mode=DeliveryMode(mode))
    assert one.run("10:00") == [
        Post(
            "wealth-01",
            f"{SHEET}\n\n请{whom}选项编号，每人一票。",
            quiet_hours="21:30-08:30",
            expires_at=one.context("10:30").now,
        ),
        Tell(
            "lijing",
            "“财富体验群”里机器人听不到成员说话，“投票：下期想听什么”没有开启，"
            "不会自动收集和统计。\n话术已交给您，请您自己记下大家的回复。",
            not_before=one.context("10:01").now,
        ),
    ]
