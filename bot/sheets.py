"""A colleague's table (.xlsx or .csv) as cells that know their place.

A cell is text as its author sees it in Excel; where what is stored is not what is shown (dates,
formulas without a result, long numbers, formats that add words) the cell says what to do instead.
Files come from outside: their size, unpacked size, columns and rows are bounded.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sop.files import Unreadable, read_bytes

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 30 * 1024 * 1024
"""Bytes of all parts of an .xlsx together but pictures; 5,000 rows of questions have about 5 MB."""
MAX_PARTS = 1000
MAX_ROWS = 5000
"""Rows with anything in them, of all sheets together."""
MAX_COLUMNS = 64
EXCEL_ROWS = 1_048_576
MAX_CELL = 10_000
"""Characters of a cell."""

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u2060\u00ad"))
_SPACES = dict.fromkeys(map(ord, "\u2028\u2029\u0085\u00a0"), " ")
_MERGE = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”再导入。"


class Unusable(Exception):
    """A file that is no table for us; the message says what to do, in Chinese."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: `row` and `column` from 1; `wrong` says why its text cannot be used."""

    row: int
    column: int
    text: str = ""
    wrong: str = ""

    @property
    def reference(self) -> str:
        """As Excel names it, `C7`."""
        return f"{column_letters(self.column)}{self.row}"

    @property
    def empty(self) -> bool:
        return not (self.text or self.wrong)


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells joined into one, both corners included."""

    first: Cell
    last: Cell

    @property
    def reference(self) -> str:
        return f"{self.first.reference}:{self.last.reference}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows that have anything in them. The name is empty for a CSV file."""

    name: str
    rows: Sequence[Row]
    merges: Sequence[Merge] = field(default=())
    hidden: bool = False


