"""topic: submissions, the RM's choice, the vote, the best."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from sop.effects import CloseGathering, Count, KeepReply, Post, Reply, Tell, TurnGathering

Room = Callable[..., Any]
TALK = "{subject: 我的第一笔投资, text: 是怎么开始的？}"
SUBMIT = "{subject: 我的第一笔投资, text: 是怎么开始的？, submit: true, open_for: 2h%s}"
VOTED = SUBMIT % ", vote_for: 2h, last_call: 10m"
STORIES = {"wm1": "给女儿存的教育金。", "wm2": "存了一年定期。", "wm3": "加我微信包赚"}


def collected(room: Room, options: str = VOTED, taken: str = "wm1 wm2") -> Any:
    """A room with three stories, some of them taken."""
    one = room("topic", options)
    one.run("10:00")
    for member, story in STORIES.items():
        one.say(member, f"投稿 {story}")
    for member in taken.split():
        one.keep(member, taken=True)
    return one


def test_topic_to_talk_about_is_one_post(room: Room) -> None:
    one = room("topic", TALK)
    assert one.run("10:00") == [
        Post(
            "wealth-01",
            "💭 **我的第一笔投资**\n是怎么开始的？",
            quiet_hours="21:30-08:30",
            expires_at=one.context("10:30").now,
        )
    ]


def test_topic_opens_for_submissions(room: Room) -> None:
    _, post = room("topic", VOTED).run("10:00")
    assert post.text == (
        "💭 **我的第一笔投资**\n是怎么开始的？\n\n"
        "请发“@群运 投稿 您的故事”，每人一篇，最多 500 字，采用的稿件由大家投票选出最佳。\n"
        "> 12:00 截止；审核后会署群昵称在群里展示，再发一次就替换上一篇。"
    )


def test_topic_story_is_shown_to_the_rm_alone(room: Room) -> None:
    one = room("topic", VOTED)
    one.siblings = 2
    one.run("10:00")
    assert one.hear("wm1", "投稿：第一笔\n<b>是</b> [定期](http://x)") == [
        KeepReply(
            7,
            "wm1",
            {"n": 1, "story": "第一笔\n<b>是</b> [定期](http://x)", "taken": None, "version": 1},
        ),
        Count("wealth-01", "wm1", "answer"),
        Reply("✅ 收到您的投稿，1 号。审核通过后会署名“陈晓雯”在群里展示。"),
        Tell(
            "lijing",
            "**财富体验群**\n📥 “我的第一笔投资”投稿 1 号　陈晓雯\n"
            "> 第一笔\n> ＜b＞是＜/b＞ ［定期］（http://x）\n\n"
            "采用请发：采用 1 财富体验群\n不采用请发：不采用 1 财富体验群",
        ),
    ]


def test_topic_changed_story_must_be_taken_anew(room: Room) -> None:
    one = collected(room)
    assert one.say("wm1", "投稿 改成给儿子存的。") == (
        "✅ 已换成这一篇，1 号。审核通过后会署名“陈晓雯”在群里展示。"
    )
    assert one.reply(7, "wm1") == {
        "n": 1,
        "story": "改成给儿子存的。",
        "taken": None,
        "version": 2,
    }


def test_topic_story_is_changed_a_few_times_only(room: Room) -> None:
    one = collected(room)
    for n in range(2, 6):
        assert len(one.hear("wm1", f"投稿 这是第 {n} 稿了")) == 4
    assert one.hear("wm1", "投稿 这是第 6 稿了") == [
        Reply("这篇已经改过 4 次，不能再改了，以最后一次为准。")
    ]


@pytest.mark.parametrize(
    ("story", "answer"),
    [
        ("", "稿件太短了，至少写 5 个字。请发“@群运 投稿 您的故事”。"),
        ("😀😀😀😀😀😀", "稿件太短了，至少写 5 个字。请发“@群运 投稿 您的故事”。"),
        ("好" * 501, "投稿最多 500 字，您写了 501 字，这次没有收下。请删短后再发。"),
        ("好" * 10_000, "投稿最多 500 字，您写了 10000 字，这次没有收下。请删短后再发。"),
    ],
)
def test_topic_story_too_short_or_long_is_not_taken(room: Room, story: str, answer: str) -> None:
    one = room("topic", VOTED)
    one.run("10:00")
    assert one.hear("wm1", f"投稿 {story}") == [Reply(answer)]


def test_topic_number_is_never_given_twice(room: Room) -> None:
    one = collected(room)
    del one.members["wm3"]
    assert one.say("wm4", "投稿 我也来写一篇") == (
        "✅ 收到您的投稿，4 号。审核通过后会署名“Grace”在群里展示。"
    )


def test_topic_last_call_tells_the_rm_what_waits(room: Room) -> None:
    turn, post, told = collected(room).tick("11:50")
    assert post.text == ("⏰ 话题“我的第一笔投资”还有 10 分钟截止，请发“@群运 投稿 您的故事”。")
    assert told.text == ("**财富体验群**\n📥 “我的第一笔投资”即将截止，还没决定的投稿：3 号。")
    assert turn.next_at == turn.closes_at


def test_topic_turns_into_a_vote_on_what_was_taken(room: Room) -> None:
    one = collected(room)
    commitment = sha256(("00" * 32).encode()).hexdigest()
    assert one.tick("12:00") == [
        TurnGathering(7, "vote", one.context("13:50").now, one.context("14:00").now),
        Post(
            "wealth-01",
            "📖 **我的第一笔投资·请投票**\n\n"
            "**1 号　陈晓雯**\n> 给女儿存的教育金。\n\n**2 号　老周**\n> 存了一年定期。\n\n"
            "请发“@群运 投票 编号”，每人一票，不能投自己。\n"
            "> 14:00 截止。同票抽签，签由种子算出，种子的 SHA-256："
            f"`{commitment}`",
            quiet_hours="21:30-08:30",
        ),
        Tell(
            "lijing",
            "**财富体验群**\n📥 “我的第一笔投资”征集截止。3 号没有采用，不会展示。",
        ),
    ]


@pytest.mark.parametrize(
    ("member", "words", "answer"),
    [
        ("wm1", "投票 2", "✅ 已投给 2 号，截止前可以再改。"),
        ("wm4", "投票：１号", "✅ 已投给 1 号，截止前可以再改。"),
        ("wm4", "我要投给", ""),
        ("wm1", "投票 1", "不能投自己的那一篇，请投给别的群友。"),
        ("wm4", "投票 3", "没看懂要投给几号。可以投：1、2，一次投一篇。"),
        ("wm4", "投票 1 2", "没看懂要投给几号。可以投：1、2，一次投一篇。"),
        ("wm4", "投票" + "9" * 10_000, "没看懂要投给几号。可以投：1、2，一次投一篇。"),
        ("wm4", "投稿 来晚了", "投稿已经截止，现在可以给喜欢的稿件投票：请发“@群运 投票 编号”。"),
    ],
)
def test_topic_vote_is_read(room: Room, member: str, words: str, answer: str) -> None:
    one = collected(room)
    one.tick("12:00")
    assert one.say(member, words, "12:05") == answer


def test_topic_best_has_most_votes(room: Room) -> None:
    one = collected(room)
    one.tick("12:00")
    one.say("wm1", "投票 2", "12:05")
    one.say("wm4", "投票 1", "12:05")
    assert one.say("wm4", "投票 2", "12:06") == "✅ 已改投 2 号，截止前可以再改。"
    one.say("wm3", "投票 1", "12:07")
    result = {"stories": 3, "taken": 2, "voters": 3, "votes": {"1": 1, "2": 2}, "best": 2}
    assert one.tick("14:00") == [
        CloseGathering(7, "投票截止", result),
        Post(
            "wealth-01",
            "🏆 **我的第一笔投资·本期最佳**\n**2 号　老周**\n> 存了一年定期。\n\n"
            "2 号　老周\n███████░░░ 67%（2 票）\n1 号　陈晓雯\n███░░░░░░░ 33%（1 票）\n"
            "> 共 3 人投票。",
            quiet_hours="21:30-08:30",
        ),
    ]


def test_topic_equal_votes_are_decided_by_a_lot_that_anybody_can_check(room: Room) -> None:
    one = collected(room)
    one.tick("12:00")
    one.say("wm1", "投票 2", "12:05")
    one.say("wm2", "投票 1", "12:05")
    _, post = one.tick("14:00")
    seed = "00" * 32
    lots = {n: sha256(f"{seed}/{n}".encode()).hexdigest() for n in ("1", "2")}
    best = min(lots, key=lots.__getitem__)
    assert one.result == (
        "投票截止",
        {"stories": 3, "taken": 2, "voters": 2, "votes": {"1": 1, "2": 1}, "best": int(best)},
    )
    assert post.text.split("\n")[-1] == (
        f"> 1 号、2 号票数相同，抽签选出 {best} 号：“种子/编号”的 SHA-256 最小者为先，种子 `{seed}`"
    )


def test_topic_vote_of_nobody_has_no_best(room: Room) -> None:
    one = collected(room)
    one.tick("12:00")
    _, post = one.tick("14:00")
    assert post.text == "📖 “我的第一笔投资”的投票结束了，没有人投票，每一篇都是好故事。"


@pytest.mark.parametrize(
    ("options", "taken", "head"),
    [
        (VOTED, "wm1", "📖 **我的第一笔投资·群友投稿**"),
        (SUBMIT % "", "wm1 wm2", "📖 **我的第一笔投资·群友投稿**"),
        (VOTED, "", "💭 “我的第一笔投资”的征集结束了，谢谢大家关注。"),
    ],
)
def test_topic_without_a_vote_shows_what_was_taken(
    room: Room, options: str, taken: str, head: str
) -> None:
    closed, post, _ = collected(room, options, taken).tick("12:00")
    counted = {"stories": 3, "taken": len(taken.split())}
    assert closed == CloseGathering(7, "征集截止", counted)
    assert post.text.split("\n")[0] == head
    assert "加我微信" not in post.text
