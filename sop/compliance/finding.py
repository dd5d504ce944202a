"""What a rule found, what a rule is, and where in a YAML file the words stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from sop.diagnostics import Severity
from sop.source import Document, Key, Position


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its source in law or regulation; `hint` says what to write instead."""

    id: str
    title: str
    severity: Severity
    source: str
    hint: str
    waivable: bool = True
    """False: no reason can excuse it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one rule, at a place of the data."""

    rule: str
    severity: Severity
    message: str
    """One sentence in Chinese, with the words it is about."""
    hint: str
    source: str
    span: tuple[int, int] | None
    """Start and end in the text at `path`, in characters; None: the whole value."""
    path: tuple[Key, ...]


def found(
    rule: Rule,
    message: str,
    path: Sequence[Key],
    span: tuple[int, int] | None = None,
    *,
    severity: Severity | None = None,
    hint: str = "",
) -> Finding:
    """A finding of the rule; severity and hint are the rule's unless given."""
    return Finding(
        rule=rule.id,
        severity=severity or rule.severity,
        message=message,
        hint=hint or rule.hint,
        source=rule.source,
        span=span,
        path=tuple(path),
    )


def place(document: Document, finding: Finding) -> Position:
    """Line and column of the words themselves, in whatever style the text is written.

    Where the file spells them differently (escapes, a word folded over two lines): the value.
    """
    node = document.node(finding.path)
    if node is None or not isinstance(node.value, str) or finding.span is None:
        return document.place(finding.path)
    start, end = finding.span
    words = node.value[start:end]
    if not words:
        return node.at
    before = node.value.count(words, 0, start)
    first = node.at.line - 1
    for number, line in enumerate(document.lines[first:], start=node.at.line):
        column = node.at.column - 1 if number == node.at.line and not node.literal else 0
        if node.literal and number == node.at.line:
            continue
        while (column := line.find(words, column)) >= 0:
            if before == 0:
                return Position(number, column + 1, len(words))
            before -= 1
            column += len(words)
    return node.at
