"""YAML text → plain data in which every key and value knows its line and column.

Hostile files are refused while the parser's events go by: size, depth, the number of values
(repetitions through aliases included) and of duplicate keys are bounded. What is wrong within an
alias is shown at its anchor: that is where an author mends it. Scalars resolve strictly: null,
true, false, integers of at most nine digits and decimals; everything else (`10:30`, `on`, `no`,
`0123`, dates, phone numbers) stays the text it looks like. Nothing is constructed from a tag.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml.error import MarkedYAMLError

from sop.decoding import NotText, decode, lines_of
from sop.diagnostics import Problem, Severity
from sop.files import Unreadable, read_bytes, shown_path
from sop.syntax import explain_syntax, hidden_in, resolve, unprintable

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_VALUES = 10_000
"""Values in one file, those that aliases repeat counted again; 256 KB of questions have 8,000."""
MAX_DUPLICATES = 50
"""Keys written twice that are reported before reading ends."""
MAX_MESSAGE = 400
"""Characters of a message; what a hostile file puts into one is cut."""

Key = str | int
"""A step of a path: a mapping's key or a list's index."""


class Position(NamedTuple):
    """Line and column from 1, in characters; `width` characters are meant."""

    line: int
    column: int
    width: int = 1


@dataclass(slots=True)
class Node:
    """A value with its place. Lists hold nodes; mappings hold nodes by key text."""

    value: "bool | int | float | str | list[Node] | dict[str, Node] | None"
    at: Position
    keys: dict[str, Position] = field(default_factory=dict)
    literal: bool = False
    """A `|` block: line n of the text is n lines below `at`."""
    size: int = 1
    """Values in here, this one and repetitions through aliases included."""

    def plain(self) -> Any:
        """The data without positions."""
        if isinstance(self.value, list):
            return [one.plain() for one in self.value]
        if isinstance(self.value, dict):
            return {key: one.plain() for key, one in self.value.items()}
        return self.value

    def child(self, key: Key) -> "Node | None":
        """The value under a key or index."""
        if isinstance(self.value, dict):
            return self.value.get(str(key))
        if isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            return self.value[key]
        return None


@dataclass(slots=True)
class Document:
    """A file as read: its tree (None when it could not be read) and what is wrong with it."""

    file: str
    lines: Sequence[str]
    root: Node | None
    problems: list[Problem]

    def node(self, path: Sequence[Key]) -> Node | None:
        """The value at a path."""
        node = self.root
        for key in path:
            node = node.child(key) if node else None
        return node

    def place(self, path: Sequence[Key], *, on_key: bool = False) -> Position:
        """Where a path is: its value, its key, or the nearest thing around it that exists."""
        at, node = Position(1, 1), self.root
        if node is not None:
            at = node.at
        for number, key in enumerate(path):
            key_at = node.keys.get(str(key)) if node else None
            node = node.child(key) if node else None
            if node is None and key_at is None:
                return at
            at = key_at or (node.at if node else at)
            last = number == len(path) - 1
            if last and not on_key and node is not None and not isinstance(node.value, dict | list):
                at = node.at
        return at

    def problem(
        self,
        at: Position,
        code: str,
        message: str,
        hint: str = "",
        severity: Severity = "error",
    ) -> Problem:
        """A problem of this file, with the line it is about."""
        line = self.lines[at.line - 1] if 0 < at.line <= len(self.lines) else ""
        message = _cut(message)
        return Problem(self.file, at.line, at.column, severity, code, message, hint, line, at.width)


class _Refused(Exception):
    """Stops reading: (place, code, message, hint)."""

    def __init__(self, at: Position, code: str, message: str, hint: str = "") -> None:
        super().__init__(at, code, message, hint)
        self.details = (at, code, message, hint)


def read(path: Path, name: str | None = None) -> Document:
    """Reads a file; a missing or unreadable one is a problem like any other."""
    shown = name or shown_path(path)
    try:
        return parse(read_bytes(path, MAX_BYTES + 1), shown)
    except Unreadable as error:
        document = Document(shown, [], None, [])
        document.problems.append(document.problem(Position(1, 1), "file", str(error)))
        return document


def parse(data: bytes, name: str) -> Document:
    """Reads YAML text. Never raises for its content."""
    document = Document(name, [], None, [])
    try:
        if len(data) > MAX_BYTES:
            raise _Refused(Position(1, 1), "size", "文件超过 256 KB。", "请拆成几个文件。")
        text = decode(data, name)
        document.lines = lines_of(text)
        document.root = _Builder(document).build(text)
    except NotText as error:
        document.lines = error.lines
        at = Position(*error.at)
        document.problems.append(document.problem(at, "encoding", error.message, error.hint))
    except _Refused as refused:
        document.problems.append(document.problem(*refused.details))
    except yaml.YAMLError as error:
        at, message, hint = _syntax(error, document.lines)
        document.problems.append(document.problem(at, "syntax", message, hint))
    if not all(_survivable(one) for one in document.problems):
        document.root = None
    return document


def _cut(text: str) -> str:
    """Begin and end of a text that is too long to read."""
    return text if len(text) <= MAX_MESSAGE else f"{text[:200]}……{text[-100:]}"


def _syntax(error: yaml.YAMLError, lines: Sequence[str]) -> tuple[Position, str, str]:
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return Position(*unprintable(lines)), "这里有不可见的控制字符。", "请删掉它。"
    mark, opened = error.problem_mark, error.context_mark
    at, message, hint = explain_syntax(
        str(error.problem or ""),
        (mark.line + 1, mark.column + 1),
        (opened.line + 1, opened.column + 1) if opened else None,
        lines,
    )
    return Position(*at), message, hint


def _survivable(problem: Problem) -> bool:
    """A key written twice spoils the file, but the rest of it can still be judged."""
    return problem.code == "duplicate-key"


_NO_KEY = (
    "键必须是一个词，不能是列表、引用或花括号。",
    "文字以“{{”“[”或“*”开头时，请给整段文字加引号。",
)


class _Builder:
    """Builds the tree from parser events, one pass; MAX_DEPTH bounds the recursion."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._anchors: dict[str, Node | None] = {}
        self._values = 0

    def build(self, text: str) -> Node:
        events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    at = _start(event)
                    raise _Refused(at, "syntax", "一个文件里只能写一份，不要用 --- 分隔。")
                root = self._node(next(events), events, 0)
        if root is None or (root.value is None and root.size == 1):
            raise _Refused(Position(1, 1), "empty", "文件是空的。")
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), _start(event))
        self._count(1, event)
        if depth > MAX_DEPTH:
            raise _Refused(_start(event), "depth", f"嵌套超过 {MAX_DEPTH} 层。", "请少套几层。")
        assert isinstance(event, yaml.NodeEvent)  # noqa: S101  # what the YAML grammar leaves
        anchor = event.anchor
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            hint = "请删掉它，直接写值；文字以 ! 开头时请加引号。"
            raise _Refused(_start(event), "tag", f"不支持标签“{tag}”。", hint)
        if anchor is not None:
            self._anchors[anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style in (None, "") and tag is None
            node = Node(resolve(event.value) if plain else event.value, _span(event))
            node.literal = event.style == "|"
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(_start(event), events, depth)
        else:
            node = self._mapping(_start(event), events, depth)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, anchor: str, at: Position) -> Node:
        if anchor not in self._anchors:
            raise _Refused(at, "alias", f"前面没有名为“&{anchor}”的锚点。")
        node = self._anchors[anchor]
        if node is None:
            raise _Refused(at, "alias", f"“*{anchor}”引用了自己。")
        self._values += node.size
        if self._values > MAX_VALUES:
            hint = "请少用 * 引用，或拆成几个文件。"
            raise _Refused(at, "alias", "重复引用（*）展开后太大。", hint)
        return node

    def _count(self, values: int, event: yaml.Event) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            text = f"一个文件里最多 {MAX_VALUES} 个值，这里已经超过。"
            raise _Refused(_start(event), "size", text, "请拆成几个文件。")

    def _sequence(self, at: Position, events: Iterator[yaml.Event], depth: int) -> Node:
        items: list[Node] = []
        node = Node(items, at)
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, events, depth + 1))
            node.size += items[-1].size
        return node

    def _mapping(self, at: Position, events: Iterator[yaml.Event], depth: int) -> Node:
        values: dict[str, Node] = {}
        node = Node(values, at)
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(_start(event), "syntax", *_NO_KEY)
            key, key_at = event.value, _span(event)
            self._judge_key(key, key_at, plain=event.style in (None, ""))
            value = self._node(next(events), events, depth + 1)
            node.size += value.size
            if key in node.keys:
                self._twice(key, key_at, node.keys[key])
                continue
            node.keys[key] = key_at
            values[key] = value
        return node

    def _judge_key(self, key: str, at: Position, *, plain: bool) -> None:
        if key == "<<" and plain:
            hint = "请把共用的内容写全，或用“键: *名称”引用整段。"
            raise _Refused(at, "merge-key", "不支持合并键“<<”。", hint)
        if (hidden := hidden_in(key)) is not None:
            place, char = hidden
            text = f"这里有看不见的字符（U+{ord(char):04X}）。"
            where = Position(at.line, at.column + place) if plain else at
            raise _Refused(where, "hidden", text, "请删掉它；缩进只用半角空格。")

    def _twice(self, key: str, at: Position, first: Position) -> None:
        text = f"“{key}”写了两次，第一次在第 {first.line} 行。"
        problem = self._document.problem(at, "duplicate-key", text, "请删掉或合并其中一处。")
        self._document.problems.append(problem)
        if len(self._document.problems) >= MAX_DUPLICATES:
            raise _Refused(at, "duplicates", "重复的键太多，后面的没有再看。", "请先改好前面的。")


def _start(event: yaml.Event) -> Position:
    mark = event.start_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)


def _span(event: yaml.Event) -> Position:
    """A one-line scalar with its width; a longer one by its first character."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None or end.line != start.line:
        return _start(event)
    return Position(start.line + 1, start.column + 1, max(end.column - start.column, 1))
