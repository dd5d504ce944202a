"""The shipped question banks: every question can be answered, read and trusted."""

import re
from collections import Counter

import pytest

from sop.answers import Verdict, bank_problems, match, normalise, right_choice
from sop.bank import Bank, Question
from sop.loader import SHIPPED, load

BANKS = load([SHIPPED / "banks"])[0].banks
SIZES = {
    "anti-fraud": 38,
    "consumer-rights": 37,
    "credit-loans": 39,
    "emoji-idioms": 94,
    "finance-basics": 52,
    "folk-lyrics": 22,
    "funds-wealth": 38,
    "insurance-basics": 38,
    "poem-lines": 99,
    "riddles": 80,
    "scam-cases": 52,
}
OF_A_GAME = ("emoji-idioms", "folk-lyrics", "poem-lines", "riddles", "scam-cases")
KNOWLEDGE = [BANKS[name] for name in SIZES if name not in OF_A_GAME]
QUESTIONS = [
    pytest.param(question, id=f"{bank.bank}/{question.id}")
    for bank in BANKS.values()
    for question in bank.questions
]
KNOWLEDGE_QUESTIONS = [
    pytest.param(question, id=f"{bank.bank}/{question.id}")
    for bank in KNOWLEDGE
    for question in bank.questions
]


def test_banks_load_without_a_problem() -> None:
    assert load([SHIPPED / "banks"])[1] == []


def test_bank_sizes() -> None:
    assert {name: len(BANKS[name].questions) for name in sorted(BANKS)} == SIZES
    assert sum(len(bank.questions) for bank in KNOWLEDGE) == 242


def test_no_question_is_asked_twice() -> None:
    # Emoji mean nothing in an answer, so the form that answers are compared in leaves them out.
    asked = Counter(
        one.ask if bank.topic == "成语" else normalise(one.ask)
        for bank in BANKS.values()
        for one in bank.questions
    )
    assert [ask for ask, count in asked.items() if count > 1] == []


@pytest.mark.parametrize("bank", BANKS.values(), ids=list(BANKS))
def test_bank_is_sound(bank: Bank) -> None:
    assert bank_problems(bank) == []


@pytest.mark.parametrize("bank", KNOWLEDGE, ids=lambda bank: bank.bank)
def test_bank_has_every_difficulty_and_letter(bank: Bank) -> None:
    levels = Counter(question.difficulty for question in bank.questions)
    assert min(levels[level] for level in ("easy", "medium", "hard")) >= 8
    letters = Counter(right_choice(one) for one in bank.questions if len(one.choices) == 4)
    assert min(letters[index] for index in range(4)) >= 5
    assert max(letters.values()) <= 0.4 * letters.total()


@pytest.mark.parametrize("name", OF_A_GAME)
def test_bank_of_a_game_has_every_difficulty(name: str) -> None:
    levels = Counter(question.difficulty for question in BANKS[name].questions)
    assert min(levels[level] for level in ("easy", "medium", "hard")) >= 6


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_reads_well(question: Question) -> None:
    assert re.fullmatch("[a-z0-9-]{3,30}", question.id)
    assert 8 <= len(question.ask) <= 80
    assert question.ask.endswith(("？", "）"))
    assert 10 <= len(question.explain) <= 90
    assert question.explain.endswith("。")
    assert question.source
    texts = (question.ask, question.hint, question.explain, question.source, *question.choices)
    # Western punctuation beside a Chinese character, and straight quotes, are slips of the pen.
    slip = "[\u4e00-\u9fff][,;:?!]|[\"']|[。，；：]{2}"
    slips = [text for text in texts if re.search(slip, text)]
    assert slips == []


@pytest.mark.parametrize("question", KNOWLEDGE_QUESTIONS)
def test_choices_fit_a_phone(question: Question) -> None:
    assert len(question.choices) in (0, 2, 4)
    assert max((len(choice) for choice in question.choices), default=0) <= 20


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_accepts_its_own_answers(question: Question) -> None:
    for said in (question.answer, *question.accept):
        assert match(question, said) is Verdict.RIGHT
    for index, choice in enumerate(question.choices):
        right = index == right_choice(question)
        expected = Verdict.RIGHT if right else Verdict.WRONG
        assert match(question, choice) is expected
        assert match(question, f"我选{'ABCD'[index]}") is expected


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_hint_does_not_give_the_answer_away(question: Question) -> None:
    right = right_choice(question)
    answer = question.answer if right is None else question.choices[right]
    assert not question.hint or normalise(answer) not in normalise(question.hint)
    # An answer of one or two characters may stand in a question by chance.
    assert len(question.answer) < 3 or normalise(question.answer) not in normalise(question.ask)