def column_letters(number: int) -> str:
    """`1` → `A`, `27` → `AA`."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column_number(letters: str) -> int:
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - 64
    return number


def read_sheets(path: Path) -> list[Sheet]:
    """Every sheet of the file. Raises Unusable."""
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise Unusable(f"只能导入 .xlsx 或 .csv 文件。{_SAVE_AS}")
    try:
        data = read_bytes(path, MAX_BYTES + 1)
    except Unreadable as error:
        raise Unusable(str(error)) from error
    if len(data) > MAX_BYTES:
        raise Unusable("文件超过 20 MB。请删掉图片和无关的工作表。")
    return _xlsx(data) if kind == ".xlsx" else [_csv(data)]


def _xlsx(data: bytes) -> list[Sheet]:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unusable(f"这是旧格式（.xls）或加了密码的文件。{_SAVE_AS}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _bounded(archive)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about charts and styles, which we do not read
                return _workbook(data, archive)
    except Unusable:
        raise
    except Exception as error:  # openpyxl meets a broken file with exceptions of every kind
        raise Unusable(f"文件读不了，可能损坏了。{_SAVE_AS}") from error


def _bounded(archive: zipfile.ZipFile) -> None:
    """zipfile itself never unpacks more of a part than its entry declares."""
    parts = archive.infolist()
    unpacked = sum(one.file_size for one in parts if not one.filename.startswith("xl/media/"))
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED:
        raise Unusable("文件解开后太大。请只留题目所在的工作表，另存为新文件。")


def _workbook(data: bytes, archive: zipfile.ZipFile) -> list[Sheet]:
    from openpyxl import load_workbook

    values = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    written = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    sheets: list[Sheet] = []
    left = MAX_ROWS
    both: Any = zip(values.worksheets, written.worksheets, strict=True)
    for sheet, formulas in both:
        part = sheet._worksheet_path.lstrip("/")  # merged cells are not told when reading only
        rows = _bounded_rows(_xlsx_rows(sheet, formulas), left)
        left -= len(rows)
        merges = _merges(archive.read(part))
        hidden = sheet.sheet_state != "visible"
        sheets.append(Sheet(_visible(sheet.title), rows, merges, hidden))
    return sheets


def _xlsx_rows(sheet: Any, formulas: Any) -> Iterator[Row]:
    """Cells of both readings side by side: results, and where formulas are."""
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    formulas.reset_dimensions()
    within = {"max_col": MAX_COLUMNS, "max_row": EXCEL_ROWS}
    pairs = zip(sheet.iter_rows(**within), formulas.iter_rows(**within), strict=True)
    before: Any = None
    for number, (results, sources) in enumerate(pairs, 1):
        # Rows that are not in the file are one and the same tuple: there may be a million.
        if sources is not before:
            yield tuple(
                _cell(number, column, *_shown(result, source))
                for column, (result, source) in enumerate(zip(results, sources, strict=True), 1)
            )
        before = sources


def _bounded_rows(rows: Iterable[Row], most: int) -> list[Row]:
    kept: list[Row] = []
    for row in rows:
        if all(one.empty for one in row):
            continue
        if len(kept) == most:
            raise Unusable(f"超过 {MAX_ROWS} 行。请分成几个文件导入。")
        kept.append(row)
    return kept


def _cell(row: int, column: int, text: str, wrong: str) -> Cell:
    """Text without what nobody sees; what no YAML file may hold is named."""
    lines = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    clean = lines.translate(_INVISIBLE).translate(_SPACES).replace("\t", " ").strip()
    odd = next((one for one in clean if one != "\n" and _unwritable(one)), None)
    if odd is not None:
        wrong = f"这里有不可见的控制字符（U+{ord(odd):04X}）。请重新输入这一格。"
    elif len(clean) > MAX_CELL:
        clean, wrong = "", f"这一格超过 {MAX_CELL} 个字。请写短一些。"
    return Cell(row, column, clean, wrong)


def _unwritable(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or char in "\ufffe\uffff"


def _visible(name: str) -> str:
    return "".join(one if one.isprintable() else " " for one in name)


_FORMULA = "这是公式，文件里没有它的结果。请在 Excel 里打开、保存一次，或改写成文字。"
_DATE = (
    "这一格是日期或时间（Excel 会把 1-2、3/4 这样的内容改成日期）。"
    "请先把单元格格式设为“文本”，再重新输入。"
)
_LONG = "超过 15 位的数字会被 Excel 改成别的数。请先把单元格格式设为“文本”，再重新输入。"
_FORMAT = "这一格看到的文字有一部分来自单元格格式。请把格式设为“文本”，再完整地写出来。"


def _shown(result: Any, source: Any) -> tuple[str, str]:
    """(text as Excel shows it, what is wrong with it)."""
    value = result.value
    if value is None:
        return "", _FORMULA if source.value is not None and source.data_type == "f" else ""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), ""
    if isinstance(value, date | datetime | time | timedelta):
        return "", _DATE
    if isinstance(value, int | float):
        return _number(value, str(result.number_format or "General"))
    if result.data_type == "e":
        return "", f"公式出错了（{value}）。请改写成文字。"
    return str(value), ""


def _number(value: int | float, format: str) -> tuple[str, str]:
    if abs(value) >= 10**15 or value != value:
        return "", _LONG
    if re.search(r'["¥￥$€/]|[^\x00-\xff]', format.split(";")[0]):
        return "", _FORMAT
    exact = Decimal(f"{value:.15g}")  # what Excel keeps
    if "%" in format:
        return f"{_plain(exact * 100)}%", ""
    return _plain(exact), ""


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _merges(part: bytes) -> list[Merge]:
    return [
        Merge(
            Cell(int(found[2]), _column_number(found[1].decode())),
            Cell(int(found[4]), _column_number(found[3].decode())),
        )
        for found in _MERGE.finditer(part)
    ]


def _csv(data: bytes) -> Sheet:
    text = _csv_text(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;，", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return Sheet("", _bounded_rows(_csv_rows(rows, _cell), MAX_ROWS))
    except csv.Error as error:
        raise Unusable(
            f"第 {rows.line_num} 行附近的引号或内容不对，读不下去。{_SAVE_AS}"
        ) from error


def _csv_rows(
    rows: Iterable[Sequence[str]], cell: Callable[[int, int, str, str], Cell]
) -> Iterator[Row]:
    for number, values in enumerate(rows, 1):
        yield tuple(cell(number, column, text, "") for column, text in enumerate(values, 1))


def _csv_text(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or GBK as Excel writes it on a Chinese computer; lines pasted
    together from files of both kinds are read each in its own."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in data and not marked:
        raise Unusable(f"文件是 UTF-16 编码，或不是文本。{_SAVE_AS}")
    try:
        if marked:
            return data.decode("utf-16")
        return _decoded(data, "utf-8-sig") or "".join(
            _line_text(line) for line in data.splitlines(keepends=True)
        )
    except UnicodeDecodeError:
        raise Unusable(f"认不出文件的编码。{_SAVE_AS}") from None


def _line_text(line: bytes) -> str:
    """Chinese of GBK is hardly ever Chinese of UTF-8 too: characters of three bytes."""
    text = _decoded(line, "utf-8")
    known = text is not None and (line.isascii() or any(one >= "\u2e80" for one in text))
    return text if text is not None and known else line.decode("gb18030")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
