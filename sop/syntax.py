"""The rules of plain YAML scalars that we accept, and syntax errors in the author's words."""

import re
import unicodedata
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
    ("expected hexdecimal number", "双引号里的反斜杠写法不对。", "改用单引号，或写成 \\\\。"),
    ("invalid Unicode character", "双引号里的反斜杠写法不对。", "改用单引号，或写成 \\\\。"),
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
    if hidden := hidden_in(here[: len(here) - len(here.lstrip()) + 1].removesuffix("\t")):
        text = f"这里有看不见的字符（U+{ord(hidden[1]):04X}）。"
        return (line, hidden[0] + 1), text, "请删掉它；缩进只用半角空格。"
    if "cannot start any token" in problem:
        return at, f"值不能以“{char}”开头。", "请给这个值加上引号。"
    if opened is not None and (mark := _at(lines, opened)) in ("*", "&", "!"):
        return opened, f"值不能以“{mark}”开头。", "请给整段文字加引号，或用“|”另起一行写。"
    if "did not find expected key" in problem and (more := _text_after(here[: column - 1])):
        return at, *more
    if any(one in problem for one in ("mapping values", "expected ':'", "expected key")):
        for number in (line, line - 1):
            if found := _bad_colon(_at_line(lines, number)):
                return (number, found[0]), *found[1:]
    if "expected ','" in problem:
        if (comma := here[: column - 1].find("，")) >= 0:
            hint = "请改成半角逗号加一个空格“, ”；文字里有逗号时，给整段文字加引号。"
            return (line, comma + 1), "这里用了全角逗号“，”。", hint
        if opened is not None and opened[0] < line:  # the next line is not to blame
            at = opened
    if "expected '-' indicator" in problem and column > 1 and here[column - 1] != "-":
        return at, "这里的缩进不对。", "同一组的键要左对齐，请和上面的键对齐。"
    if "expected key" in problem and here[column - 1 :].startswith("- "):
        return at, "列表的缩进没有对齐。", "同一个列表的“- ”要左对齐。"
    if (flat := _flat_block(lines, line)) is not None:
        text, hint = "“|”下面的文字没有缩进。", "每一行都要比“|”所在的那一行多缩进两格。"
        return flat, text, hint
    if "unexpected end" in problem and opened is not None:
        at = opened
    for part, message, hint in _WORDS:
        if part in problem:
            return at, message, hint
    return at, f"这里不是正确的 YAML（{problem}）。", "检查缩进、冒号和引号。"


def _flat_block(lines: Sequence[str], line: int) -> Place | None:
    """Where a `|` text begins that is not further in than its key, just above a line."""
    for number in range(line - 1, max(line - 4, 0), -1):
        above, below = _at_line(lines, number), _at_line(lines, number + 1)
        if re.search(r":\s+[|>][+-]?\s*$", above):
            start = len(below) - len(below.lstrip())
            return (number + 1, start + 1) if start <= len(above) - len(above.lstrip()) else None
    return None


def _at_line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _at(lines: Sequence[str], place: Place) -> str:
    """The character there; empty behind the end of a line."""
    return _at_line(lines, place[0])[place[1] - 1 : place[1]]


def _text_after(before: str) -> tuple[str, str] | None:
    """(message, hint) when a value was complete before its text was."""
    end = before.rstrip()
    if end.endswith(('"', "'")):
        hint = "文字里的引号请写成中文引号“ ”，或在最外面换一种引号。"
        return "引号后面多了文字。", hint
    if end.endswith(("]", "}")):
        return "括号后面多了文字。", "文字以“[”或“{”开头时，请给整段文字加引号。"
    if re.search(r"(?:^|\s)[*&][A-Za-z0-9_-]+$", end):
        return "引用后面多了文字。", "文字以“*”或“&”开头时，请给整段文字加引号。"
    return None


_WIDE_COLON = re.compile(r"\s*(?:-\s+)*[\w.-]+：")
_TIGHT_COLON = re.compile(r"\s*(?:-\s+)*[A-Za-z_][A-Za-z0-9_-]*:(?=[^\s:/])")


def _bad_colon(text: str) -> tuple[int, str, str] | None:
    """(column, message, hint) when the line begins with a key and a colon that YAML cannot see."""
    if found := _WIDE_COLON.match(text):
        return found.end(), "这里用了全角冒号“：”。", "请改成半角冒号加一个空格“: ”。"
    if found := _TIGHT_COLON.match(text):
        return found.end(), "冒号后面缺一个空格。", "请写成“键: 值”，冒号后面空一格。"
    return None


def hidden_in(key: str) -> tuple[int, str] | None:
    """(index, character) of the first one in a key that an editor does not show as such."""
    if key.isprintable():
        return None
    for index, char in enumerate(key):
        kind = unicodedata.category(char)
        if kind in ("Cc", "Cf", "Zl", "Zp") or (kind == "Zs" and char != " "):
            return index, char
    return None


# What libyaml's reader refuses.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def unprintable(lines: Sequence[str]) -> Place:
    """Where the first control character is."""
    for number, text in enumerate(lines, 1):
        if found := _UNPRINTABLE.search(text):
            return number, found.start() + 1
    return 1, 1
