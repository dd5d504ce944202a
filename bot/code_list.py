"""Coupon codes from a file: an Excel or CSV column, or a text file with a code in each line."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from bot.sheets import MAX_BYTES, read_sheets
from sop.files import read_bytes

MOST = 50_000
LONGEST = 64
"""Characters of a code."""
_TITLES = frozenset({"券码", "兑换码", "优惠券码", "code", "coupon"})


class Faulty(Exception):
    """Codes that cannot be taken in; `faults` names each by its place, in Chinese."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_codes(path: Path) -> list[str]:
    """Every code of a file, in its order. Raises Faulty with all problems at once,
    `bot.sheets.Unusable` and `sop.files.Unreadable` for a file that is no list at all.

    In a table the codes are below the first header that says 券码 (or code), else in the first
    column; a header above them is recognised by that.
    """
    placed = list(_lines(path) if path.suffix.lower() == ".txt" else _cells(path))
    faults: list[str] = []
    first: dict[str, str] = {}
    for place, code, wrong in placed:
        if wrong:
            faults.append(f"{place}：{wrong}")
        elif code in first:
            faults.append(f"{place}：券码“{code}”和 {first[code]} 重复")
        else:
            first[code] = place
    if not placed:
        faults.append("文件里没有券码")
    if len(first) > MOST:
        faults.append(f"一次最多导入 {MOST} 个券码，这里有 {len(first)} 个，请分几个文件")
    if faults:
        raise Faulty(faults)
    return list(first)


def _lines(path: Path) -> Iterator[tuple[str, str, str]]:
    """(place, code, what is wrong) of a text file; its last line may be empty."""
    data = read_bytes(path, MAX_BYTES)
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Faulty(["文件不是 UTF-8 文字，请另存为 UTF-8，或改用 Excel 文件"]) from None
    while lines and not lines[-1].strip():
        lines.pop()
    for number, line in enumerate(lines, start=1):
        code = _bare(line)
        if number == 1 and code.casefold() in _TITLES:
            continue
        yield f"第 {number} 行", code, _wrong(code)


def _cells(path: Path) -> Iterator[tuple[str, str, str]]:
    """The same of a table; empty rows at the end do not count."""
    for sheet in read_sheets(path):
        rows = list(sheet.rows)
        column = 1
        if rows:
            titles = [one for one in rows[0] if one.text.strip().casefold() in _TITLES]
            if titles:
                column = titles[0].column
                rows = rows[1:]
        for row in rows:
            cell = next((one for one in row if one.column == column), None)
            if cell is None:
                yield f"第 {row[0].row} 行", "", _wrong("")
            else:
                code = _bare(cell.text)
                yield cell.reference, code, cell.wrong or _wrong(code)


def _bare(text: str) -> str:
    """Without the blanks around it, unseen ones too: they come along when a code is copied."""
    start, end = 0, len(text)
    while start < end and _unseen(text[start]):
        start += 1
    while end > start and _unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def _unseen(one: str) -> bool:
    return one.isspace() or unicodedata.category(one)[0] == "C"


def _wrong(code: str) -> str:
    if not code:
        return "这里是空的"
    if len(code) > LONGEST:
        return f"券码太长（{len(code)} 个字，最多 {LONGEST} 个）"
    if any(_unseen(one) for one in code):
        return "券码里有空格或看不见的字符"
    return ""
