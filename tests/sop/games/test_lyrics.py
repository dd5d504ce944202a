"""Next lines: a round word by word, and what counts as the next line."""

from datetime import UTC, datetime, timedelta

import pytest

from sop.answers import Verdict
from sop.bank import Bank, Question
from sop.game import Player, Result
from sop.games.lyrics import GAME, Options
from sop.loader import SHIPPED, load

SEED = bytes([3]) * 32
START = datetime(2026, 11, 26, 11, 40, tzinfo=UTC)
ANNA, BOB = (Player(f"wm-{name}", name) for name in ("安娜", "小波"))
MOON = Question(
    id="moon",
    ask="“床前明月光”的下一句是？",
    answer="疑是地上霜",
    explain="月光洒在床前，白得像地上的霜。",
    source="唐代李白《静夜思》",
    difficulty="easy",
)
RIVER = Question(
    id="river",
    ask="《送别》：“长亭外，古道边”，下一句是？",
    answer="芳草碧连天",
    difficulty="medium",
)
BANKS = {"poem-lines": Bank(bank="poem-lines", title="诗词接龙", questions=[MOON, RIVER])}
TWO = Options(questions=2, seconds=40)
LIBRARY = load([SHIPPED / "banks"])[0].banks


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_lyrics_whole_round() -> None:
    turn = GAME.start(TWO, BANKS, SEED, START)
    lines = [*turn.posts]
    turn = GAME.said(TWO, turn.state, BOB, "床前明月光，疑似地上霜", after(4)) or turn
    turn = GAME.said(TWO, turn.state, ANNA, "举头望明月", after(6)) or turn
    for _ in range(5):
        assert turn.next_at is not None
        turn = GAME.tick(TWO, turn.state, turn.next_at)
        lines += turn.posts
    assert lines == [
        "🎵 **诗词接龙，开始！**\n"
        "共 2 题，每题 40 秒。我出上句，您接下句，只发下句就行。\n"
        "> 简单 1 分、中等 2 分、较难 3 分；谁先答对谁得分，3 秒之内先后答对的同样得分\n"
        "> 分数相同的，答对用时短者在前\n"
        "> 繁体、标点、错一个字都不要紧；公布以后照着说不算，每人每题可以试 5 次",
        "**第 1/2 题（简单，1 分）**\n“床前明月光”的下一句是？\n> 40 秒，直接发答案",
        "✅ **答案：疑是地上霜**\n"
        "月光洒在床前，白得像地上的霜。\n"
        "小波最先答对（4.0 秒），得 1 分。\n"
        "> 出处：唐代李白《静夜思》",
        "**第 2/2 题（中等，2 分）**\n《送别》：“长亭外，古道边”，下一句是？\n> 40 秒，直接发答案",
        "💡 提示：下句有 5 个字。",
        "💡 提示：第一个字是“芳”。",
        "✅ **答案：芳草碧连天**\n这题没有人作答。",
        "🏁 **诗词接龙，结束！**\n2 人参加，排名如下：\n🥇 小波　1 分（答对 1 题，用时 4.0 秒）",
    ]
    assert turn.over == Result("答完全部题目", (BOB.id,))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("疑是地上霜", Verdict.RIGHT),
        ("疑是地上霜！", Verdict.RIGHT),
        ("是疑是地上霜吧", Verdict.RIGHT),
        ("疑似地上霜", Verdict.RIGHT),
        ("疑 是 地 上 霜", Verdict.RIGHT),
        ("床前明月光，疑是地上霜。", Verdict.RIGHT),
        ("牀前明月光，疑是地上霜", Verdict.RIGHT),
        ("疑是地下霜", Verdict.WRONG),
        ("低头思故乡", Verdict.WRONG),
        ("举头望明月", Verdict.WRONG),
        ("我想想", Verdict.WRONG),
        ("这个我会", Verdict.WRONG),
        ("背过", Verdict.CHATTER),
        ("哈哈哈哈哈", Verdict.CHATTER),
        ("不知道", Verdict.CHATTER),
        ("小时候背过好多遍了", Verdict.CHATTER),
        ("", Verdict.CHATTER),
    ],
)
def test_lyrics_judges_a_line(text: str, verdict: Verdict) -> None:
    assert GAME.judge(MOON, text) is verdict


def test_lyrics_takes_traditional_characters() -> None:
    assert GAME.judge(RIVER, "芳草碧連天") is Verdict.RIGHT
    assert GAME.judge(RIVER, "長亭外，古道邊，芳草碧連天") is Verdict.RIGHT


def test_lyrics_hints_get_clearer() -> None:
    assert GAME.ladder(MOON) == ["下句有 5 个字。", "第一个字是“疑”。", "前半句是“疑是”。"]


@pytest.mark.parametrize("name", ["poem-lines", "folk-lyrics"])
def test_lyrics_every_shipped_line_can_be_said(name: str) -> None:
    for question in LIBRARY[name].questions:
        said = [question.answer, *question.accept, f"{question.answer}。"]
        assert [GAME.judge(question, one) for one in said] == [Verdict.RIGHT] * len(said)
        assert len(GAME.ladder(question)) >= 3


def test_lyrics_songs_are_one_option_away() -> None:
    assert GAME.problems(Options(bank="folk-lyrics"), LIBRARY) == []
    assert GAME.problems(Options(), LIBRARY) == []
