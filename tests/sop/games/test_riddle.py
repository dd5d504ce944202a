"""Riddles, and with them what every race for the first right answer keeps (sop/race.py)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from sop.answers import Verdict
from sop.bank import Bank, Question
from sop.game import Asked, Judged, Player, Result, Turn, View
from sop.games.riddle import GAME, Options
from sop.loader import SHIPPED, load

SEED = bytes([2]) * 32
START = datetime(2026, 11, 25, 11, 40, tzinfo=UTC)
ANNA, BOB, CARL, DORA = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔", "朵拉"))

RAIN = Question(
    id="rain",
    ask="千条线，万条线，掉进水里看不见。（打一自然现象）",
    answer="雨",
    accept=["下雨"],
    hint="出门要带伞。",
    explain="雨丝像线，落进水里就分不清了。",
    source="传统谜语",
    difficulty="easy",
)
MELON = Question(
    id="melon",
    ask="身穿绿衣裳，肚里水汪汪，生的子儿多，个个黑脸膛。（打一水果）",
    answer="西瓜",
    explain="皮是绿的，汁水多，籽是黑的。",
    difficulty="medium",
)
CHOICE = Question(id="choice", ask="选一个", choices=["甲", "乙"], answer="A", difficulty="hard")
BANK = Bank(bank="riddles", title="猜谜语", questions=[RAIN, MELON, CHOICE])
BANKS = {"riddles": BANK}
ONE = Options(questions=1)
TWO = Options(questions=2)
SHIPPED_BANK = load([SHIPPED / "banks"])[0].banks["riddles"]


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def opened(options: Options = ONE) -> Turn:
    return GAME.start(options, BANKS, SEED, START)


def said(turn: Turn, player: Player, text: str, seconds: float, options: Options = ONE) -> Turn:
    state = json.loads(json.dumps(turn.state))
    answered = GAME.said(options, state, player, text, after(seconds))
    assert answered is not None
    return answered


def ticked(turn: Turn, options: Options = ONE) -> Turn:
    assert turn.next_at is not None
    return GAME.tick(options, json.loads(json.dumps(turn.state)), turn.next_at)


def test_riddle_whole_round() -> None:
    turn = opened(TWO)
    lines = [*turn.posts]
    asked, judged = [*turn.asked], [*turn.judged]
    turn = said(turn, ANNA, "针", 5, TWO)
    turn = ticked(turn, TWO)
    lines += turn.posts
    turn = said(turn, BOB, "我猜是下雨", 40, TWO)
    turn = said(turn, CARL, "雨！", 42.5, TWO)
    assert turn.next_at == after(43)
    for _ in range(3):
        turn = ticked(turn, TWO)
        lines += turn.posts
        asked += turn.asked
        judged += turn.judged
    turn = said(turn, ANNA, "西瓜", 90, TWO)
    turn = ticked(turn, TWO)
    lines += turn.posts
    judged += turn.judged
    assert lines == [
        "🏮 **猜谜语，开始！**\n"
        "共 2 个谜语，每个 90 秒，直接发谜底。\n"
        "> 简单 1 分、中等 2 分、较难 3 分；谁先答对谁得分，3 秒之内先后答对的同样得分\n"
        "> 分数相同的，答对用时短者在前\n"
        "> 每人每个谜语可以猜 3 次；公布以后照着说不算",
        "**第 1/2 题（简单，1 分）**\n"
        "千条线，万条线，掉进水里看不见。（打一自然现象）\n"
        "> 90 秒，直接发答案",
        "💡 提示：出门要带伞。",
        "✅ **答案：雨**\n"
        "雨丝像线，落进水里就分不清了。\n"
        "小波、卡尔几乎同时答对（最快 40.0 秒），各得 1 分。\n"
        "> 出处：传统谜语",
        "**第 2/2 题（中等，2 分）**\n"
        "身穿绿衣裳，肚里水汪汪，生的子儿多，个个黑脸膛。（打一水果）\n"
        "> 90 秒，直接发答案",
        "💡 提示：谜底有 2 个字。",
        "✅ **答案：西瓜**\n皮是绿的，汁水多，籽是黑的。\n安娜最先答对（39.0 秒），得 2 分。",
        "🏁 **猜谜语，结束！**\n"
        "3 人参加，排名如下：\n"
        "🥇 安娜　2 分（答对 1 题，用时 39.0 秒）\n"
        "🥈 小波　1 分（答对 1 题，用时 40.0 秒）\n"
        "🥉 卡尔　1 分（答对 1 题，用时 42.5 秒）",
    ]
    assert turn.over == Result("答完全部题目", (ANNA.id, BOB.id, CARL.id))
    assert asked == [Asked("riddles", "rain"), Asked("riddles", "melon")]
    assert judged == [
        Judged("riddles", "rain", 3, (BOB.id, CARL.id)),
        Judged("riddles", "melon", 1, (ANNA.id,)),
    ]


def test_riddle_right_answer_within_the_grace_scores_alike() -> None:
    turn = said(said(opened(), BOB, "雨", 10), ANNA, "雨", 12.9)
    over = ticked(turn)
    assert over.over == Result("答完全部题目", (BOB.id, ANNA.id))


def test_riddle_copied_answer_is_worth_nothing() -> None:
    turn = said(opened(TWO), BOB, "雨", 10, TWO)
    copied = said(turn, ANNA, "雨", 13, TWO)
    assert (copied.reply, copied.played) == ("这题已经有人先答对了，下一题加油。", ())
    shown = ticked(copied, TWO)
    again = said(shown, CARL, "雨", 15, TWO)
    assert again.reply == "这题已经有人先答对了，下一题加油。"
    silent = said(again, CARL, "雨", 16, TWO)
    assert (silent.reply, silent.state) == (None, again.state)
    assert GAME.said(TWO, silent.state, BOB, "雨", after(17)) is None
    assert GAME.said(TWO, silent.state, DORA, "雪", after(17)) is None


def test_riddle_late_answer_does_not_count() -> None:
    turn = said(opened(), ANNA, "雨", 90)
    assert (turn.reply, turn.played) == ("⏰ 这题时间已到，没有计入，下一题早点答。", ())


def test_riddle_wrong_guesses_are_limited() -> None:
    turn = opened()
    for seconds, guess in enumerate(("雪", "风", "雾"), 1):
        turn = said(turn, ANNA, guess, seconds)
        assert (turn.reply, turn.played) == (None, (ANNA.id,))
    fourth = said(turn, ANNA, "雨", 4)
    assert fourth.reply == "这题您已经猜了 3 次，先歇一歇，等下一题。"
    fifth = said(fourth, ANNA, "雨", 5)
    assert (fifth.reply, fifth.played, fifth.state) == (None, (), fourth.state)
    assert said(fifth, BOB, "雨", 6).played == (BOB.id,)


def test_riddle_talk_is_no_guess() -> None:
    for text in ("哈哈", "不知道", "这个谜语我小时候听外婆讲过", "提示", "是什么呀？"):
        assert GAME.said(ONE, opened().state, ANNA, text, after(3)) is None


def test_riddle_solver_may_go_on_talking() -> None:
    turn = said(opened(), ANNA, "雨", 3)
    again = said(turn, ANNA, "雨", 4)
    assert (again.reply, again.played, again.state) == (None, (), turn.state)


def test_riddle_round_keeps_its_questions_when_the_bank_is_edited() -> None:
    assert opened(TWO).state["questions"] == [RAIN.model_dump(), MELON.model_dump()]


@pytest.mark.parametrize(
    "name", ["\u202e安娜\u202c", "安\u200b娜\u200d", "安娜", "\x00安娜\x1b"], ids=range(4)
)
def test_riddle_name_with_hidden_characters_is_shown_plainly(name: str) -> None:
    turn = ticked(said(opened(), Player("wm-x", name), "雨", 5))
    assert "安娜最先答对（5.0 秒），得 1 分。" in turn.posts[0]


def test_riddle_name_of_4_kb_is_cut() -> None:
    turn = ticked(said(opened(), Player("wm-x", "**" * 2048), "雨", 5))
    assert "＊＊＊＊＊＊＊＊＊＊＊…最先答对（5.0 秒），得 1 分。" in turn.posts[0]


def test_riddle_hints_get_clearer() -> None:
    turn, posts = opened(Options(questions=2)), []
    turn = GAME.reveal(TWO, turn.state, after(1))
    turn = GAME.reveal(TWO, turn.state, after(2))
    for _ in range(3):
        turn = GAME.hint(TWO, turn.state, after(3))
        posts.append(turn.posts or turn.reply)
    assert posts == [
        ("💡 提示：谜底有 2 个字。",),
        ("💡 提示：第一个字是“西”。",),
        "这题没有更多提示了。",
    ]


def test_riddle_hint_by_the_host_is_not_given_again() -> None:
    turn = GAME.hint(ONE, opened().state, after(5))
    assert turn.posts == ("💡 提示：出门要带伞。",)
    assert ticked(turn).posts == ("💡 提示：谜底有 1 个字。",)
    assert ticked(ticked(turn)).posts == ()


def test_riddle_once_solved_waits_for_nobody() -> None:
    turn = said(opened(), ANNA, "雨", 5)
    for verb in (GAME.hint(ONE, turn.state, after(6)), GAME.extend(ONE, turn.state, after(6), 60)):
        assert verb.reply in (
            "这题已经有结果了，下一题马上开始。",
            "这题已经有结果了，下一题开始后再延时。",
        )
        assert (verb.posts, verb.state) == ((), turn.state)


def test_riddle_extension_gives_more_time() -> None:
    turn = GAME.extend(ONE, opened().state, after(80), 30)
    assert turn.posts == ("⏱ 本题延长，还有 40 秒。",)
    assert said(turn, ANNA, "雨", 119).played == (ANNA.id,)


def test_riddle_end_counts_the_open_question() -> None:
    turn = GAME.end(TWO, said(opened(TWO), ANNA, "雨", 5, TWO).state, after(6))
    assert turn.over == Result("主持人结束", (ANNA.id,))
    assert turn.judged == (Judged("riddles", "rain", 1, (ANNA.id,)),)


def test_riddle_nobody_answers() -> None:
    turn = GAME.end(ONE, opened().state, after(6))
    assert turn.posts == (
        "✅ **答案：雨**\n雨丝像线，落进水里就分不清了。\n这题没有人作答。\n> 出处：传统谜语",
        "🏁 **猜谜语，结束！**\n这次还没有人作答，下次再来。",
    )
    assert turn.judged == (Judged("riddles", "rain", 0, ()),)


def test_riddle_nobody_is_right() -> None:
    turn = GAME.end(ONE, said(opened(), ANNA, "雪", 5).state, after(6))
    assert turn.posts[1] == "🏁 **猜谜语，结束！**\n1 人参加，这次没有人答对，下次再来。"
    assert turn.over == Result("主持人结束", ())


def test_riddle_view_follows_the_round() -> None:
    turn = opened()
    ask = ("第 1/1 题（简单，1 分）", RAIN.ask)
    assert GAME.view(ONE, turn.state, ANNA.id, after(1)) == View(ask, (), "谜底", after(90))
    turn = GAME.hint(ONE, said(turn, ANNA, "雪", 2).state, after(3))
    hint = "💡 提示：出门要带伞。"
    mine = View((*ask, hint, "还没猜对，您还可以猜 2 次。"), (), "谜底", after(90))
    assert GAME.view(ONE, turn.state, ANNA.id, after(4)) == mine
    turn = said(turn, BOB, "雨", 5)
    solved = View((*ask, hint, "您答对了，马上揭晓。"), (), "", after(8))
    assert GAME.view(ONE, turn.state, BOB.id, after(6)) == solved
    turn = ticked(turn)
    lines = ("🏁 猜谜语，结束！", "2 人参加，排名如下：", "🥇 小波　1 分（答对 1 题，用时 5.0 秒）")
    assert GAME.view(ONE, turn.state, ANNA.id, after(9)) == View(lines)


def test_riddle_view_between_two_questions() -> None:
    turn = ticked(said(opened(TWO), BOB, "雨", 5, TWO), TWO)
    told = (
        "✅ 答案：雨",
        "雨丝像线，落进水里就分不清了。",
        "小波最先答对（5.0 秒），得 1 分。",
        "出处：传统谜语",
    )
    assert GAME.view(TWO, turn.state, ANNA.id, after(9)) == View(told, closes_at=after(16))
    own = View(("您答对了！", *told), closes_at=after(16))
    assert GAME.view(TWO, turn.state, BOB.id, after(9)) == own


def test_riddle_bank_of_choices_is_too_small() -> None:
    assert GAME.problems(Options(questions=3), BANKS) == [
        "题库“riddles”只有 2 道问答题，不够出 3 道（选择题不用在这个游戏里）。"
    ]
    assert GAME.problems(Options(questions=2, difficulty="easy"), BANKS) == [
        "题库“riddles”只有 1 道“简单”的问答题，不够出 2 道（选择题不用在这个游戏里）。"
    ]
    assert GAME.problems(Options(bank="ridles"), BANKS) == [
        "没有题库“ridles”。您是想写 riddles 吗？"
    ]


@pytest.mark.parametrize("wrong", [{"questions": 0}, {"seconds": 19}, {"difficulty": "heavy"}])
def test_riddle_option_out_of_bounds_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options(**wrong)


@pytest.mark.parametrize("question", SHIPPED_BANK.questions, ids=lambda one: one.id)
def test_riddle_every_shipped_answer_can_be_said(question: Question) -> None:
    ways = [question.answer, *question.accept, f"我猜是{question.answer}", f"{question.answer}！"]
    assert [GAME.judge(question, one) for one in ways] == [Verdict.RIGHT] * len(ways)
    assert [hint for hint in GAME.ladder(question) if f"“{question.answer}”" in hint] == []
