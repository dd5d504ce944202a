"""What every gathering does: whom a keyword calls, when it is too late, how it wakes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sop import listening
from sop.effects import CloseGathering, Post, TurnGathering
from sop.game import Player

Room = Callable[..., Any]
VOTE = "{subject: %s, text: 请选, options: [甲项, 乙项], open_for: 2h, last_call: 10m, keyword: %s}"


def both(room: Room, *keywords: str) -> Any:
    """A room with one open vote for each keyword, the last one the newest."""
    rooms = [room("vote", VOTE % (f"第{n}", one)) for n, one in enumerate(keywords)]
    opened = []
    for n, one in enumerate(rooms):
        one.run("10:00")
        opened.append(replace(one.gathering, id=n))
    last = rooms[-1]
    last.gatherings = lambda community, since: opened[::-1]
    return last, opened


@pytest.mark.parametrize(
    ("keywords", "said", "called"),
    [
        (("投票", "投票"), "投票 1", 1),
        (("投票", "选歌"), "投票 1", 0),
        (("投票会", "投票"), "投票会 1", 0),
        (("投票", "投票会"), "投票会 1", 1),
    ],
)
def test_keyword_decides_then_the_longer_then_the_newer(
    room: Room, keywords: tuple[str, ...], said: str, called: int
) -> None:
    one, _ = both(room, *keywords)
    (kept, *_) = one.hear("wm1", said)
    assert kept.gathering == called


def test_open_one_is_called_before_a_newer_closed_one(room: Room) -> None:
    one, opened = both(room, "投票", "投票")
    opened[1] = replace(opened[1], closed_at=one.context("10:01").now)
    (kept, *_) = one.hear("wm1", "投票 1")
    assert kept.gathering == 0


def test_reply_after_the_end_is_too_late(room: Room) -> None:
    one = room("vote", VOTE % ("听什么", "投票"))
    one.run("10:00")
    late = "投票“听什么”已经截止，下次早点来。"
    assert one.say("wm1", "投票 1", "11:59") == "✅ 已投给：1. 甲项。截止前可以再改。"
    assert one.say("wm1", "投票 2", "12:00") == late
    one.tick("12:01")
    assert one.say("wm1", "投票 2", "12:02") == late
    tomorrow = one.context("12:02").day + timedelta(days=1)
    assert one.hear("wm1", "投票 2", "12:02", tomorrow) == []


@pytest.mark.parametrize("text", ["", "大家好", "掷", "票投 1", "签到", "好" * 10_000, "\x00"])
def test_other_words_call_nobody(room: Room, text: str) -> None:
    one = room("vote", VOTE % ("听什么", "投票"))
    one.run("10:00")
    assert (
        listening.heard(one.facts, one.home, Player("wm1", ""), text, one.context("10:05").now)
        is None
    )


def test_help_names_what_is_open(room: Room) -> None:
    one = room("vote", VOTE % ("听什么", "投票"))
    one.run("10:00")
    here = one.facts, one.home
    assert listening.open_now(*here, one.context("10:05").now) == [
        "投票“听什么”：请发“@群运 投票 编号”"
    ]
    assert listening.open_now(*here, one.context("12:00").now) == []


def test_last_call_comes_once(room: Room) -> None:
    one = room("vote", VOTE % ("听什么", "投票"))
    one.run("10:00")
    closes_at = one.context("12:00").now
    assert one.tick("11:50") == [
        TurnGathering(7, "open", closes_at, closes_at),
        Post(
            "wealth-01",
            "⏰ 投票“听什么”还有 10 分钟截止，请发“@群运 投票 编号”。",
            quiet_hours="21:30-08:30",
            expires_at=closes_at,
        ),
    ]


def test_end_that_was_missed_comes_without_the_reminder(room: Room) -> None:
    one = room("vote", VOTE % ("听什么", "投票"))
    one.run("10:00")
    closed, post = one.tick("15:00")
    assert isinstance(closed, CloseGathering)
    assert post.text == "🗳 投票“听什么”截止，这次没有人投票，下次早点来。"


def test_gathering_of_rules_that_are_lost_is_closed(room: Room) -> None:
    one = room("vote", VOTE % ("听什么", "投票"))
    one.run("10:00")
    for lost in ({"kind": "seance"}, {"kind": "content"}, {"options": {"subject": "?"}}):
        gathering = replace(one.gathering, **lost)
        effects = listening.tick(one.facts, one.home, gathering, one.context("12:00").now)
        assert effects == [CloseGathering(7, "程序已不认识它的规则", {})]


def test_text_is_kept_as_it_was_read(room: Room) -> None:
    """A plan's own variables, and what looks like a template in their values, are only text."""
    one = room("vote", VOTE % ("听什么", "投票"))
    step = next(one.plan.steps())
    spec = step.spec.model_copy(update={"text": "{{ hint }}：{{ weekday }}"})
    one.plan = one.plan.model_copy(update={"variables": {"hint": "{{ 1 }}{% x %}"}})
    opened, post = one._apply(spec.run(one.context("10:00")), one.context("10:00").now)
    assert opened.options["text"] == "{ { 1 }}{ % x %}：周一"
    assert post.text.split("\n")[1] == "{{ 1 }}{% x %}：周一"
    assert one.say("wm1", "投票 1") == "✅ 已投给：1. 甲项。截止前可以再改。"


def test_script_says_when_it_closes_if_it_opens_on_time(room: Room) -> None:
    one = room("vote", VOTE % ("听什么", "投票"))
    early = replace(one.context("10:00"), now=one.context("9:45").now)
    assert early.step.spec.script(early).split("\n")[-1].startswith("> 12:00 截止")


@pytest.mark.parametrize(
    ("heard_as", "text"),
    [("群运", "⏰ **10:00 投票：听什么**\n届时请发“@群运 投票 编号”。"), ("", "")],
)
def test_announcement_is_for_those_who_are_heard(room: Room, heard_as: str, text: str) -> None:
    one = room("vote", VOTE % ("听什么", "投票"), heard_as=heard_as)
    ahead = one.context("10:00")
    assert ahead.step.spec.announcement(ahead) == text


def test_script_where_nobody_is_heard_leaves_the_counting_to_the_rm(room: Room) -> None:
    one = room("vote", VOTE % ("听什么", "投票"), heard_as="")
    ahead = one.context("10:00")
    assert ahead.step.spec.script(ahead).split("\n")[-1] == (
        "> 机器人听不到这个群，请您发出后自己记下大家的回复。"
    )
