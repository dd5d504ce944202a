"""Places inside a text of a file."""

import re

from sop.source import Document, Node, Position


def line_of(document: Document, node: Node, line: int) -> Position:
    """A line (from 1) of a `|` block, from its first character to its last."""
    at = node.at.line + line
    text = document.lines[at - 1] if at <= len(document.lines) else ""
    return Position(at, _indent(text) + 1, max(len(text.strip()), 1))


def word_after(document: Document, at: Position, word: str) -> Position | None:
    """Where a whole word first stands from a place on; None when it is not there."""
    if not word:
        return None
    pattern, column = re.compile(rf"(?<![\w.]){re.escape(word)}(?![\w.])"), at.column - 1
    for number, line in enumerate(document.lines[at.line - 1 :], at.line):
        if found := pattern.search(line, column):
            return Position(number, found.start() + 1, len(word))
        column = 0
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
