"""Quiz: the open question, its answer, and answers that look right but are not."""

from datetime import datetime
from typing import ClassVar

from bot.rehearsal.tactic import Prompt
from sop.answers import LETTERS, Verdict, match, right_choice
from sop.bank import Question
from storage.games import SessionRow

_WRONG = ("不知道算不算", "100", "三天", "银行", "1990年", "身份证")
"""Candidates for a wrong free answer; those that the question takes for right are left out."""


class QuizTactics:
    """One call for each question."""

    game: ClassVar[str] = "quiz"

    def prompt(self, session: SessionRow) -> Prompt | None:
        """Nothing while an explanation is being read."""
        state = session.state
        if state["phase"] != "ask":
            return None
        question = Question.model_validate(state["questions"][state["index"]])
        right, wrong = _words(question)
        asked_at = datetime.fromisoformat(state["asked_at"])
        closes_at = datetime.fromisoformat(state["closes_at"])
        return Prompt(str(state["index"]), asked_at, closes_at, right, wrong)


def _words(question: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ways to say the right answer, and wrong ones."""
    if not question.choices:
        wrong = tuple(one for one in _WRONG if match(question, one) is Verdict.WRONG)
        return (question.answer, f"我觉得是{question.answer}"), wrong or _WRONG[:1]
    number = right_choice(question) or 0
    letters = LETTERS[: len(question.choices)]
    right = letters[number]
    wrong = tuple(one for one in letters if one != right)
    return (right, right.lower(), f"选{right}", question.choices[number]), wrong


TACTICS = QuizTactics()
