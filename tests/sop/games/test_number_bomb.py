"""Number bomb: whole rounds word by word, and who may guess when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from sop.game import Player, Result, Turn, View
from sop.games.number_bomb import GAME, Options

SEED = bytes(range(32))
SECRET = 96
START = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
TEN = Options()
ANNA, BOB, CARL = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔"))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def opened() -> Turn:
    return GAME.start(TEN, {}, SEED, START)


def said(turn: Turn, player: Player, text: str, seconds: float) -> Turn:
    answered = GAME.said(TEN, turn.state, player, text, after(seconds))
    assert answered is not None
    return answered


def points(turn: Turn) -> dict[str, int]:
    return {one["name"]: one["points"] for one in turn.state["players"].values()}


def test_bomb_is_hidden_by_the_seed() -> None:
    assert opened().state["secret"] == SECRET
    seeds = [number.to_bytes(32, "big") for number in range(400)]
    secrets = [GAME.start(TEN, {}, seed, START).state["secret"] for seed in seeds]
    assert (min(secrets), max(secrets)) == (1, 100)


def test_bomb_whole_round_until_it_is_hit() -> None:
    turn = opened()
    lines = [*turn.posts]
    moves = ((ANNA, "50", 10), (BOB, "我猜七十", 20), (ANNA, "98", 30), (CARL, "3", 40))
    for player, text, seconds in (*moves, (CARL, "九十六", 50)):
        turn = said(turn, player, text, seconds)
        lines += [f"{player.name}：{turn.reply}", *turn.posts]
    assert lines == [
        "💣 **数字炸弹，开始！**\n"
        "1～100 里藏着一个炸弹，报一个数，我说大了还是小了。\n"
        "> 时长 10 分钟；去掉范围的百分之几就得几分，早报晚报一样\n"
        "> 两秒内的报数算同时；同一个人不能连报；同分的按开局前定下的随机号排先后\n"
        "> 踩中炸弹本局结束：不计名次，给大家支一个省钱小妙招",
        "安娜：✂️ 50 小了，范围缩到 **51～100**，您得 50 分。",
        "小波：✂️ 70 小了，范围缩到 **71～100**，您得 40 分。",
        "安娜：✂️ 98 大了，范围缩到 **71～97**，您得 10 分。",
        "卡尔：3 不在范围里，现在是 71～97，换一个数试试。",
        "卡尔：None",
        "💥 **卡尔踩中了炸弹 96！**\n"
        "小任务：请卡尔给大家支一个省钱小妙招，说完我们一起说声谢谢 👏\n"
        "**数字炸弹，结束！**3 人参加，排名如下：\n"
        "🥇 安娜　60 分（报数 2 次）\n"
        "🥈 小波　40 分（报数 1 次）",
    ]
    assert turn.over == Result("踩中炸弹", (ANNA.id, BOB.id))
    assert turn.played == (CARL.id,)
    assert turn.next_at is None


def test_bomb_hit_takes_the_points_of_before() -> None:
    turn = said(said(opened(), ANNA, "50", 10), BOB, "60", 20)
    assert said(turn, ANNA, "96", 30).over == Result("踩中炸弹", (BOB.id,))


def test_bomb_defused_when_only_it_is_left() -> None:
    turn = said(said(opened(), ANNA, "95", 10), BOB, "97", 20)
    assert turn.reply == "✂️ 97 大了，范围缩到 **96～96**，您得 80 分。"
    assert turn.posts == (
        "✂️ 只剩 96，**炸弹拆除！**\n"
        "**数字炸弹，结束！**2 人参加，排名如下：\n"
        "🥇 安娜　95 分（报数 1 次）\n"
        "🥈 小波　80 分（报数 1 次）",
    )
    assert turn.over == Result("炸弹拆除", (ANNA.id, BOB.id))


def test_bomb_time_is_up() -> None:
    turn = said(opened(), ANNA, "50", 10)
    posts = []
    for seconds in (300, 540, 600):
        assert turn.next_at == after(seconds)
        turn = GAME.tick(TEN, turn.state, after(seconds))
        posts += turn.posts
    assert posts == [
        "⏳ 还有 5 分钟，炸弹在 51～100 之间，报一个数就能参加。",
        "⏳ 还有 1 分钟，炸弹在 51～100 之间，报一个数就能参加。",
        "🏁 炸弹没有响，它是 **96**。\n"
        "**数字炸弹，结束！**1 人参加，排名如下：\n"
        "🥇 安娜　50 分（报数 1 次）",
    ]
    assert turn.over == Result("时间到", (ANNA.id,))


def test_bomb_nobody_guessed() -> None:
    turn = GAME.tick(TEN, opened().state, after(600))
    assert turn.posts == ("🏁 炸弹没有响，它是 **96**。\n这次还没有人报数。没关系，下次再一起玩。",)
    assert turn.over == Result("时间到", ())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_bomb_guesses_of_one_moment_do_not_depend_on_their_order(order: tuple[int, ...]) -> None:
    guesses = [(ANNA, "50"), (BOB, "40"), (CARL, "98")]
    turn = opened()
    for number, which in enumerate(order):
        player, text = guesses[which]
        turn = said(turn, player, text, 10 + number * 0.9)
    assert points(turn) == {"安娜": 50, "小波": 40, "卡尔": 3}
    assert turn.state["now"] == [50, 98]


def test_bomb_guess_a_little_later_meets_the_new_range() -> None:
    turn = said(opened(), ANNA, "50", 10)
    assert points(said(turn, BOB, "40", 12)) == {"安娜": 50, "小波": 40}
    late = said(turn, BOB, "40", 12.1)
    assert late.reply == "40 不在范围里，现在是 51～100，换一个数试试。"
    assert (points(late), late.played) == ({"安娜": 50}, ())


def test_bomb_two_in_a_row_are_answered_once_then_ignored() -> None:
    turn = said(opened(), ANNA, "50", 10)
    second = said(turn, ANNA, "60", 15)
    third = said(second, ANNA, "60", 16)
    assert second.reply == "同一个人不能连报，等别人报一次，或过 30 秒再来。"
    assert (third.reply, points(third)) == (None, {"安娜": 50})
    assert points(said(third, ANNA, "60", 40)) == {"安娜": 70}
    other = said(third, BOB, "60", 20)
    assert points(said(other, ANNA, "80", 25)) == {"安娜": 100, "小波": 20}


@pytest.mark.parametrize("text", ["我觉得是 3 或者 5", "哈哈", "", "A", "９" * 30, "50-60"])
def test_bomb_conversation_is_no_guess(text: str) -> None:
    assert GAME.said(TEN, opened().state, ANNA, text, after(1)) is None


@pytest.mark.parametrize("text", ["0", "101", "2026"])
def test_bomb_numbers_outside_are_answered_once(text: str) -> None:
    turn = said(opened(), ANNA, text, 1)
    assert turn.reply == f"{text} 不在范围里，现在是 1～100，换一个数试试。"
    assert said(turn, ANNA, text, 2).reply is None
    assert turn.played == ()


def test_bomb_late_guess_is_told_so_once() -> None:
    turn = said(opened(), ANNA, "50", 601)
    assert (turn.reply, turn.played) == ("⏰ 本局已结束，下次早点来。", ())
    assert said(turn, ANNA, "50", 602).reply is None


def test_bomb_ties_are_broken_by_the_seed() -> None:
    results = []
    for first, second in ((ANNA, BOB), (BOB, ANNA)):
        turn = said(said(opened(), first, "50", 10), second, "50", 11)
        results.append(GAME.end(TEN, turn.state, after(20)).over)
    assert results[0] == results[1]
    assert set(points(turn).values()) == {50}


def test_bomb_hint_reveal_extend() -> None:
    turn = opened()
    posts: list[Any] = []
    for act in (GAME.reveal, GAME.hint, GAME.hint, GAME.hint):
        turn = act(TEN, turn.state, after(5))
        posts.append(turn.posts or turn.reply)
    assert posts == [
        ("💣 炸弹在 **1～100** 之间。还没有人得分，谁先来？",),
        ("💡 提示：炸弹是双数。现在的范围是 1～100。",),
        ("💡 提示：炸弹的各位数字加起来是 15。现在的范围是 1～100。",),
        "没有更多提示了。",
    ]
    guessed = said(turn, ANNA, "50", 10)
    assert GAME.reveal(TEN, guessed.state, after(11)).posts == (
        "💣 炸弹在 **51～100** 之间。\n**当前排名**\n🥇 安娜　50 分（报数 1 次）",
    )
    longer = GAME.extend(TEN, guessed.state, after(12), 120)
    assert longer.posts == ("⏱ 本局延长，还有 11 分钟 48 秒。炸弹在 51～100 之间。",)
    assert longer.next_at == after(660)


def test_bomb_views() -> None:
    turn = GAME.hint(TEN, said(opened(), ANNA, "50", 10).state, after(11))
    how = "报一个数，去掉范围的百分之几就得几分；踩中炸弹不计名次。"
    assert GAME.view(TEN, turn.state, ANNA.id, after(12)) == View(
        (
            "炸弹在 51～100 之间。",
            how,
            "💡 提示：炸弹是双数。",
            "您报过 1 次，得 50 分。",
            "您刚报过，等别人报一次，或过 30 秒再来。",
        ),
        closes_at=after(600),
    )
    assert GAME.view(TEN, turn.state, BOB.id, after(12)) == View(
        ("炸弹在 51～100 之间。", how, "💡 提示：炸弹是双数。"),
        free_text="您报的数",
        closes_at=after(600),
    )
    ended = GAME.end(TEN, turn.state, after(20))
    assert GAME.view(TEN, ended.state, BOB.id, after(21)) == View(
        ("本局已结束。", "炸弹是 96。", "🥇 安娜　50 分（报数 1 次）")
    )


@pytest.mark.parametrize("value", [19, 1001, "100", None])
def test_bomb_highest_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({"highest": value})
