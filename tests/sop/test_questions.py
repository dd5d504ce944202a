"""Whose turn a question is: none comes again before all have come."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sop.bank import Bank, Question
from sop.effects import AnswerRight, JudgeQuestion, UseQuestion
from sop.game import Asked, Judged, Turn
from sop.games import all_games
from sop.questions import counted, fitting, in_turn

START = datetime(2026, 11, 24, 11, 40, tzinfo=UTC)


def bank(size: int) -> Bank:
    levels = ("easy", "medium", "hard")
    questions = [
        Question.model_validate(
            {"id": f"q{one}", "ask": f"{one}？", "answer": "是", "difficulty": levels[one % 3]}
        )
        for one in range(size)
    ]
    return Bank(bank="basics", title="常识", questions=questions)


@given(st.integers(1, 30), st.integers(1, 7), st.lists(st.binary(min_size=32, max_size=32)))
def test_question_comes_again_only_after_all_others(
    size: int, each: int, seeds: list[bytes]
) -> None:
    uses: Counter[str] = Counter()
    for seed in seeds:
        picked = in_turn(bank(size), uses, seed).questions[:each]
        uses.update(one.id for one in picked)
        assert max(uses.values()) - min(uses[f"q{one}"] for one in range(size)) <= 1


def test_order_is_the_seeds_alone() -> None:
    orders = [
        [one.id for one in in_turn(bank(9), {}, bytes([n]) * 32).questions] for n in (1, 1, 2)
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


def test_fitting_keeps_the_order_of_the_bank() -> None:
    turned = in_turn(bank(9), {"q0": 1, "q3": 1}, bytes(32))
    assert [one.id for one in fitting(turned, "easy")] == ["q6", *_rest(turned)]
    assert fitting(turned, None) == turned.questions


def _rest(turned: Bank) -> list[str]:
    return [one.id for one in turned.questions if one.id in ("q0", "q3")]


def test_round_asks_in_the_order_of_the_bank() -> None:
    quiz = all_games()["quiz"]
    turned = in_turn(bank(9), {"q4": 2}, bytes(32))
    options = quiz.Options.model_validate({"bank": "basics", "questions": 9})
    turn = quiz.start(options, {"basics": turned}, bytes(32), START)
    asked = [one["id"] for one in turn.state["questions"]]
    assert asked == [one.id for one in turned.questions]
    assert asked[-1] == "q4"
    assert turn.asked == (Asked("basics", asked[0]),)


def test_turn_is_counted_in_effects() -> None:
    turn = Turn({}, asked=(Asked("b", "two"),), judged=(Judged("b", "one", 5, ("wm1", "wm2")),))
    assert counted("wealth-01", turn) == [
        UseQuestion("wealth-01", "b", "two"),
        JudgeQuestion("wealth-01", "b", "one", 5, 2),
        AnswerRight("wealth-01", "wm1"),
        AnswerRight("wealth-01", "wm2"),
    ]
