"""Finds the words of the list in a text, in disguise too.

Two searches over the folded text, both for literal words: as they are spelt, and as they sound
(each character replaced by a symbol for its syllable). Pinyin letters may stand for characters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from sop.compliance.words import Group, Term, any_of, syllables, words

_FIRST_SYMBOL = 0xE000  # private use: never left in a folded text


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the list, at [start, end) of the folded text."""

    start: int
    end: int
    term: Term
    group: Group
    sounded: bool
    """Only its sound is the word's: characters that a person may have meant otherwise."""


@dataclass(frozen=True, slots=True)
class _Index:
    """One search: every literal form with the term it is a form of."""

    pattern: re.Pattern[str]
    forms: dict[str, tuple[Group, Term]]


def hits(folded: str) -> list[Hit]:
    """Every word of the list in a text folded by `sop.compliance.fold`, in order.

    Where hits overlap the first counts, and of those that begin together the longest.
    """
    sounds = folded.translate(_symbols())
    every = [
        *_search(_spelt(), folded, folded, sounded=False),
        *_search(_sounding(), sounds, folded, sounded=True),
    ]
    kept: list[Hit] = []
    for one in sorted(every, key=lambda one: (one.start, -one.end, one.sounded)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _search(index: _Index, searched: str, folded: str, *, sounded: bool) -> Iterator[Hit]:
    at = 0
    while match := index.pattern.search(searched, at):
        group, term = index.forms[match[0]]
        start, end = match.span()
        if _meant(term, folded, start, end):
            yield Hit(start, end, term, group, sounded)
            at = end
        else:
            at = start + 1


def _meant(term: Term, folded: str, start: int, end: int) -> bool:
    """Not part of another word, like 保本 in 确保本次."""
    return not (
        folded.endswith(term.unless_after, 0, start)
        or folded.startswith(term.unless_before, end)
        or folded[start:end] in term.harmless
    )


@cache
def _spelt() -> _Index:
    forms: dict[str, tuple[Group, Term]] = {}
    for group, term in words().terms():
        for form in (term.term, *term.variants):
            forms.setdefault(form, (group, term))
        if term.sounds:
            for form in _with_letters(term.term):
                forms.setdefault(form, (group, term))
    return _Index(re.compile(any_of(forms)), forms)


def _with_letters(term: str) -> Iterator[str]:
    """The word with any of its characters written in pinyin: bao本, 保ben, baoben."""
    known = syllables()
    for spelling in product(*((char, known[char]) for char in term)):
        yield "".join(spelling)


@cache
def _sounding() -> _Index:
    forms = {
        term.term.translate(_symbols()): (group, term)
        for group, term in words().terms()
        if term.sounds
    }
    return _Index(re.compile(any_of(forms)), forms)


class _Symbols(dict[int, int]):
    """Characters of a known sound become its symbol; all others stay."""

    def __missing__(self, code: int) -> int:
        self[code] = code
        return code


@cache
def _symbols() -> _Symbols:
    known = syllables()
    symbol = {one: _FIRST_SYMBOL + n for n, one in enumerate(sorted(set(known.values())))}
    return _Symbols({ord(char): symbol[syllable] for char, syllable in known.items()})
