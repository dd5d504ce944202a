"""Dice: one whole round word by word, and every turn that can go otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from sop.game import Player, Result, Turn, View
from sop.games import all_games
from sop.games.dice import GAME, Options

SEED = bytes(range(32))
START = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
TEN = Options()
ANNA, BOB, CARL = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔"))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def opened(options: Options = TEN) -> Turn:
    return GAME.start(options, {}, SEED, START)


def said(turn: Turn, player: Player, text: str, minutes: float = 1, options: Options = TEN) -> Turn:
    after = GAME.said(options, turn.state, player, text, at(minutes))
    assert after is not None
    return after


def test_dice_is_found_by_its_name() -> None:
    assert all_games()["dice"] is GAME
    assert (GAME.name, GAME.title) == ("dice", "掷骰子")


def test_dice_whole_round() -> None:
    turn = opened()
    lines = [*turn.posts]
    for player, text in ((ANNA, "掷"), (BOB, "🎲🎲"), (CARL, "骰 子！"), (CARL, "DICE")):
        turn = said(turn, player, text)
        lines.append(f"{player.name}：{turn.reply}")
    for minutes in (5, 9, 10):
        assert turn.next_at == at(minutes)
        turn = GAME.tick(TEN, turn.state, at(minutes))
        lines += turn.posts
    assert lines == [
        "🎲 **掷骰子，开始！**\n"
        "说“掷”或“骰子”就能掷出两枚骰子，点数之和最大者胜。\n"
        "> 时长 10 分钟，每人 1 次\n"
        "> 点数由开局前定下的随机种子算出，早掷晚掷机会一样；同点的按同一种子的随机号排先后",
        "安娜：🎲 5 + 6 = **11 点**，暂列第 1 名。",
        "小波：🎲 6 + 2 = **8 点**，暂列第 2 名。",
        "卡尔：🎲 2 + 5 = **7 点**，暂列第 3 名。",
        "卡尔：您已经掷过了：2 + 5 = 7 点，以此为准，等结果吧。",
        "⏳ 还有 5 分钟，已有 3 人掷过，说“掷”就能参加。",
        "⏳ 还有 1 分钟，已有 3 人掷过，说“掷”就能参加。",
        "🏁 **掷骰子，结束！**\n"
        "3 人参加，排名如下：\n"
        "🥇 安娜　11 点（5 + 6）\n"
        "🥈 小波　8 点（6 + 2）\n"
        "🥉 卡尔　7 点（2 + 5）",
    ]
    assert turn.over == Result("时间到", (ANNA.id, BOB.id, CARL.id))
    assert turn.next_at is None


@pytest.mark.parametrize(
    "text",
    ["掷", "骰子", "掷骰子！", "🎲", "🎲 🎲", "dice", "ＤＩＣＥ", "[骰子]", "擲骰子", "Roll"],
)
def test_dice_words_that_roll(text: str) -> None:
    assert said(opened(), ANNA, text).played == (ANNA.id,)


@pytest.mark.parametrize(
    "text", ["", "你好", "掷地有声", "骰子怎么玩？", "🎲哈哈", "A", "掷" * 5000, "\u200b", "🎂"]
)
def test_dice_words_that_do_not(text: str) -> None:
    assert GAME.said(TEN, opened().state, ANNA, text, at(1)) is None


def test_dice_roll_does_not_depend_on_order() -> None:
    first = said(said(opened(), ANNA, "掷"), BOB, "掷", 2)
    second = said(said(opened(), BOB, "掷", 3), ANNA, "掷", 4)
    assert first.state["players"] == second.state["players"]
    ends = [GAME.end(TEN, turn.state, at(5)).over for turn in (first, second)]
    assert ends[0] == ends[1]


def test_dice_second_roll_is_answered_once_then_ignored() -> None:
    rolled = said(opened(), ANNA, "掷")
    again = said(rolled, ANNA, "掷")
    third = said(again, ANNA, "掷")
    dice = rolled.state["players"][ANNA.id]["rolls"]
    total = f"{dice[0][0]} + {dice[0][1]} = {sum(dice[0])} 点"
    assert again.reply == f"您已经掷过了：{total}，以此为准，等结果吧。"
    assert again.state["players"][ANNA.id]["rolls"] == dice
    assert (again.played, third.reply, third.state) == ((), None, again.state)


def test_dice_best_of_three() -> None:
    options = Options(rolls=3)
    turn = opened(options)
    replies, played = [], []
    for _ in range(4):
        turn = said(turn, ANNA, "掷", options=options)
        replies.append(str(turn.reply))
        played.append(turn.played)
    rolls = turn.state["players"][ANNA.id]["rolls"]
    assert len(rolls) == 3
    assert [reply.split("名")[1] for reply in replies[:3]] == [
        "，还可以掷 2 次。",
        "，还可以掷 1 次。",
        "。",
    ]
    best = max(rolls, key=sum)
    assert replies[3] == (
        f"您已经掷过了：{best[0]} + {best[1]} = {sum(best)} 点，以此为准，等结果吧。"
    )
    assert played == [(ANNA.id,), (), (), ()]


def test_dice_roll_after_the_end_but_before_the_tick() -> None:
    turn = said(opened(), ANNA, "掷", 10)
    assert (turn.reply, turn.played) == ("⏰ 本局已结束，下次早点来。", ())
    assert turn.state == opened().state


def test_dice_roll_after_the_closing() -> None:
    over = GAME.end(TEN, opened().state, at(3))
    assert GAME.said(TEN, over.state, ANNA, "掷", at(4)) is None


def test_dice_nobody_played() -> None:
    turn = GAME.tick(TEN, opened().state, at(10))
    assert turn.posts == ("🎲 本局结束，这次还没有人掷骰子。没关系，下次再一起玩。",)
    assert turn.over == Result("时间到", ())


def test_dice_tick_after_a_long_stop_closes_at_once() -> None:
    turn = GAME.tick(TEN, said(opened(), ANNA, "掷").state, at(600))
    assert turn.over == Result("时间到", (ANNA.id,))
    assert len(turn.posts) == 1


def test_dice_tick_too_early_changes_nothing() -> None:
    turn = opened()
    assert GAME.tick(TEN, turn.state, at(1)) == Turn(turn.state, next_at=at(5))


def test_dice_missed_reminders_are_one() -> None:
    turn = GAME.tick(TEN, opened().state, at(9.5))
    assert turn.posts == ("⏳ 还有 30 秒，还没有人掷，说“掷”就能参加。",)
    assert turn.next_at == at(10)


@pytest.mark.parametrize(
    ("duration", "calls"), [("1m", []), ("2m", [1]), ("3m", [2]), ("4m", [2, 3]), ("1h", [30, 59])]
)
def test_dice_reminders_fit_the_duration(duration: str, calls: list[int]) -> None:
    options = Options.model_validate({"duration": duration})
    state = opened(options).state
    assert state["calls"] == [at(minutes).isoformat() for minutes in calls]


@pytest.mark.parametrize("value", ["30s", "2d", "10", 600, "十分钟"])
def test_dice_duration_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({"duration": value})


def test_dice_options_survive_json() -> None:
    options = Options.model_validate({"duration": "90s", "rolls": 2})
    assert Options.model_validate_json(options.model_dump_json()) == options


def test_dice_hint_reveal_and_extend() -> None:
    empty = opened()
    rolled = said(empty, ANNA, "掷")
    dice = rolled.state["players"][ANNA.id]["rolls"][0]
    assert GAME.hint(TEN, empty.state, at(2)).posts == (
        "🎲 还没掷的朋友，说“掷”或“骰子”就行。还没有人掷，点数最大的获胜。",
    )
    assert GAME.reveal(TEN, empty.state, at(2)).posts == (
        "🎲 还没有人掷，第一名的位置空着，谁先来？",
    )
    assert GAME.reveal(TEN, rolled.state, at(2)).posts == (
        f"🎲 **当前排名**\n🥇 安娜　{sum(dice)} 点（{dice[0]} + {dice[1]}）",
    )
    extended = GAME.extend(TEN, rolled.state, at(2), 300)
    assert extended.posts == ("⏱ 本局延长，还有 13 分钟。说“掷”就能参加。",)
    assert extended.next_at == at(14)
    late = GAME.extend(TEN, rolled.state, at(11), 30)
    assert (late.posts, late.next_at) == (
        ("⏱ 本局延长，还有 30 秒。说“掷”就能参加。",),
        at(11.5),
    )


def test_dice_ties_are_broken_by_the_seed() -> None:
    members = [Player(f"wm{number}", f"成员{number}") for number in range(60)]
    turn = opened()
    for member in members:
        turn = said(turn, member, "掷")
    forward = GAME.end(TEN, turn.state, at(2)).over
    turn = opened()
    for member in reversed(members):
        turn = said(turn, member, "掷")
    backward = GAME.end(TEN, turn.state, at(2)).over
    assert forward == backward
    assert forward is not None
    totals = [sum(turn.state["players"][winner]["rolls"][0]) for winner in forward.winners]
    assert totals == sorted(totals, reverse=True)
    assert len(totals) == 60


def test_dice_texts_ahead() -> None:
    assert GAME.announcement(Options(rolls=3)) == (
        "🎲 时长 10 分钟，每人最多 3 次，取最大的一次。\n"
        "开局后在群里说“掷”或“骰子”，两枚骰子点数之和最大者胜，早掷晚掷机会一样。"
    )
    assert GAME.host_script(TEN).startswith("掷骰子，时长 10 分钟，到点自动公布结果。")
    assert GAME.problems(TEN, {}) == []


def test_dice_views() -> None:
    options = Options(rolls=2)
    turn = said(opened(options), ANNA, "掷", options=options)
    rule = "两枚骰子，点数之和最大者胜，每人最多 2 次，取最大的一次。"
    assert GAME.view(options, turn.state, BOB.id, at(2)) == View(
        (rule, "已有 1 人掷过，到点公布排名。"), ("掷",), closes_at=at(10)
    )
    assert GAME.view(options, turn.state, ANNA.id, at(2)) == View(
        (rule, "您掷出 5 + 6 = 11 点，暂列第 1 名。", "已有 1 人掷过，到点公布排名。"),
        ("掷",),
        closes_at=at(10),
        picture="dice:5,6",
    )
    turn = said(turn, ANNA, "掷", options=options)
    assert GAME.view(options, turn.state, ANNA.id, at(2)).choices == ()
    ended = GAME.end(options, turn.state, at(3))
    assert GAME.view(options, ended.state, BOB.id, at(4)) == View(
        (rule, "本局已结束。", "🥇 安娜　11 点（5 + 6）")
    )
