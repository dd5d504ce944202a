"""Quiz: one whole round word by word, and every turn that can go otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from sop.bank import Bank, Question
from sop.game import Player, Result, Turn, View
from sop.games.quiz import GAME, Options

SEED = bytes([2]) * 32
START = datetime(2026, 11, 26, 11, 30, tzinfo=UTC)
ANNA, BOB, CARL = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔"))

LIMIT = Question(
    id="limit",
    ask="存款保险的最高偿付限额是多少？",
    choices=["20 万元", "50 万元", "500 万元"],
    answer="B",
    hint="是“五”打头的数。",
    explain="本金和利息合并计算。",
    source="《存款保险条例》第五条",
    difficulty="easy",
)
RECORD = Question(
    id="record", ask="“双录”是录音和什么？", answer="录像", accept=["录影"], difficulty="hard"
)
BANK = Bank(bank="basics", title="常识", questions=[LIMIT, RECORD])
BANKS = {"basics": BANK}
ONE = Options(bank="basics", questions=1, difficulty="easy")
TWO = Options(bank="basics", questions=2)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def opened(options: Options = ONE) -> Turn:
    return GAME.start(options, BANKS, SEED, START)


def said(turn: Turn, player: Player, text: str, seconds: float, options: Options = ONE) -> Turn:
    answered = GAME.said(options, turn.state, player, text, after(seconds))
    assert answered is not None
    return answered


def test_quiz_whole_round() -> None:
    turn = opened(TWO)
    lines = [*turn.posts]
    assert [one["id"] for one in turn.state["questions"]] == ["limit", "record"]
    turn = said(turn, ANNA, "我选b", 5, TWO)
    turn = said(turn, BOB, "A", 6, TWO)
    turn = said(turn, BOB, "B", 7, TWO)
    lines.append(f"小波：{turn.reply}")
    turn = said(turn, CARL, "五十萬元", 8.25, TWO)
    for seconds in (30, 60, 70):
        assert turn.next_at == after(seconds)
        turn = GAME.tick(TWO, turn.state, after(seconds))
        lines += turn.posts
    turn = said(turn, ANNA, "录影", 90, TWO)
    turn = GAME.reveal(TWO, turn.state, after(91))
    lines += turn.posts
    assert lines == [
        "🧠 **知识问答，开始！**\n"
        "共 2 题，每题 60 秒，答对多者胜。\n"
        "> 每人每题只认第一次回答；不逐条回复，到点统一揭晓\n"
        "> 答对题数相同的，用时短者在前",
        "**第 1/2 题**\n"
        "存款保险的最高偿付限额是多少？\n"
        "A. 20 万元\n"
        "B. 50 万元\n"
        "C. 500 万元\n"
        "> 60 秒，发选项字母作答，第一次为准",
        "小波：您这题已经答过了，以第一次为准，等揭晓吧。",
        "⏳ 还有 30 秒，已有 3 人作答。",
        "✅ **答案：B. 50 万元**\n"
        "本金和利息合并计算。\n"
        "3 人作答，2 人答对，最快：安娜（5.0 秒）。\n"
        "> 出处：《存款保险条例》第五条",
        "**第 2/2 题**\n“双录”是录音和什么？\n> 60 秒，直接发答案，第一次为准",
        "✅ **答案：录像**\n1 人作答，1 人答对，最快：安娜（20.0 秒）。",
        "🏁 **知识问答，结束！**\n"
        "3 人参加，排名如下：\n"
        "🥇 安娜　答对 2 题（用时 25.0 秒）\n"
        "🥈 卡尔　答对 1 题（用时 8.2 秒）",
    ]
    assert turn.over == Result("答完全部题目", (ANNA.id, CARL.id))
    assert turn.next_at is None


def test_quiz_first_answer_counts_silently() -> None:
    turn = said(opened(), ANNA, "B", 3)
    assert (turn.reply, turn.posts, turn.played) == (None, (), (ANNA.id,))


def test_quiz_second_answer_is_answered_once_then_ignored() -> None:
    first = said(opened(), ANNA, "A", 3)
    second = said(first, ANNA, "B", 4)
    third = said(second, ANNA, "B", 5)
    assert second.reply == "您这题已经答过了，以第一次为准，等揭晓吧。"
    assert second.state["answers"] == first.state["answers"]
    assert (third.reply, third.state, third.played) == (None, second.state, ())


def test_quiz_chatter_is_no_move() -> None:
    assert GAME.said(ONE, opened().state, ANNA, "今晚吃什么", after(3)) is None


def test_quiz_late_answer_does_not_count() -> None:
    turn = said(opened(), ANNA, "B", 60)
    assert turn.reply == "⏰ 这题时间已到，没有计入，下一题早点答。"
    assert (turn.state["answers"], turn.played) == ({}, ())


def test_quiz_answers_during_the_rest() -> None:
    turn = GAME.tick(TWO, said(opened(TWO), ANNA, "B", 1, TWO).state, after(60))
    assert said(turn, BOB, "B", 61, TWO).reply == "⏰ 这题时间已到，没有计入，下一题早点答。"
    assert GAME.said(TWO, turn.state, ANNA, "B", after(61)) is None


def test_quiz_answer_after_the_closing() -> None:
    over = GAME.end(ONE, opened().state, after(3))
    assert GAME.said(ONE, over.state, ANNA, "B", after(4)) is None


def test_quiz_equal_scores_are_ranked_by_time() -> None:
    turn = said(opened(), BOB, "B", 2)
    turn = said(turn, ANNA, "B", 1.5)
    turn = said(turn, CARL, "A", 1)
    assert GAME.end(ONE, turn.state, after(9)).over == Result("主持人结束", (ANNA.id, BOB.id))


def test_quiz_equal_times_are_ranked_by_the_seed() -> None:
    turns = [
        said(said(opened(), first, "B", 2), second, "B", 2)
        for first, second in ((ANNA, BOB), (BOB, ANNA))
    ]
    overs = [GAME.end(ONE, turn.state, after(9)).over for turn in turns]
    assert overs[0] == overs[1]
    assert overs[0] is not None
    assert sorted(overs[0].winners) == sorted((ANNA.id, BOB.id))


def test_quiz_hints_run_out() -> None:
    turn = opened()
    texts = []
    for _ in range(3):
        turn = GAME.hint(ONE, turn.state, after(5))
        texts.append((turn.posts, turn.reply))
    assert texts == [
        (("💡 提示：是“五”打头的数。",), None),
        (("💡 提示：A 可以排除。",), None),
        ((), "这题没有更多提示了。"),
    ]


def test_quiz_hint_of_a_free_question() -> None:
    options = Options(bank="basics", questions=1, difficulty="hard")
    turn = GAME.hint(options, opened(options).state, after(5))
    assert turn.posts == ("💡 提示：答案有 2 个字。",)


def test_quiz_host_during_the_rest() -> None:
    rest = GAME.reveal(TWO, opened(TWO).state, after(5))
    assert rest.next_at == after(15)
    assert GAME.hint(TWO, rest.state, after(6)).reply == "这题已经揭晓，下一题马上开始。"
    assert GAME.extend(TWO, rest.state, after(6), 30).reply == (
        "这题已经揭晓，下一题开始后再延时。"
    )
    assert GAME.reveal(TWO, rest.state, after(6)).posts[0].startswith("**第 2/2 题**\n")
    ended = GAME.end(TWO, rest.state, after(6))
    assert ended.posts == ("🧠 本局结束，这次还没有人作答，下次再来。",)


def test_quiz_extend_gives_more_time() -> None:
    turn = GAME.extend(ONE, opened().state, after(40), 30)
    assert turn.posts == ("⏱ 本题延长，还有 50 秒。",)
    assert said(turn, ANNA, "B", 80).played == (ANNA.id,)


def test_quiz_nobody_right() -> None:
    turn = GAME.end(ONE, said(opened(), ANNA, "A", 1).state, after(2))
    assert turn.posts == (
        "✅ **答案：B. 50 万元**\n本金和利息合并计算。\n1 人作答，这题难住了大家。\n"
        "> 出处：《存款保险条例》第五条",
        "🏁 **知识问答，结束！**\n1 人参加，这次没有人答对，下次再来。",
    )
    assert turn.over == Result("主持人结束", ())


def test_quiz_half_time_without_answers() -> None:
    assert GAME.tick(ONE, opened().state, after(30)).posts == ("⏳ 还有 30 秒，还没有人作答。",)


def test_quiz_short_question_has_no_half_time() -> None:
    options = Options(bank="basics", questions=1, seconds=39)
    assert opened(options).next_at == after(39)


def test_quiz_restart_long_after_goes_on_question_by_question() -> None:
    turn = GAME.tick(TWO, opened(TWO).state, after(3600))
    assert turn.next_at == after(3610)
    turn = GAME.tick(TWO, turn.state, after(3610))
    assert turn.state["closes_at"] == after(3670).isoformat()


def test_quiz_clock_set_back_never_gives_negative_time() -> None:
    turn = said(opened(), ANNA, "B", -5)
    assert turn.state["answers"][ANNA.id]["ms"] == 0


def test_quiz_running_round_keeps_its_questions() -> None:
    state = opened().state
    assert state["questions"] == [LIMIT.model_dump()]


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({"bank": "basics", "questions": 2}, []),
        ({"bank": "basic"}, ["没有题库“basic”。您是想写 basics 吗？"]),
        ({"bank": "basics", "questions": 3}, ["题库“basics”只有 2 道题，不够出 3 道。"]),
        (
            {"bank": "basics", "questions": 2, "difficulty": "hard"},
            ["题库“basics”只有 1 道“较难”题，不够出 2 道。"],
        ),
        (
            {"bank": "broken", "questions": 1},
            ["题库“broken”的题目“x”：答案“D”既不是选项字母（AB），也不是选项原文。"],
        ),
    ],
)
def test_quiz_problems_named(options: dict[str, Any], problems: list[str]) -> None:
    broken = Question(id="x", ask="？", choices=["甲", "乙"], answer="D")
    banks = BANKS | {"broken": Bank(bank="broken", title="坏", questions=[broken])}
    assert GAME.problems(Options(**options), banks) == problems


@pytest.mark.parametrize("bank", ["none", "basics"])
def test_quiz_start_without_a_fitting_question(bank: str) -> None:
    with pytest.raises(ValueError, match=f"no question in bank '{bank}'"):
        GAME.start(Options(bank=bank, difficulty="medium"), BANKS, SEED, START)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bank": "b", "questions": 0},
        {"bank": "b", "questions": 21},
        {"bank": "b", "seconds": 9},
        {"bank": "b", "difficulty": "简单"},
        {"bank": "b", "second": 30},
    ],
)
def test_quiz_options_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)


def test_quiz_texts_ahead() -> None:
    assert GAME.announcement(ONE) == (
        "🧠 1 道题，每题 60 秒。\n每人每题答一次，答对多者胜；答完统一揭晓，附讲解。"
    )
    assert GAME.host_script(TWO).startswith(
        "知识问答，2 道题，每题 60 秒，到点自动揭晓并出下一题。"
    )


def test_quiz_views() -> None:
    turn = said(opened(), ANNA, "B", 5)
    turn = GAME.hint(ONE, turn.state, after(6))
    asked = ("第 1/1 题", "存款保险的最高偿付限额是多少？", "💡 提示：是“五”打头的数。")
    choices = ("A. 20 万元", "B. 50 万元", "C. 500 万元")
    assert GAME.view(ONE, turn.state, BOB.id, after(7)) == View(asked, choices, closes_at=after(60))
    assert GAME.view(ONE, turn.state, ANNA.id, after(7)) == View(
        (*asked, *choices, "您已作答，到点揭晓。"), closes_at=after(60)
    )
    assert GAME.view(ONE, turn.state, BOB.id, after(60)) == View(
        (*asked, *choices, "这题时间已到，马上揭晓。"), closes_at=after(60)
    )
    ended = GAME.end(ONE, turn.state, after(8))
    assert GAME.view(ONE, ended.state, BOB.id, after(9)) == View(
        ("🏁 知识问答，结束！", "1 人参加，排名如下：", "🥇 安娜　答对 1 题（用时 5.0 秒）")
    )


def test_quiz_view_of_an_open_question_and_of_the_rest() -> None:
    turn = said(opened(TWO), ANNA, "B", 5, TWO)
    rest = GAME.tick(TWO, turn.state, after(60))
    explained = (
        "✅ 答案：B. 50 万元",
        "本金和利息合并计算。",
        "1 人作答，1 人答对，最快：安娜（5.0 秒）。",
        "出处：《存款保险条例》第五条",
    )
    views = [GAME.view(TWO, rest.state, one.id, after(61)) for one in (ANNA, BOB)]
    assert views == [
        View(("您答对了！", *explained), closes_at=after(70)),
        View(("您没有作答。", *explained), closes_at=after(70)),
    ]
    free = GAME.tick(TWO, rest.state, after(70))
    assert GAME.view(TWO, free.state, BOB.id, after(71)) == View(
        ("第 2/2 题", "“双录”是录音和什么？"), free_text="您的答案", closes_at=after(130)
    )
