"""Prediction: a whole round word by word, what is a pick, and who settles it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from sop.game import Player, Result, Turn, View
from sop.games import is_quiet
from sop.games.prediction import GAME, Options

SEED = bytes(range(32))
START = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
RAIN = Options(
    question="周六会下雨吗？", choices=["会下雨", "不下雨", "下雪"], open_for=timedelta(hours=4)
)
ANNA, BOB, CARL = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔"))
QUESTION = "周六会下雨吗？"
COUNTS = "1. 会下雨　0 人\n2. 不下雨　1 人\n3. 下雪　1 人"


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def opened(options: Options = RAIN) -> Turn:
    return GAME.start(options, {}, SEED, START)


def said(turn: Turn, player: Player, text: str, hours: float = 1) -> Turn:
    answered = GAME.said(RAIN, turn.state, player, text, at(hours))
    assert answered is not None
    return answered


def test_prediction_runs_beside_other_games() -> None:
    assert is_quiet("prediction")


def test_prediction_whole_round() -> None:
    turn = opened()
    lines = [*turn.posts]
    for player, text in ((ANNA, "猜 1"), (BOB, "猜2"), (ANNA, "我猜下雪"), (CARL, "猜 4")):
        turn = said(turn, player, text)
        lines.append(f"{player.name}：{turn.reply}")
    for hours in (3, 4):
        assert turn.next_at == at(hours)
        turn = GAME.tick(RAIN, turn.state, at(hours))
        lines += turn.posts
    assert turn.next_at == at(76)
    turn = said(turn, CARL, "猜 3", 5)
    lines.append(f"卡尔：{turn.reply}")
    for outcome in ("下冰雹", "3", "3"):
        turn = GAME.decide(RAIN, turn.state, at(30), outcome)
        lines += [f"揭晓：{turn.reply}", *turn.posts]
    assert lines == [
        f"🔮 **竞猜：{QUESTION}**\n1. 会下雨\n2. 不下雨\n3. 下雪\n"
        "说“猜 1”这样的话就能参加，截止前可以改，以最后一次为准。\n"
        "> 4 小时后截止，结果由主持人按事实揭晓\n"
        "> 猜中的人按开局前定下的随机号排先后，早猜晚猜一样",
        "安娜：🔮 您猜的是“会下雨”，截止前还可以改。",
        "小波：🔮 您猜的是“不下雨”，截止前还可以改。",
        "安娜：🔮 您改成了“下雪”，截止前还可以改。",
        "卡尔：选项只有 1～3，例如“猜 1”。",
        f"⏳ 竞猜还有 1 小时截止：{QUESTION}\n1. 会下雨\n2. 不下雨\n3. 下雪\n"
        "说“猜 1”这样的话就能参加。",
        f"⏰ **竞猜截止：{QUESTION}**\n{COUNTS}\n结果出来后由主持人揭晓。",
        "卡尔：⏰ 竞猜已经截止。这次没赶上。",
        "揭晓：没有这个选项。请写编号：\n1. 会下雨\n2. 不下雨\n3. 下雪",
        "揭晓：结果是“下雪”吗？公布后不能改，确认请再发一遍：揭晓 3",
        "揭晓：None",
        f"🏁 **竞猜揭晓：{QUESTION}**\n"
        "结果是“下雪”。\n"
        "2 人参加，1 人猜中，名次按开局前定下的随机号：\n"
        "1. 安娜",
    ]
    assert turn.over == Result("结果揭晓", (ANNA.id,))


@pytest.mark.parametrize(
    "text",
    [
        "猜 2",
        "猜2",
        "我猜第二个",
        "竞猜 2",
        "选2",
        "猜 2：不下雨",
        "猜2. 不下雨",
        "不下雨",
        "我猜是不下雨！",
        "猜２",
    ],
)
def test_prediction_words_that_pick(text: str) -> None:
    turn = GAME.said(RAIN, opened().state, ANNA, text, at(1))
    assert turn is not None
    assert turn.state["picks"][ANNA.id]["choice"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "B",
        "",
        "你猜 2 对不对",
        "猜猜看",
        "猜 2：下雪",
        "猜 22",
        "雨",
        "不会吧",
        "猜 2" * 50,
        "\u202e2",
    ],
)
def test_prediction_words_that_do_not(text: str) -> None:
    assert GAME.said(RAIN, opened().state, ANNA, text, at(1)) is None


def test_prediction_of_one_character_needs_the_verb() -> None:
    options = Options(question="周六什么天？", choices=["晴", "雨"])
    state = opened(options).state
    assert GAME.said(options, state, ANNA, "晴", at(0.1)) is None
    assert GAME.said(options, state, ANNA, "猜晴", at(0.1)) is not None


def test_prediction_order_of_the_right_does_not_depend_on_when() -> None:
    members = [Player(f"wm{number}", f"成员{number}") for number in range(20)]
    ends = []
    for row in (members, members[::-1]):
        turn = opened()
        for member in row:
            turn = said(turn, member, "猜 1")
        turn = GAME.decide(RAIN, turn.state, at(5), "1")
        ends.append(GAME.decide(RAIN, turn.state, at(5), "会下雨").over)
    assert ends[0] == ends[1]
    assert ends[0] is not None
    assert len(ends[0].winners) == 20


def test_prediction_decided_before_picking_closes_warns() -> None:
    turn = GAME.decide(RAIN, said(opened(), ANNA, "猜 1").state, at(1), "1")
    assert turn.reply == (
        "结果是“会下雨”吗？竞猜还没截止，现在揭晓会提前截止。公布后不能改，确认请再发一遍：揭晓 1"
    )
    other = GAME.decide(RAIN, turn.state, at(1), "2")
    assert (other.state["pending"], other.over) == (1, None)


def test_prediction_nobody_right() -> None:
    turn = said(opened(), ANNA, "猜 1")
    for _ in range(2):
        turn = GAME.decide(RAIN, turn.state, at(5), "2")
    assert turn.posts == (f"🏁 **竞猜揭晓：{QUESTION}**\n结果是“不下雨”。\n1 人参加，0 人猜中。",)
    assert turn.over == Result("结果揭晓", ())


def test_prediction_that_nobody_decides_is_void() -> None:
    turn = GAME.tick(RAIN, said(opened(), ANNA, "猜 1").state, at(4))
    turn = GAME.tick(RAIN, turn.state, at(76))
    assert turn.posts == (f"🔮 **竞猜：{QUESTION}**\n结果没有按时揭晓，这一期作废，不计名次。",)
    assert turn.over == Result("没有按时揭晓", ())


def test_prediction_after_a_long_stop() -> None:
    late = GAME.tick(RAIN, opened().state, at(5))
    assert len(late.posts) == 1
    assert late.next_at == at(76)
    assert GAME.tick(RAIN, opened().state, at(100)).over == Result("没有按时揭晓", ())


def test_prediction_late_pick_is_told_once() -> None:
    turn = said(said(opened(), ANNA, "猜 1"), ANNA, "猜 2", 4)
    assert turn.reply == "⏰ 竞猜已经截止。您猜的是“会下雨”。"
    assert (said(turn, ANNA, "猜 2", 5).reply, turn.state["picks"][ANNA.id]["choice"]) == (None, 0)


def test_prediction_hint_reveal_extend_end() -> None:
    turn = said(said(opened(), ANNA, "猜 3"), BOB, "猜 2")
    assert GAME.hint(RAIN, turn.state, at(1)).posts == (
        f"🔮 {QUESTION}\n1. 会下雨\n2. 不下雨\n3. 下雪\n"
        "说“猜 1”这样的话就能参加，还有 3 小时截止。",
    )
    shown = GAME.reveal(RAIN, turn.state, at(1))
    assert (shown.posts, shown.reply) == (
        (f"🔮 **目前**\n{COUNTS}",),
        "要公布结果，请写上编号，例如：揭晓 1",
    )
    longer = GAME.extend(RAIN, turn.state, at(1), 1800)
    assert (longer.posts, longer.next_at) == (("⏱ 竞猜延长，还有 3 小时 30 分钟截止。",), at(3.5))
    closed = GAME.tick(RAIN, turn.state, at(4))
    assert GAME.hint(RAIN, closed.state, at(5)).reply == (
        "竞猜已经截止，结果出来后请发“揭晓”加编号，例如：揭晓 1"
    )
    assert GAME.extend(RAIN, closed.state, at(5), 60).reply == "竞猜已经截止，不能再延时。"
    off = GAME.end(RAIN, turn.state, at(1))
    assert off.posts == (f"🔮 **竞猜：{QUESTION}**\n主持人取消了这一期，不计名次。",)
    assert off.over == Result("主持人取消", ())


def test_prediction_views() -> None:
    turn = said(said(opened(), ANNA, "猜 3"), BOB, "猜 2")
    rule = "截止前可以改，以最后一次为准；猜中的按随机号排先后。"
    assert GAME.view(RAIN, turn.state, ANNA.id, at(1)) == View(
        (QUESTION, "您猜的是“下雪”。", rule),
        ("猜 1：会下雨", "猜 2：不下雨", "猜 3：下雪"),
        closes_at=at(4),
        chosen="猜 3：下雪",
    )
    assert GAME.view(RAIN, turn.state, CARL.id, at(1)).chosen == ""
    closed = GAME.tick(RAIN, turn.state, at(4))
    assert GAME.view(RAIN, closed.state, CARL.id, at(5)) == View(
        (QUESTION, "已经截止，等主持人揭晓。", *COUNTS.split("\n"))
    )
    off = GAME.end(RAIN, turn.state, at(1))
    assert GAME.view(RAIN, off.state, CARL.id, at(5)) == View(
        (QUESTION, f"🔮 竞猜：{QUESTION}", "主持人取消了这一期，不计名次。")
    )
    assert GAME.view(RAIN, off.state, ANNA.id, at(5)).lines[1] == "您猜的是“下雪”。"


@pytest.mark.parametrize(
    ("question", "choices", "said_word"),
    [
        ("明天大盘是红是绿？", ["红", "绿"], "大盘"),
        ("哪个会先到？", ["金价 1000 元", "下雪"], "金价"),
        ("下一期双色球蓝球是单是双？", ["单", "双"], "双色球"),
        ("这只基\u200b金周五是多少？", ["一块", "两块"], "基\u200b金"),
    ],
)
def test_prediction_on_markets_is_refused(
    question: str, choices: list[str], said_word: str
) -> None:
    (problem,) = GAME.problems(Options(question=question, choices=choices), {})
    assert problem.startswith(f"“{said_word}”：竞猜题目涉及行情或彩票。")


def test_prediction_on_weather_is_fine() -> None:
    assert GAME.problems(RAIN, {}) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"choices": ["会"]},
        {"choices": ["会", "会！"]},
        {"choices": [str(number) for number in range(9)]},
        {"choices": ["会", "长" * 21]},
        {"question": "雨？"},
        {"open_for": "1m"},
        {"open_for": "8d"},
        {"decide_within": "30m"},
    ],
)
def test_prediction_options_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({"question": QUESTION, "choices": ["会", "不会"], **changed})


def test_prediction_choices_typed_by_a_host() -> None:
    typed = {"question": QUESTION, "choices": "会下雨、不下雨/下雪"}
    assert Options.model_validate(typed).choices == ["会下雨", "不下雨", "下雪"]


def test_prediction_shows_no_markup_of_its_author() -> None:
    options = Options(question="**谁**会[赢](http://x)？", choices=["<@all>", "红队"])
    assert (
        opened(options)
        .posts[0]
        .startswith("🔮 **竞猜：＊＊谁＊＊会［赢］（http://x）？**\n1. ＜＠all＞\n2. 红队\n")
    )
