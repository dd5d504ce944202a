"""Finance's list: due payouts out as an Excel file, what became of them back in.

Out: one row for each order, with empty columns for the result, the bank's number and a note. In:
the same file, or a CSV saved from it; everything that does not fit is named by its cell, all at
once, and then nothing of the file counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from bot.sheets import Cell, Row, Sheet
from sop.money import yuan

MOST_LINES = 4000
"""Rows of one file; `bot.sheets` reads at most 5,000."""

ORDER, AMOUNT, RESULT, RECEIPT, NOTE = "单号", "金额（元）", "结果", "流水号", "备注"
_COLUMNS: Mapping[str, int] = {
    ORDER: 32,
    "姓名": 12,
    "成员编号": 36,
    "奖品": 24,
    AMOUNT: 12,
    "应发日期": 12,
    RESULT: 12,
    RECEIPT: 30,
    NOTE: 30,
}
"""Header → width in characters."""
PAID, FAILED = "已发放", "失败"
_PAID = frozenset({PAID, "已发", "已付", "已付款", "成功", "发放成功", "付款成功"})
_FAILED = frozenset({FAILED, "发放失败", "付款失败", "退回", "已退回"})
_FORMULA = {"=": "＝", "+": "＋", "-": "－", "@": "＠"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_MOST_YUAN = Decimal(10**9)

State = Literal["listed", "unlisted", "paid", "closed"]
"""Of an order: on a list and unanswered, never on a list, paid, or at an end without payment."""


@dataclass(frozen=True, slots=True)
class Line:
    """A payout as finance sees it."""

    order_no: str
    name: str
    """Masked."""
    member: str
    prize: str
    amount_fen: int
    due: date


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of an order when its result comes in."""

    amount_fen: int
    state: State


@dataclass(frozen=True, slots=True)
class Result:
    """What finance says of one order."""

    order_no: str
    paid: bool
    receipt: str = ""
    reason: str = ""
    """Why it failed."""


def write_lists(lines: Sequence[Line], out: Path) -> list[Path]:
    """Writes `out`, or `out-1`, `out-2`, … if one file would be too long for reading it back.

    Amounts are numbers, dates are dates, everything else is text. Returns what was written.
    """
    parts = [lines[start : start + MOST_LINES] for start in range(0, len(lines), MOST_LINES)]
    if len(parts) < 2:
        paths = [out]
    else:
        paths = [out.with_stem(f"{out.stem}-{number}") for number in range(1, len(parts) + 1)]
    for path, part in zip(paths, parts or [lines], strict=True):
        _write(part, path)
    return paths


def _write(lines: Sequence[Line], out: Path) -> None:
    from xlsxwriter import Workbook

    workbook = Workbook(str(out), {"strings_to_formulas": False, "strings_to_urls": False})
    text = workbook.add_format({"num_format": "@", "valign": "top"})
    money = workbook.add_format({"num_format": "0.00", "valign": "top"})
    day = workbook.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    head = workbook.add_format({"bold": True, "bg_color": "#E8F0EC"})
    sheet = workbook.add_worksheet("发放名单")
    for column, (title, width) in enumerate(_COLUMNS.items()):
        sheet.set_column(column, column, width, text)
        sheet.write_string(0, column, title, head)
    for row, line in enumerate(lines, 1):
        texts = {0: line.order_no, 1: line.name, 2: line.member, 3: line.prize}
        for column, value in texts.items():
            sheet.write_string(row, column, _plain(value), text)
        sheet.write_number(row, 4, line.amount_fen / 100, money)
        sheet.write_datetime(row, 5, line.due, day)
    if lines:
        choice: dict[str, Any] = {"validate": "list", "source": [PAID, FAILED]}
        choice |= {"error_type": "warning", "error_message": f"请选“{PAID}”或“{FAILED}”。"}
        sheet.data_validation(1, 6, len(lines), 6, choice)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(lines), len(_COLUMNS) - 1)
    workbook.close()


def _plain(value: str) -> str:
    """The text without control characters, and never the beginning of a formula: a list is also
    saved as CSV and opened again."""
    clean = _CONTROL.sub(" ", value).strip()
    return _FORMULA.get(clean[:1], clean[:1]) + clean[1:]


def order_numbers(sheets: Sequence[Sheet]) -> list[str]:
    """Every order number that a file names, once, as it is written."""
    return _column(sheets, ORDER)


def receipts(sheets: Sequence[Sheet]) -> list[str]:
    """Every number of the bank's that a file names, once."""
    return _column(sheets, RECEIPT)


def _column(sheets: Sequence[Sheet], title: str) -> list[str]:
    found = (
        row[columns[title]].text
        for _, columns, rows in _tables(sheets)
        if title in columns
        for row in rows
        if columns[title] < len(row)
    )
    return [one for one in dict.fromkeys(found) if one]


def results(
    sheets: Sequence[Sheet], known: Mapping[str, Known], used: Mapping[str, str] | None = None
) -> tuple[list[Result], list[str]]:
    """(results, problems): with any problem there are no results. Rows whose result is empty are
    not done yet and are left alone. `known` has the orders that exist, by number; `used` the
    orders that have one of the file's numbers of the bank's already, by that number."""
    found: list[Result] = []
    problems: list[str] = []
    first = _Seen({}, {}, used or {})
    tables = list(_tables(sheets))
    if not tables:
        return [], [f"没有找到表头：要有“{ORDER}”“{AMOUNT}”“{RESULT}”这几列。"]
    for sheet, columns, rows in tables:
        place = f"“{sheet.name}”表的 " if len(sheets) > 1 else ""
        for row in rows:
            reader = _Reader(row, columns, place)
            one = reader.result(known, first)
            problems += reader.problems
            if one is not None:
                found.append(one)
    if not found and not problems:
        problems.append(f"没有一行填了“{RESULT}”。")
    return ([] if problems else found), problems


