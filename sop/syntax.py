"""The rules of plain YAML scalars that we accept, and syntax errors in the author's words."""

import re
from collections.abc import Sequence

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"-?(0|[1-9][0-9]{0,8})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,8})\.[0-9]+")


def resolve(text: str) -> bool | int | float | str | None:
    """An unquoted scalar's value; whatever is not clearly null, bool or number is text."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


_WORDS = (
    ("mapping values are not allowed", "这里不该出现“: ”。",
     "检查这一行的缩进；文字里含有“: ”时请给整段文字加引号。"),
    ("could not find expected ':'", "这一行缺少“: ”。", "键和值之间要写半角冒号和一个空格。"),
    ("did not find expected key", "这里的缩进或写法不对。", "同一层的键要左对齐。"),
    ("did not find expected '-' indicator", "列表的缩进没有对齐。", "同一个列表的“- ”要左对齐。"),
    ("block sequence entries are not allowed", "这里不能写“- ”。", "列表要另起一行，并左对齐。"),
    ("did not find expected ',' or ']'", "方括号没有写完整。", "检查逗号和“]”。"),
    ("did not find expected ',' or '}'", "花括号没有写完整。", "检查逗号和“}”。"),
    ("unexpected end of stream", "引号没有配对。", "检查从这里开始的引号。"),
    ("unexpected document indicator", "引号没有配对。", "检查从这里开始的引号。"),
    ("unknown escape character", "双引号里的反斜杠写法不对。", "改用单引号，或写成 \\\\。"),
    ("did not find expected comment or line break", "这里多了文字。", "文字请写到下一行。"),
    ("did not find expected node content", "这里缺少一个值。", "检查括号、逗号和引号。"),
    ("did not find expected <document start>", "这里的缩进不对。", "最外层的键要从行首写起。"),
)  # fmt: skip


Place = tuple[int, int]
"""Line and column from 1."""


def explain_syntax(
    problem: str, at: Place, opened: Place | None, lines: Sequence[str]
) -> tuple[Place, str, str]:
    """(place, message, hint) for the parser's English `problem` at `at`.

    `opened` is where the construct that it was in the middle of began.
    """
    if at[0] > len(lines):  # the parser stopped behind the end: where it began helps more
        end = (len(lines), len(lines[-1]) + 1)
        at = opened if opened and opened[0] <= len(lines) else end
    line, column = at
    here = lines[line - 1] if line <= len(lines) else ""
    char = here[column - 1 : column]
    if char == "\t" or "tab character" in problem or here[: column - 1].strip(" ").startswith("\t"):
        return at, "缩进里有制表符（Tab）。", "YAML 只认空格，请把 Tab 换成空格。"
    if wide := _wide_colon(lines, line):
        return wide, "这里用了全角冒号“：”。", "请改成半角冒号加一个空格“: ”。"
    if "cannot start any token" in problem:
        return at, f"值不能以“{char}”开头。", "请给这个值加上引号。"
    if "unexpected end" in problem and opened is not None:
        at = opened
    for part, message, hint in _WORDS:
        if part in problem:
            return at, message, hint
    return at, f"这里不是正确的 YAML（{problem}）。", "检查缩进、冒号和引号。"


def _wide_colon(lines: Sequence[str], line: int) -> Place | None:
    """A key followed by a full-width colon, on this line or the one before."""
    for number in (line, line - 1):
        if 0 < number <= len(lines):
            found = re.match(r"(\s*(?:-\s+)*[\w.-]+)：", lines[number - 1])
            if found:
                return number, found.end()
    return None


def unprintable(lines: Sequence[str]) -> Place:
    """Where the first control character is."""
    for number, text in enumerate(lines, 1):
        for column, char in enumerate(text, 1):
            if not char.isprintable() and char != "\t":
                return number, column
    return 1, 1
