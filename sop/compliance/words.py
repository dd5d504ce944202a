"""The word list: `words.yaml`, and the sounds of its characters from `sounds.yaml`."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

from sop.compliance.finding import Rule
from sop.diagnostics import Severity, render
from sop.model import Strict

_FOLDER = Path(__file__).parent

Words = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: tuple(value.split()) if isinstance(value, str) else value),
]
"""Words as one text, with blanks between them."""


class Term(Strict):
    """A word that breaks its group's rule."""

    term: str = Field(min_length=2)
    variants: Words = ()
    sounds: bool = False
    """Also what sounds the same."""
    unless_after: Words = ()
    unless_before: Words = ()
    harmless: Words = ()
    """Spellings of the same sound that mean something else."""


def _term(value: object) -> object:
    return {"term": value} if isinstance(value, str) else value


class Group(Strict):
    """The words of one rule."""

    rule: str
    title: str
    severity: Severity
    source: str = Field(min_length=1)
    hint: str = Field(min_length=1)
    terms: list[Annotated[Term, BeforeValidator(_term)]] = Field(min_length=1)

    def as_rule(self) -> Rule:
        """The rule without its words; a person may excuse it in writing."""
        return Rule(self.rule, self.title, self.severity, self.source, self.hint)


class Surroundings(Strict):
    """When a hit is an honest sentence: denied, asked, warned of or exposed (see the file)."""

    negators: Words
    not_negators: Words
    links: Words
    quoted_by: Words
    warnings: Words
    askers: Words
    asked: Words
    verdicts: Words
    verdicts_at_end: Words
    denied_by: Words
    openers: Words


class Products(Strict):
    """Which products need a risk notice, and what counts as selling them."""

    named: Words
    when_sold: Words
    not_when_sold: Words
    selling: Words


class WordList(Strict):
    """`words.yaml`."""

    rules: list[Group] = Field(min_length=1)
    context: Surroundings
    products: Products
    markets: list[Annotated[Term, BeforeValidator(_term)]]
    """What a prediction must not be about."""

    def terms(self) -> Iterator[tuple[Group, Term]]:
        """Every term with the group that it stands in."""
        for group in self.rules:
            for term in group.terms:
                yield group, term


class Sounds(Strict):
    """`sounds.yaml`: pinyin without tones → the characters read so (GB 2312, by pypinyin)."""

    sounds: dict[str, str]


def any_of(options: Iterable[str]) -> str:
    """A pattern for any of the words: the longest first, grouped by first character, to which the
    engine then skips."""
    by_first: dict[str, list[str]] = {}
    for one in sorted(set(options), key=lambda one: (-len(one), one)):
        by_first.setdefault(one[0], []).append(re.escape(one[1:]))
    return "|".join(f"{re.escape(one)}(?:{'|'.join(rest)})" for one, rest in by_first.items())


M = TypeVar("M", WordList, Sounds)


def _shipped(name: str, model: type[M]) -> M:
    from sop.loader import load_model  # the loader imports this package

    value, problems, _ = load_model(_FOLDER / name, model)
    if value is None:
        raise ValueError(render(problems))
    return value


@cache
def words() -> WordList:
    """The shipped word list. Raises ValueError with every problem if it is broken."""
    return _shipped("words.yaml", WordList)


@cache
def syllables() -> dict[str, str]:
    """Character → syllable, for the syllables that the list's words need."""
    table = _shipped("sounds.yaml", Sounds).sounds
    return {char: syllable for syllable, chars in table.items() for char in chars}
