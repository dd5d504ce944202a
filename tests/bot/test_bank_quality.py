"""What the figures say of a question, in the terminal's table and in chat."""

import pytest

from bot.bank_quality import Quality, Worth, qualities, stats, summary
from sop.bank import Bank, Question
from storage.questions import Tally


def question(id: str, ask: str = "存款保险最高赔多少？") -> Question:
    return Question(id=id, ask=ask, answer="50 万元", difficulty="easy")


IDS = ("easy", "fine", "hard", "new", "silent")
BANK = Bank(bank="basics", title="金融常识", topic="常识", questions=[question(one) for one in IDS])
FUN = Bank(bank="riddles", title="猜谜语", questions=[question("rain", "千条线，万条线" * 6)])
TALLIES = [
    Tally("basics", "easy", 4, 40, 38),
    Tally("basics", "fine", 4, 40, 30),
    Tally("basics", "gone", 9, 90, 0),
    Tally("basics", "hard", 2, 20, 2),
    Tally("basics", "silent", 3, 0, 0),
    Tally("riddles", "rain", 1, 4, 0),
]


@pytest.mark.parametrize(
    ("asked", "answers", "right", "worth"),
    [
        (0, 0, 0, Worth.NEW),
        (2, 0, 0, Worth.GOOD),
        (3, 0, 0, Worth.SILENT),
        (3, 4, 4, Worth.GOOD),
        (3, 5, 5, Worth.TOO_EASY),
        (3, 20, 19, Worth.TOO_EASY),
        (3, 20, 18, Worth.GOOD),
        (3, 20, 3, Worth.GOOD),
        (3, 20, 2, Worth.TOO_HARD),
        (3, 4, 0, Worth.GOOD),
        (3, 5, 0, Worth.TOO_HARD),
    ],
)
def test_worth_of_a_question(asked: int, answers: int, right: int, worth: Worth) -> None:
    assert Quality("basics", question("one"), asked, answers, right).worth is worth


def test_questions_are_sorted_by_usefulness() -> None:
    found = qualities([BANK, FUN], TALLIES)
    assert [one.question.id for one in found] == ["fine", "rain", "new", "easy", "hard", "silent"]


def test_stats_table() -> None:
    assert stats([BANK, FUN], TALLIES).splitlines() == [
        "basics/fine　简单　问 4 次，答 40 次，答对 75%　存款保险最高赔多少？",
        "riddles/rain　简单　问 1 次，答 4 次，答对 0%　"
        "千条线，万条线千条线，万条线千条线，万条线千条线，万条线千…",
        "basics/new　简单　还没问过　存款保险最高赔多少？",
        "basics/easy　简单　问 4 次，答 40 次，答对 95%，太容易　存款保险最高赔多少？",
        "basics/hard　简单　问 2 次，答 20 次，答对 10%，太难　存款保险最高赔多少？",
        "basics/silent　简单　问 3 次，答 0 次，没人答　存款保险最高赔多少？",
        "",
        "共 6 题：还没问过 1 题，太容易 1 题，太难 1 题，没人答 1 题。",
        "答过 5 次以上才看对错：答对 95% 及以上是“太容易”，10% 及以下是“太难”；"
        "问过 3 次没有一个人答是“没人答”。",
    ]


def test_summary_in_chat() -> None:
    uses = {"basics": {"easy": 1, "fine": 2}, "riddles": {"rain": 1}}
    assert summary("财富一群", [BANK, FUN], uses, TALLIES).splitlines() == [
        "**“财富一群”的题库**",
        "猜谜语（riddles）：1 题，都问过了，会从问得少的再来",
        "【常识】金融常识（basics）：5 题，还有 3 题没问过",
        "",
        "**最该改一改的题**（所有社群合计）",
        "1. 存款保险最高赔多少？（basics/silent）：问 3 次，答 0 次，没人答",
        "2. 存款保险最高赔多少？（basics/hard）：问 2 次，答 20 次，答对 10%，太难",
        "3. 存款保险最高赔多少？（basics/easy）：问 4 次，答 40 次，答对 95%，太容易",
    ]


def test_summary_before_anything_was_asked() -> None:
    assert summary("财富一群", [FUN], {}, []).splitlines() == [
        "**“财富一群”的题库**",
        "猜谜语（riddles）：1 题，还有 1 题没问过",
        "",
        "还没有发现太难、太容易或没人答的题。",
    ]
