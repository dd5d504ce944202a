"""The dictionary of four-character idioms: what is one, and which may follow which.

The words stand in `idioms.txt`, the common ones first, each with the readings of its first and its
last character (without tones); the file's head names the sources. Whatever members write is looked
up in its simplified form.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from sop.answers import simplified

Match = Literal["sound", "character"]
"""What the next idiom begins with: the last character's sound (whatever its tone), or itself."""

LENGTH = 4
"""Characters of every idiom here."""

_COMMON = 3000
"""So many of the commonest are used by ourselves; members may use all."""

_WAYS_ON = 4
"""Ourselves we say only what at least so many common idioms can follow."""

# Correct words, but none that a bank begins an evening with.
_GLOOMY = frozenset(
    "死亡杀病鬼尸血丧哭葬贼偷骗盗穷败毒刀刑罪祸灾难悲愁怨恨怒仇敌奴淫狗猪屠绝灭残伤痛苦饿恶凶险"
    "财利赌钱富贪官党国反乱兵"
)


@dataclass(frozen=True, slots=True)
class Idiom:
    """One idiom with its readings."""

    word: str
    first: str
    """Reading of the first character, without tone: `hua`."""
    last: str


def find(text: str) -> Idiom | None:
    """The idiom that a text is, whatever stands around it in punctuation and blanks."""
    return _dictionary().get(four_characters(text))


def four_characters(text: str) -> str:
    """The text as four simplified Chinese characters without anything else; empty when it is
    something else, as most of what people write is."""
    if not LENGTH <= len(text) <= 3 * LENGTH:
        return ""
    kept = "".join(one for one in text if unicodedata.category(one)[0] in "LN")
    word = simplified(kept) if len(kept) == LENGTH else ""
    return word if all("\u4e00" <= one <= "\u9fff" for one in word) else ""


def follows(before: Idiom, after: Idiom, by: Match) -> bool:
    """Whether an idiom may stand after another. The same character is always the same sound."""
    same = before.word[-1] == after.word[0]
    return same or (by == "sound" and before.last == after.first)


def begins_rightly(before: Idiom, word: str, by: Match) -> bool:
    """The same of four characters that are no idiom here: was it meant as one?"""
    same = before.word[-1] == word[0]
    return same or (by == "sound" and before.last in _readings().get(word[0], ()))


def continuations(before: Idiom, by: Match) -> Sequence[Idiom]:
    """Everything that may follow, the common ones first."""
    by_character = _by_first_character().get(before.word[-1], ())
    if by == "character":
        return by_character
    by_sound = _by_first_sound().get(before.last, ())
    return [*by_sound, *(one for one in by_character if one.first != before.last)]


@cache
def openers(by: Match) -> Sequence[Idiom]:
    """What we say ourselves: common, cheerful enough, and easy to go on from."""
    words = {one.word for one in _common()}
    return tuple(
        one
        for one in _common()
        if not _GLOOMY & set(one.word)
        and sum(after.word in words for after in continuations(one, by)) >= _WAYS_ON
    )


@cache
def _dictionary() -> Mapping[str, Idiom]:
    """By word, the common ones first."""
    lines = Path(__file__).with_name("idioms.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {word: Idiom(word, first, last) for word, first, last in rows}


@cache
def _common() -> Sequence[Idiom]:
    return tuple(_dictionary().values())[:_COMMON]


@cache
def _by_first_sound() -> Mapping[str, Sequence[Idiom]]:
    found: dict[str, list[Idiom]] = {}
    for one in _dictionary().values():
        found.setdefault(one.first, []).append(one)
    return found


@cache
def _by_first_character() -> Mapping[str, Sequence[Idiom]]:
    found: dict[str, list[Idiom]] = {}
    for one in _dictionary().values():
        found.setdefault(one.word[0], []).append(one)
    return found


@cache
def _readings() -> Mapping[str, frozenset[str]]:
    """How a character at the beginning or the end of an idiom is read, one way or more."""
    found: dict[str, set[str]] = {}
    for one in _dictionary().values():
        found.setdefault(one.word[0], set()).add(one.first)
        found.setdefault(one.word[-1], set()).add(one.last)
    return {character: frozenset(ways) for character, ways in found.items()}
