"""A typed line → the command it means, its words, and the community it is about.

Only text is judged here: full-width and half-width are one, a leading “/” is allowed, the
command comes first, a community may stand anywhere by its id or its name.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.command import Command
from sop.community import Community

_WORDS = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|「([^」]+)」|'([^']+)'|(\S+)")
_TAIL = "。.!?~,、:;"
_NEAR_ENGLISH = 70
"""Percent; below it, two English words are no typing mistake for each other."""
_LONGEST_GLUED = 16


@dataclass(frozen=True, slots=True)
class Line:
    """A line whose first word is a command."""

    command: Command
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """No command, but close to one: what the sender may have meant, as a whole line."""

    word: str
    meant: str
    command: Command


def plain(word: str) -> str:
    """How words are compared: NFKC, caseless, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def words(line: str) -> tuple[str, ...]:
    """The line's words; quotes hold a name with blanks together."""
    return tuple(
        next(part for part in found.groups() if part is not None).strip()
        for found in _WORDS.finditer(line)
    )


def read(line: str, commands: Mapping[str, Command]) -> Line | Near | None:
    """The command that a line means; `commands` maps each name and alias. None: no command."""
    typed = words(line)
    if not typed:
        return None
    slash = plain(typed[0]) == "/" and len(typed) > 1
    first, *rest = typed[1:] if slash else typed
    word = plain(first).removeprefix("/").strip()
    command = commands.get(word) or commands.get(word.rstrip(_TAIL))
    if command is not None:
        return Line(command, tuple(rest))
    return _glued(word, rest, commands) or _misspelt(word, rest, commands)


def _glued(word: str, rest: Sequence[str], commands: Mapping[str, Command]) -> Near | None:
    """`周报上周`: a command and its first word without the blank. Only suggested, never done:
    “结束了吗” must not end a game."""
    if len(word) > _LONGEST_GLUED:
        return None
    names = [name for name in commands if not name.isascii() and word.startswith(name)]
    if not names:
        return None
    name = max(names, key=len)
    return Near(word, " ".join([name, word.removeprefix(name), *rest]), commands[name])


def _misspelt(word: str, rest: Sequence[str], commands: Mapping[str, Command]) -> Near | None:
    found = _nearest(word, commands)
    if found is None:
        return None
    return Near(word, " ".join([found, *rest]), commands[found])


def _nearest(word: str, commands: Mapping[str, Command]) -> str | None:
    if word.isascii():
        if len(word) < 3:
            return None
        from rapidfuzz import fuzz, process  # here, not above: only a mistake needs it

        english = sorted(name for name in commands if name.isascii())
        close = process.extractOne(word, english, scorer=fuzz.ratio, score_cutoff=_NEAR_ENGLISH)
        return close[0] if close else None
    # Chinese commands have two characters: one right in its place is all that can be asked.
    same_length = [name for name in commands if len(name) == len(word) == 2]
    alike = [name for name in same_length if (name[0] == word[0]) != (name[1] == word[1])]
    return min(alike, key=lambda name: (commands[name].name != name, name), default=None)


@dataclass(frozen=True, slots=True)
class Naming:
    """Which communities a line names, and its words without that name."""

    named: tuple[Community, ...]
    """Several only when they share the name."""
    typed: str
    args: tuple[str, ...]


def naming(args: Sequence[str], communities: Sequence[Community]) -> Naming:
    """Finds a community by id or name anywhere among the words; the longest match wins."""
    for size in range(len(args), 0, -1):
        for start in range(len(args) - size + 1):
            typed = " ".join(args[start : start + size])
            name = plain(typed)
            named = [one for one in communities if name in (plain(one.id), plain(one.name))]
            if named:
                return Naming(tuple(named), typed, (*args[:start], *args[start + size :]))
    return Naming((), "", tuple(args))


def as_word(community: Community, communities: Sequence[Community]) -> str:
    """How to type this community: its name, or its id when the name is shared; quoted if needed."""
    shared = sum(plain(one.name) == plain(community.name) for one in communities) > 1
    return quoted(community.id if shared else community.name)


def quoted(word: str) -> str:
    """The word as it must be typed to stay one word."""
    return f"“{word}”" if len(word.split()) > 1 else word
