"""How good questions are, judged by what members answered: for the terminal and 题库 in chat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sop.bank import Bank, Question
from sop.questions import LEVELS
from storage.questions import Tally

_TOO_EASY = 95
"""Per cent right, and more."""
_TOO_HARD = 10
"""Per cent right, and less."""
_ENOUGH = 5
"""Answers, below which a percentage says nothing."""
_SILENT_AFTER = 3
"""Times asked without a single answer."""
WORST = 5
"""Questions that are named in chat."""
_LONGEST = 30
"""Characters of a question in a list."""


class Worth(IntEnum):
    """How useful a question is, the most useful first."""

    GOOD = 0
    NEW = 1
    """Never asked."""
    TOO_EASY = 2
    TOO_HARD = 3
    SILENT = 4


WORDS = {
    Worth.GOOD: "",
    Worth.NEW: "还没问过",
    Worth.TOO_EASY: "太容易",
    Worth.TOO_HARD: "太难",
    Worth.SILENT: "没人答",
}


@dataclass(frozen=True, slots=True)
class Quality:
    """One question with what came back."""

    bank: str
    question: Question
    asked: int
    answers: int
    right: int

    @property
    def percent(self) -> int | None:
        """Right answers of a hundred; None without an answer."""
        return None if not self.answers else round(100 * self.right / self.answers)

    @property
    def worth(self) -> Worth:
        """What to think of it."""
        if not self.asked:
            return Worth.NEW
        if not self.answers:
            return Worth.SILENT if self.asked >= _SILENT_AFTER else Worth.GOOD
        if self.answers < _ENOUGH:
            return Worth.GOOD
        if 100 * self.right >= _TOO_EASY * self.answers:
            return Worth.TOO_EASY
        return Worth.TOO_HARD if 100 * self.right <= _TOO_HARD * self.answers else Worth.GOOD


def qualities(banks: Iterable[Bank], tallies: Iterable[Tally]) -> list[Quality]:
    """Every question of the banks, the most useful first: those that most members answered, then
    the new ones, then those to be changed. Questions that left their bank are not among them."""
    known = {(one.bank, one.question): one for one in tallies}
    nothing = Tally("", "", 0, 0, 0)
    found = []
    for bank in banks:
        for question in bank.questions:
            one = known.get((bank.bank, question.id), nothing)
            found.append(Quality(bank.bank, question, one.asked, one.answers, one.right))
    return sorted(found, key=_usefulness)


def stats(banks: Sequence[Bank], tallies: Iterable[Tally]) -> str:
    """The table of the terminal: one line for each question, and what the marks mean."""
    found = qualities(banks, tallies)
    lines = [
        f"{one.bank}/{one.question.id}　{LEVELS[one.question.difficulty]}　{_figures(one)}"
        f"　{_short(one.question)}"
        for one in found
    ]
    counts = {worth: sum(one.worth is worth for one in found) for worth in Worth}
    marked = "，".join(f"{word} {counts[worth]} 题" for worth, word in WORDS.items() if word)
    return "\n".join(
        [
            *lines,
            "",
            f"共 {len(found)} 题：{marked}。",
            f"答过 {_ENOUGH} 次以上才看对错：答对 {_TOO_EASY}% 及以上是“太容易”，"
            f"{_TOO_HARD}% 及以下是“太难”；问过 {_SILENT_AFTER} 次没有一个人答是“没人答”。",
        ]
    )


def summary(
    name: str, banks: Sequence[Bank], uses: Mapping[str, Mapping[str, int]], tallies: list[Tally]
) -> str:
    """What 题库 answers: each bank with what is still unasked in a community, and the questions
    that are worth changing. `uses` are the community's, by bank and question."""
    lines = [f"**“{name}”的题库**"]
    for bank in sorted(banks, key=lambda one: (one.topic, one.bank)):
        asked = uses.get(bank.bank, {})
        left = sum(not asked.get(one.id) for one in bank.questions)
        size = len(bank.questions)
        fresh = f"还有 {left} 题没问过" if left else "都问过了，会从问得少的再来"
        topic = f"【{bank.topic}】" if bank.topic else ""
        lines.append(f"{topic}{bank.title}（{bank.bank}）：{size} 题，{fresh}")
    bad = [one for one in qualities(banks, tallies) if one.worth > Worth.NEW]
    if bad:
        lines += ["", "**最该改一改的题**（所有社群合计）"]
        for number, one in enumerate(reversed(bad[-WORST:]), 1):
            what = f"{_short(one.question)}（{one.bank}/{one.question.id}）"
            lines.append(f"{number}. {what}：{_figures(one)}")
    else:
        lines += ["", "还没有发现太难、太容易或没人答的题。"]
    return "\n".join(lines)


def _usefulness(one: Quality) -> tuple[int, int, str, str]:
    return one.worth, -one.answers, one.bank, one.question.id


def _figures(one: Quality) -> str:
    mark = WORDS[one.worth]
    if not one.asked:
        return mark
    share = "" if one.percent is None else f"，答对 {one.percent}%"
    return f"问 {one.asked} 次，答 {one.answers} 次{share}" + (f"，{mark}" if mark else "")


def _short(question: Question) -> str:
    ask = question.ask
    return ask if len(ask) <= _LONGEST else f"{ask[: _LONGEST - 1]}…"
