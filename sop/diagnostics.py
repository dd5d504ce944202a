"""Problems of YAML files as values, and how they are shown: text, JSON, GitHub annotations."""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from rapidfuzz import fuzz, process

Severity = Literal["error", "warning"]

LONGEST_WORD = 100
"""Characters; nobody misspells a longer one."""
MOST_SHOWN = 160
"""Characters of a source line that are shown, around the place."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, at a place an editor can jump to (lines and columns from 1)."""

    file: str
    line: int
    column: int
    severity: Severity
    code: str
    message: str
    """What is wrong, in Chinese."""
    hint: str = ""
    """What to write instead, in Chinese."""
    source_line: str = field(default="", compare=False)
    width: int = field(default=1, compare=False)
    """Characters to underline."""


def closest(word: str, candidates: Iterable[str], *, likeness: int = 65) -> str | None:
    """The candidate that `word` was most likely meant to be; None when nothing is near.

    `likeness` is the least that counts as near, of 100 for the same word."""
    if len(word) > LONGEST_WORD:
        return None
    known = sorted(candidates)
    found = process.extractOne(
        word.lower(), known, scorer=fuzz.ratio, processor=str.lower, score_cutoff=likeness
    )
    return found[0] if found else None


def did_you_mean(word: str, candidates: Iterable[str], nothing: str = "") -> str:
    """A hint: the nearest candidate, or all of a short list, or `nothing` when there are none."""
    known = sorted(candidates)
    near = closest(word, known)
    if near:
        return f"您是想写 {near} 吗？"
    if known and len(known) <= 12:
        return f"可以写：{'、'.join(known)}。"
    return nothing if not known else ""


def columns(text: str) -> int:
    """How many terminal columns a text takes: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _printable(text: str) -> str:
    """One column for a tab, and nothing that could steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def render(problems: Iterable[Problem]) -> str:
    """Every problem, sorted, each with its line and a caret below the place."""
    return "\n\n".join(_render(problem) for problem in sorted(problems))


def _render(problem: Problem) -> str:
    head = (
        f"{problem.file}:{problem.line}:{problem.column}: "
        f"{problem.severity}[{problem.code}]: {_printable(problem.message)}"
    )
    parts = [head]
    if problem.source_line.strip():
        text, column = _window(_printable(problem.source_line), problem.column - 1)
        before, marked = text[:column], text[column:][: problem.width]
        number = str(problem.line)
        caret = " " * columns(before) + "^" * max(columns(marked), 1)
        parts += [f"  {number} | {text}", f"  {' ' * len(number)} | {caret}"]
    if problem.hint:
        parts.append(f"  提示：{_printable(problem.hint)}")
    return "\n".join(parts)


def _window(text: str, column: int) -> tuple[str, int]:
    """As much of a long line as can be read, and where `column` (from 0) is in it."""
    if len(text) <= MOST_SHOWN:
        return text, column
    start = max(0, column - MOST_SHOWN // 2)
    part = text[start : start + MOST_SHOWN]
    before, after = "…" if start else "", "…" if start + MOST_SHOWN < len(text) else ""
    return f"{before}{part}{after}", column - start + len(before)


def to_json(files: int, problems: Iterable[Problem]) -> str:
    """The JSON of `check --format json` (design/interfaces.md)."""
    every = sorted(problems)
    value: dict[str, Any] = {
        "files": files,
        "errors": sum(one.severity == "error" for one in every),
        "warnings": sum(one.severity == "warning" for one in every),
        "problems": [
            {
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "severity": one.severity,
                "code": one.code,
                "message": one.message,
                "hint": one.hint,
            }
            for one in every
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=2)


def to_github(problems: Iterable[Problem]) -> str:
    """Workflow commands that GitHub shows beside the line."""
    return "\n".join(
        f"::{one.severity} file={_escape(one.file, True)},line={one.line},col={one.column},"
        f"title={_escape(one.code, True)}::"
        + _escape(one.message + (f" 提示：{one.hint}" if one.hint else ""))
        for one in sorted(problems)
    )


def _escape(text: str, is_property: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if is_property else text
