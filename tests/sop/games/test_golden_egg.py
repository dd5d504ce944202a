"""Golden egg: a whole round word by word, boards that anybody can compute, and every other turn."""

import hashlib
import hmac
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from sop.game import Player, Result, Turn, View
from sop.games.golden_egg import GAME, Options

SEED = bytes(range(32))
COMMITMENT = "6c86c6aac5fb24bcf5d9939cb7d7d5645ce39418f449e03b262dd4fa14b4b92b"
START = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
SIX = Options()
ANNA, BOB, CARL = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔"))
PROOF = (
    "公开种子 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "它的 SHA-256 就是开局公布的承诺值，凭证对应的蛋盘谁都能验算",
)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def opened(seed: bytes = SEED, options: Options = SIX) -> Turn:
    return GAME.start(options, {}, seed, START)


def said(turn: Turn, player: Player, text: str, minutes: float = 1, options: Options = SIX) -> Turn:
    answered = GAME.said(options, turn.state, player, text, at(minutes))
    assert answered is not None
    return answered


def test_egg_whole_round() -> None:
    turn = opened()
    lines = [*turn.posts]
    for player, text in ((ANNA, "砸3"), (BOB, "砸金蛋"), (BOB, "砸 6 号蛋！"), (ANNA, "砸四")):
        turn = said(turn, player, text)
        lines.append(f"{player.name}：{turn.reply}")
    for minutes in (5, 9, 10):
        assert turn.next_at == at(minutes)
        turn = GAME.tick(SIX, turn.state, at(minutes))
        lines += turn.posts
    assert lines == [
        "🥚 **砸金蛋，开始！**\n"
        "您面前有 6 枚金蛋，说“砸 3”就砸第 3 枚，星多者胜。\n"
        "> 时长 10 分钟，每人砸一枚，蛋里有 1～6 颗星\n"
        "> 每人一盘，里面有什么开局前就定好了，早砸晚砸机会一样；星数相同的按随机号排先后\n"
        f"> 承诺值 {COMMITMENT}",
        "安娜：🔨 3 号蛋里有 **3 颗星**，暂列第 1 名。\n> 您的凭证 88a1565023b1531e，留着可以验算",
        "小波：请说砸哪一枚，1～6 都可以，例如“砸 6”。",
        "小波：🔨 6 号蛋里有 **4 颗星**，暂列第 1 名。\n> 您的凭证 e4104428d098e0d6，留着可以验算",
        "安娜：您已经砸过 3 号蛋：3 颗星，等结果吧。",
        "⏳ 还有 5 分钟，已有 2 人砸过，说“砸 1”就能参加。",
        "⏳ 还有 1 分钟，已有 2 人砸过，说“砸 1”就能参加。",
        "🏁 **砸金蛋，结束！**\n"
        "2 人参加，排名如下：\n"
        "🥇 小波　4 颗星（6 号蛋）\n"
        "🥈 安娜　3 颗星（3 号蛋）\n"
        f"> {PROOF[0]}\n> {PROOF[1]}",
    ]
    assert turn.over == Result("时间到", (BOB.id, ANNA.id))


def recomputed(seed_hex: str, code: str, eggs: int) -> list[int]:
    """A board from what was published, without a line of the program: HMAC-SHA-256 blocks of the
    label and a counter, words of 8 bytes, Fisher–Yates from the last place."""
    words = b"".join(
        hmac.digest(
            bytes.fromhex(seed_hex),
            f"golden-egg/{code}".encode() + number.to_bytes(8, "big"),
            "sha256",
        )
        for number in range(eggs)
    )
    board, used = list(range(1, eggs + 1)), 0
    for last in range(eggs - 1, 0, -1):
        limit = 2**64 - 2**64 % (last + 1)
        while (word := int.from_bytes(words[used : used + 8], "big")) >= limit:
            used += 8
        used += 8
        other = word % (last + 1)
        board[last], board[other] = board[other], board[last]
    return board


def test_egg_board_can_be_computed_by_anybody() -> None:
    assert hashlib.sha256(SEED.hex().encode()).hexdigest() == COMMITMENT
    turn = opened()
    for egg in range(1, 7):
        player = Player(f"wm{egg}", f"成员{egg}")
        reply = said(turn, player, f"砸 {egg}").reply or ""
        code = reply.split("凭证 ")[1][:16]
        assert code == hashlib.sha256(f"{COMMITMENT}/wm{egg}".encode()).hexdigest()[:16]
        assert f"**{recomputed(SEED.hex(), code, 6)[egg - 1]} 颗星**" in reply


