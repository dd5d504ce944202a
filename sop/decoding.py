"""Bytes of a file → its text, or why it is not text that we read.

Lines end as editors end them: LF, CRLF or CR. Other characters that YAML would take for the end of
a line (they come along when text is copied from slides and web pages) become spaces, so that our
line numbers are those of the editor.
"""

import shlex

_OTHER_LINE_ENDS = str.maketrans(dict.fromkeys("\x85\u2028\u2029", " "))
_BOMS = ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"),
         (b"\xfe\xff", "UTF-16"))  # fmt: skip
_EDITORS = "请用编辑器另存为 UTF-8（记事本：另存为 → 编码选 UTF-8）"


class NotText(Exception):
    """Line and column from 1, message and hint in Chinese, and the lines as far as known."""

    def __init__(
        self, at: tuple[int, int], message: str, hint: str = "", lines: list[str] | None = None
    ) -> None:
        super().__init__(at, message)
        self.at, self.message, self.hint, self.lines = at, message, hint, lines or []


def lines_of(text: str) -> list[str]:
    """The lines as an editor numbers them, without their ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def decode(data: bytes, name: str) -> str:
    """The text of a UTF-8 file, BOM or not. `name` is for the command that the hint shows.

    Raises NotText.
    """
    _no_other_encoding(data, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, data[: error.start], name) from None
    if (nul := text.find("\0")) >= 0:
        hint = "请换一个文本文件，或删掉这个字符。"
        raise NotText(_end(text[:nul]), "文件里有 NUL 字符，不是文本文件。", hint)
    text = text.translate(_OTHER_LINE_ENDS)
    lines = lines_of(text)
    number = next((number for number, one in enumerate(lines, 1) if one.startswith("%")), None)
    if number is not None:
        message = "一行不能以 % 开头。"
        raise NotText(
            (number, 1), message, "如果它是文字，请加引号并缩进；否则请删掉这一行。", lines
        )
    return text


def _no_other_encoding(data: bytes, name: str) -> None:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None) or _utf16(data)
    if encoding:
        shown = encoding.removesuffix("LE").removesuffix("BE")
        raise NotText((1, 1), f"文件是 {shown} 编码。", _convert(encoding, name))


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: the first character is ASCII, and so is one in ten of all."""
    if len(data) % 2 or data[:2].count(0) != 1 or data.count(0) * 20 < len(data):
        return None
    encoding = "UTF-16LE" if data[1] == 0 else "UTF-16BE"
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return encoding


def _not_utf8(data: bytes, readable: bytes, name: str) -> NotText:
    at = _end(readable.decode("utf-8-sig"))
    try:
        lines = lines_of(data.decode("gb18030"))
    except UnicodeDecodeError:
        return NotText(at, "文件不是 UTF-8 文本。", "请另存为 UTF-8。")
    return NotText(at, "文件不是 UTF-8 编码，看起来是 GBK。", _convert("GB18030", name), lines)


def _convert(encoding: str, name: str) -> str:
    old, new = shlex.quote(name), shlex.quote(f"{name.removesuffix('.yaml')}-utf8.yaml")
    return f"{_EDITORS}，或运行 iconv -f {encoding} -t UTF-8 {old} > {new}。"


def _end(text: str) -> tuple[int, int]:
    """Line and column of what follows this text."""
    lines = lines_of(text)
    return len(lines), len(lines[-1]) + 1
