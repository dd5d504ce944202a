"""What the tactics of games like lyrics, riddles and emoji idioms share (sop/race.py)."""

from collections.abc import Sequence
from datetime import datetime

from bot.rehearsal.tactic import Prompt
from sop.bank import Question
from storage.games import SessionRow


def race_prompt(session: SessionRow, wrong: Sequence[str], ways: str) -> Prompt | None:
    """The open question with its answer, plain and as `ways` puts it (`{}` is the answer);
    nothing while an answer is being read."""
    state = session.state
    if state["phase"] != "ask":
        return None
    question = Question.model_validate(state["questions"][state["index"]])
    asked_at = datetime.fromisoformat(state["asked_at"])
    closes_at = datetime.fromisoformat(state["closes_at"])
    accepted = (question.answer, *question.accept)
    right = (question.answer, ways.format(question.answer), *question.accept)
    misses = tuple(one for one in wrong if one not in accepted)
    return Prompt(str(state["index"]), asked_at, closes_at, right, misses)
