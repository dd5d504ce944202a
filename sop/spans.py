"""Places inside a text of a file."""

from sop.source import Document, Node, Position


def line_of(document: Document, node: Node, line: int) -> Position:
    """A line (from 1) of a `|` block, from its first character to its last."""
    at = node.at.line + line
    text = document.lines[at - 1] if at <= len(document.lines) else ""
    return Position(at, _indent(text) + 1, max(len(text.strip()), 1))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