def test_egg_is_the_same_whoever_comes_first() -> None:
    forward = said(said(opened(), ANNA, "砸 3"), BOB, "砸 3", 2)
    backward = said(said(opened(), BOB, "砸 3", 3), ANNA, "砸 3", 4)
    assert forward.state["players"] == backward.state["players"]
    ends = [GAME.end(SIX, turn.state, at(5)).over for turn in (forward, backward)]
    assert ends[0] == ends[1]


def test_every_egg_holds_each_count_equally_often() -> None:
    counts = Counter[int]()
    for number in range(1200):
        turn = said(opened(number.to_bytes(32, "big")), ANNA, "砸 2")
        counts[turn.state["players"][ANNA.id]["stars"]] += 1
    assert sorted(counts) == [1, 2, 3, 4, 5, 6]
    assert sum((seen - 200) ** 2 / 200 for seen in counts.values()) < 20.5  # p > 0.001, 5 degrees


@pytest.mark.parametrize(
    "text", ["砸 2", "敲2号", "我选二", "第 2 个", "2", "砸２号蛋", "砸开 2 吧"]
)
def test_egg_words_that_smash(text: str) -> None:
    assert said(opened(), ANNA, text).state["players"][ANNA.id]["egg"] == 2


@pytest.mark.parametrize("text", ["", "你好", "怎么砸", "砸场子", "2 和 3", "砸" * 5000, "\u200b"])
def test_egg_words_that_do_not(text: str) -> None:
    assert GAME.said(SIX, opened().state, ANNA, text, at(1)) is None


@pytest.mark.parametrize("text", ["砸 0", "砸 7", "砸", "我要砸", "砸金蛋"])
def test_egg_without_a_number_that_is_there_is_asked_once(text: str) -> None:
    turn = said(opened(), ANNA, text)
    assert (turn.reply, turn.played) == ("请说砸哪一枚，1～6 都可以，例如“砸 6”。", ())
    assert said(turn, ANNA, text).reply is None
    assert said(turn, ANNA, "砸 1").played == (ANNA.id,)


def test_egg_second_smash_is_answered_once() -> None:
    smashed = said(opened(), ANNA, "砸 3")
    again = said(smashed, ANNA, "砸 4")
    assert again.state["players"] == smashed.state["players"]
    assert (again.played, said(again, ANNA, "砸 5").reply) == ((), None)


def test_egg_late() -> None:
    assert said(opened(), ANNA, "砸 1", 10).reply == "⏰ 本局已结束，下次早点来。"
    over = GAME.end(SIX, opened().state, at(3))
    assert GAME.said(SIX, over.state, ANNA, "砸 1", at(4)) is None
    assert over.posts == ("🥚 本局结束，这次还没有人砸蛋。没关系，下次再一起玩。",)


def test_egg_hint_reveal_extend() -> None:
    empty, smashed = opened(), said(opened(), ANNA, "砸 3")
    assert GAME.hint(SIX, empty.state, at(2)).posts == (
        "🥚 还没砸的朋友，说“砸”加一个号，1～6 任选。还没有人砸，星多的获胜。",
    )
    assert GAME.reveal(SIX, empty.state, at(2)).posts == ("🥚 还没有人砸，第一锤留给您，谁先来？",)
    assert GAME.reveal(SIX, smashed.state, at(2)).posts == (
        "🥚 **当前排名**\n🥇 安娜　3 颗星（3 号蛋）",
    )
    longer = GAME.extend(SIX, smashed.state, at(2), 300)
    assert (longer.posts, longer.next_at) == (
        ("⏱ 本局延长，还有 13 分钟。说“砸 1”就能参加。",),
        at(14),
    )


def test_egg_views() -> None:
    turn = said(opened(), ANNA, "砸 3")
    rule = "每人一盘 6 枚金蛋，任砸一枚，星多者胜。"
    assert GAME.view(SIX, turn.state, BOB.id, at(2)) == View(
        (rule, f"承诺值 {COMMITMENT}"),
        ("砸 1", "砸 2", "砸 3", "砸 4", "砸 5", "砸 6"),
        closes_at=at(10),
        picture="eggs:6",
    )
    assert GAME.view(SIX, turn.state, ANNA.id, at(2)) == View(
        (
            rule,
            "您砸的是 3 号蛋：3 颗星，暂列第 1 名。",
            "您的凭证 88a1565023b1531e，留着可以验算。",
            f"承诺值 {COMMITMENT}",
        ),
        closes_at=at(10),
        picture="eggs:6",
    )
    ended = GAME.end(SIX, turn.state, at(3))
    assert GAME.view(SIX, ended.state, BOB.id, at(4)) == View(
        (rule, "本局已结束。", "🥇 安娜　3 颗星（3 号蛋）", *PROOF), picture="eggs:6"
    )


@pytest.mark.parametrize("value", [2, 13, "6"])
def test_egg_count_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({"eggs": value})
