"""Questions of a bank put to a community: those that it heard least often come first."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from sop.bank import Bank, Difficulty, Question
from sop.draws.stream import Stream
from sop.game import Turn
from sop.question_effects import JudgeQuestion, UseQuestion
from sop.standing_effects import AnswerRight

if TYPE_CHECKING:
    from sop.ports import Facts  # it needs the library, which needs the games

LEVELS: Mapping[Difficulty, str] = {"easy": "简单", "medium": "中等", "hard": "较难"}
"""How difficulties are worded."""


def for_community(
    facts: "Facts", banks: Mapping[str, Bank], community: str, options: BaseModel, seed: bytes
) -> Mapping[str, Bank]:
    """The banks as a game opens with them: the one that its options name is put in turn."""
    name: str = getattr(options, "bank", "")
    if name not in banks:
        return banks
    uses = facts.questions.uses(community, name)
    return {**banks, name: in_turn(banks[name], uses, seed)}


def in_turn(bank: Bank, uses: Mapping[str, int], seed: bytes) -> Bank:
    """The bank in the order in which a game is to ask it: the least used questions first, those
    used equally often shuffled by the seed. So none comes again before all have come."""
    shuffled = Stream(seed, f"questions/{bank.bank}").shuffled(bank.questions)
    ordered = sorted(shuffled, key=lambda one: uses.get(one.id, 0))
    return bank.model_copy(update={"questions": ordered})


def fitting(bank: Bank, difficulty: Difficulty | None) -> list[Question]:
    """The bank's questions of a difficulty, or all of them, in its order."""
    return [one for one in bank.questions if difficulty in (None, one.difficulty)]


def counted(community: str, turn: Turn) -> Sequence[UseQuestion | JudgeQuestion | AnswerRight]:
    """What a turn says about questions and who solved them, as effects."""
    asked = [UseQuestion(community, one.bank, one.question) for one in turn.asked]
    judged = [
        JudgeQuestion(community, one.bank, one.question, one.answers, len(one.solvers))
        for one in turn.judged
    ]
    solved = [AnswerRight(community, member) for one in turn.judged for member in one.solvers]
    return [*asked, *judged, *solved]