def _tables(sheets: Sequence[Sheet]) -> Iterator[tuple[Sheet, dict[str, int], Sequence[Row]]]:
    """Every sheet with our header: it, title → place in a row, the rows below."""
    for sheet in sheets:
        head = sheet.rows[0] if sheet.rows else ()
        columns = {_title(cell.text): place for place, cell in reversed(list(enumerate(head)))}
        if {ORDER, AMOUNT, RESULT} <= columns.keys():
            yield sheet, columns, sheet.rows[1:]


def _title(text: str) -> str:
    plain = re.sub(r"\s", "", text).replace("(", "（").replace(")", "）")
    return AMOUNT if plain == "金额" else plain


@dataclass(frozen=True, slots=True)
class _Seen:
    """What must not come twice."""

    orders: dict[str, str]
    """Order number → the cell that had it first."""
    receipts: dict[str, str]
    """The bank's number → the cell that had it first."""
    used: Mapping[str, str]
    """The bank's number → the order that has it since an earlier import."""


class _Reader:
    """One row of a results file."""

    def __init__(self, row: Row, columns: Mapping[str, int], place: str) -> None:
        self._row = row
        self._columns = columns
        self._place = place
        self.problems: list[str] = []

    def result(self, known: Mapping[str, Known], first: _Seen) -> Result | None:
        """What the row says; None if it says nothing yet or cannot be used."""
        order, result = self._cell(ORDER), self._cell(RESULT)
        if result.empty:
            return None
        paid = result.text in _PAID
        if result.wrong or not (paid or result.text in _FAILED):
            self._complain(result, f"看不懂“{result.text[:20]}”，请写“{PAID}”或“{FAILED}”。")
        receipt, note = self._cell(RECEIPT), self._cell(NOTE)
        self._usable(receipt, note)
        self._check_receipt(receipt, order.text, first)
        if result.text in _FAILED and note.empty:
            self._complain(note, "写了失败，请在这一格写明原因。")
        if self._is_ours(order, known, first.orders):
            self._check_amount(self._cell(AMOUNT), known[order.text].amount_fen)
        if self.problems:
            return None
        return Result(order.text, paid, receipt.text, "" if paid else note.text)

    def _is_ours(self, order: Cell, known: Mapping[str, Known], first: dict[str, str]) -> bool:
        if order.empty or order.wrong:
            self._complain(order, "这一行有结果，没有单号。")
            return False
        before = first.setdefault(order.text, f"{self._place}{order.reference}")
        if before != f"{self._place}{order.reference}":
            self._complain(order, f"单号 {order.text} 在 {before} 已经有了。")
            return False
        one = known.get(order.text)
        if one is None:
            self._complain(order, f"没有单号“{order.text[:40]}”，请照导出的名单填写。")
            return False
        wrong = {
            "unlisted": "还没有导出过名单，不能登记结果。",
            "paid": "早已登记为已发放，请删掉这一行。",
            "closed": "已经作废，不能再登记结果。",
        }.get(one.state)
        if wrong:
            self._complain(order, f"单号 {order.text} {wrong}")
        return wrong is None

    def _check_amount(self, cell: Cell, amount_fen: int) -> None:
        if _fen(cell.text) != amount_fen or cell.wrong:
            found = cell.text[:20] or "空的"
            self._complain(cell, f"金额是“{found}”，名单上是 {yuan(amount_fen)} 元。")

    def _check_receipt(self, cell: Cell, order: str, first: _Seen) -> None:
        """One payment has one number: the same one twice was filled down by mistake."""
        if cell.empty or cell.wrong:
            return
        here = f"{self._place}{cell.reference}"
        before = first.receipts.setdefault(cell.text, here)
        if before != here:
            self._complain(cell, f"{RECEIPT} {cell.text} 在 {before} 已经有了，每笔应当不同。")
        elif first.used.get(cell.text, order) != order:
            other = first.used[cell.text]
            self._complain(cell, f"{RECEIPT} {cell.text} 以前登记给了单号 {other}，每笔应当不同。")

    def _usable(self, *cells: Cell) -> None:
        for cell in cells:
            if cell.wrong:
                self._complain(cell, cell.wrong)

    def _cell(self, title: str) -> Cell:
        """The row's cell below a title; an empty one where the row or the column ends before."""
        place = self._columns.get(title)
        if place is not None and place < len(self._row):
            return self._row[place]
        row = self._row[0].row if self._row else 1
        return Cell(row, 1 if place is None else place + 1)

    def _complain(self, cell: Cell, text: str) -> None:
        self.problems.append(f"{self._place}{cell.reference}：{cell.wrong or text}")


def _fen(text: str) -> int | None:
    """`1.88`, `￥1,000.00`, `5 元` in fen; None for anything else."""
    plain = text.strip("¥￥ 元").replace(",", "").replace("，", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    fen = value * 100 if value.is_finite() and abs(value) < _MOST_YUAN else None
    return int(fen) if fen is not None and fen == fen.to_integral_value() else None
