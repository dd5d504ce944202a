"""The form in which words are looked for, however they were dressed up.

Full width, case, accents, traditional characters and enclosed ones become plain; blanks, invisible
characters, emoji and marks inside a word vanish. What ends a clause (，。：！？ and a new line)
stays as a stop, so that “环保。本周” is no “保本”.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

STOP = "\n"
COMMA, COLON = ",", ":"
QUOTE = '"'
OPENING, CLOSING = "“‘「『《【〈", "”’」』》】〉"

LONGEST = 300
"""Folded characters of a sentence; what is looked for within one would cost its square."""

_SENTENCE = frozenset("。!?;\n\r\u2028\u2029\v\f\x85")
_LIST = "、"


@cache
def _simplifier() -> "OpenCC":
    # Imported where it is used: only texts with traditional characters need the tables.
    from opencc import OpenCC

    return OpenCC("t2s")


def _simple(char: str) -> str:
    """The simplified form; what GB 2312 knows already is."""
    if char < "\u3400" or _in_gb2312(char):
        return char
    return str(_simplifier().convert(char))


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _plain(char: str) -> str:
    """Letters and digits of one character, folded; empty for everything else."""
    parts = unicodedata.normalize("NFKD", char).casefold()
    kept = (one for one in parts if unicodedata.category(one)[0] in "LN")
    return "".join(_simple(one) for one in kept)


class _Table(dict[int, str]):
    """For str.translate; it learns each character when it first meets it."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        wide = unicodedata.normalize("NFKC", char)
        if wide in _SENTENCE:
            value = STOP
        elif wide in (COMMA, COLON, _LIST):
            value = wide
        elif char in OPENING or char in CLOSING or wide in ('"', "'"):
            value = QUOTE
        else:
            value = _plain(char)
        self[code] = value
        return value


_TABLE = _Table()


@lru_cache(maxsize=32)  # each rule reads the same text again
def _read(text: str) -> str:
    """Letters and digits folded, and the marks that matter."""
    return text.translate(_TABLE)


def fold(text: str) -> str:
    """The text with everything gone that does not make a word; stops are line feeds."""
    read = _read(text).replace(QUOTE, "")
    return read.replace(COMMA, STOP).replace(COLON, STOP).replace(_LIST, STOP)


def fold_context(text: str) -> str:
    """For judging what surrounds a word: sentence ends are line feeds; `,`, `:` and `"` remain."""
    return _read(text).replace(_LIST, "")


def sentences(context: str) -> Iterator[tuple[int, str]]:
    """Where each sentence of a folded context begins, and the sentence; one without end is cut."""
    at = 0
    for sentence in context.split(STOP):
        for cut in range(0, len(sentence), LONGEST):
            yield at + cut, sentence[cut : cut + LONGEST]
        at += len(sentence) + 1


def origins(text: str) -> list[int]:
    """For each character of `fold(text)`: the index of the character it came from."""
    return _origins(text, QUOTE)


def context_origins(text: str, *, without: str = "") -> list[int]:
    """The same for `fold_context(text)`, from which a mark may have been taken."""
    return _origins(text, _LIST + without)


def _origins(text: str, without: str) -> list[int]:
    dropped = {"", *without}
    where: list[int] = []
    for index, piece in enumerate(map(_TABLE.__getitem__, map(ord, text))):
        if piece not in dropped:
            where += [index] * len(piece)
    return where
