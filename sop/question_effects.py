"""Effects of questions put to a community; `sop.effects` names them beside all others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UseQuestion:
    """A question of a bank was put to a community: others come first from now on."""

    community: str
    bank: str
    question: str


@dataclass(frozen=True, slots=True)
class JudgeQuestion:
    """A question is over: how many members answered it, and how many of them rightly."""

    community: str
    bank: str
    question: str
    answers: int
    right: int
