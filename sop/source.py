"""YAML text → plain data in which every key and value knows its line and column.

Hostile files are refused while the parser's events go by, before anything is built: size, depth
and the cost of aliases are bounded. Scalars resolve strictly: null, true, false, integers of at
most nine digits and decimals; everything else (`10:30`, `on`, `no`, `0123`, dates, phone numbers)
stays the text it looks like. Nothing is ever constructed from a tag.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.error import MarkedYAMLError

from sop.diagnostics import Problem, Severity
from sop.syntax import explain_syntax, resolve, unprintable

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_ALIASED = 10_000
"""Values that aliases may repeat, all together, in one file."""

Key = str | int
"""A step of a path: a mapping's key or a list's index."""


@dataclass(frozen=True, slots=True)
class Position:
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
        return Problem(self.file, at.line, at.column, severity, code, message, hint, line, at.width)


class _Refused(Exception):
    """Stops reading: (place, code, message, hint)."""

    def __init__(self, at: Position, code: str, message: str, hint: str = "") -> None:
        super().__init__(at, code, message, hint)
        self.details = (at, code, message, hint)


def read(path: Path, name: str | None = None) -> Document:
    """Reads a file; a missing or unreadable one is a problem like any other."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        document = Document(name or str(path), [], None, [])
        reason = "没有这个文件。" if isinstance(error, FileNotFoundError) else "文件打不开。"
        document.problems.append(document.problem(Position(1, 1), "file", reason))
        return document
    return parse(data, name or str(path))


def parse(data: bytes, name: str) -> Document:
    """Reads YAML text. Never raises for its content."""
    document = Document(name, [], None, [])
    try:
        text = _decode(data)
        # As libyaml counts lines: other separators of str.splitlines are ordinary characters.
        document.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        document.root = _Builder(document).build(text)
    except _Refused as refused:
        document.problems.append(document.problem(*refused.details))
    except yaml.YAMLError as error:
        at, message, hint = _syntax(error, document.lines)
        document.problems.append(document.problem(Position(*at), "syntax", message, hint))
    if document.problems:
        document.root = (
            document.root if all(_survivable(one) for one in document.problems) else None
        )
    return document


def _syntax(error: yaml.YAMLError, lines: Sequence[str]) -> tuple[tuple[int, int], str, str]:
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return unprintable(lines), "这里有不可见的控制字符。", "请删掉它。"
    mark, opened = error.problem_mark, error.context_mark
    return explain_syntax(
        str(error.problem or ""),
        (mark.line + 1, mark.column + 1),
        (opened.line + 1, opened.column + 1) if opened else None,
        lines,
    )


def _survivable(problem: Problem) -> bool:
    """A key written twice spoils the file, but the rest of it can still be judged."""
    return problem.code == "duplicate-key"


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _Refused(Position(1, 1), "size", "文件超过 256 KB。", "请拆成几个文件。")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Refused(Position(1, 1), "encoding", "文件是 UTF-16 编码。", "请另存为 UTF-8。")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        at = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            raise _Refused(at, "encoding", "文件不是 UTF-8 文本。", "请另存为 UTF-8。") from None
        text = "文件不是 UTF-8 编码，看起来是 GBK。"
        raise _Refused(at, "encoding", text, "请用编辑器另存为 UTF-8。") from None
    if (nul := text.find("\0")) >= 0:
        at = Position(text.count("\n", 0, nul) + 1, nul - text.rfind("\n", 0, nul))
        raise _Refused(at, "encoding", "文件里有 NUL 字符，不是文本文件。")
    return text


class _Builder:
    """Builds the tree from parser events, one pass; MAX_DEPTH bounds the recursion."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._anchors: dict[str, Node | None] = {}
        self._aliased = 0

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
        at = _start(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), at)
        if depth > MAX_DEPTH:
            raise _Refused(at, "depth", f"嵌套超过 {MAX_DEPTH} 层。")
        assert isinstance(event, yaml.NodeEvent)  # noqa: S101  # what the YAML grammar leaves
        anchor = event.anchor
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise _Refused(at, "tag", f"不支持标签“{tag}”。", "请删掉它，直接写值。")
        if anchor is not None:
            self._anchors[anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style in (None, "") and tag is None
            node = Node(resolve(event.value) if plain else event.value, _span(event))
            node.literal = event.style == "|"
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(at, events, depth)
        else:
            node = self._mapping(at, events, depth)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, anchor: str, at: Position) -> Node:
        if anchor not in self._anchors:
            raise _Refused(at, "alias", f"前面没有名为“&{anchor}”的锚点。")
        node = self._anchors[anchor]
        if node is None:
            raise _Refused(at, "alias", f"“*{anchor}”引用了自己。")
        self._aliased += node.size
        if self._aliased > MAX_ALIASED:
            raise _Refused(at, "alias", "重复引用（*）展开后太大。")
        return node

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
                raise _Refused(_start(event), "syntax", "键必须是一个词，不能是列表或引用。")
            key, key_at = event.value, _span(event)
            value = self._node(next(events), events, depth + 1)
            node.size += value.size
            if key in node.keys:
                text = f"“{key}”写了两次，第一次在第 {node.keys[key].line} 行。"
                hint = "请删掉或合并其中一处。"
                problem = self._document.problem(key_at, "duplicate-key", text, hint)
                self._document.problems.append(problem)
                continue
            node.keys[key] = key_at
            values[key] = value
        return node


def _start(event: yaml.Event) -> Position:
    mark = event.start_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)


def _span(event: yaml.Event) -> Position:
    """A one-line scalar with its width; a longer one by its first character."""
    at, end = _start(event), event.end_mark
    width = end.column + 1 - at.column if end and end.line + 1 == at.line else 1
    return Position(at.line, at.column, max(width, 1))
