"""Cells of the summary's workbook: formats, and how a value is written."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from xlsxwriter import Workbook

from bot.workbook import neutral
from sop.summary.metrics import Unit
from sop.summary.table import Cell, Column
from sop.summary.wording import NOTHING

FORMATS = {
    Unit.PERSONS: "#,##0",
    Unit.TIMES: "#,##0",
    Unit.MEAN: "#,##0.00",
    Unit.RATIO: "0.0%",
    Unit.FEN: "#,##0.00",
}
UNITS = {
    Unit.PERSONS: "人",
    Unit.TIMES: "次",
    Unit.MEAN: "平均",
    Unit.RATIO: "占比",
    Unit.FEN: "元",
}
"""What a number counts, in words."""
_LEAST = '"≥ "'
_DATE = "yyyy-mm-dd"
_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_NAME = 31
"""Characters that Excel takes in a sheet's name; two sheets differ in more than case."""
_KINDS: dict[str, dict[str, Any]] = {
    "": {},
    "title": {"bold": True, "font_size": 14},
    "note": {"font_color": "#5C6B66"},
    "head": {"bold": True, "bg_color": "#E8F0EC", "bottom": 1, "text_wrap": True},
    "words": {"num_format": "@", "text_wrap": True},
    "missing": {"font_color": "#5C6B66", "align": "right"},
}


class Paper:
    """A workbook with its formats, each made once, and its sheets, each under a name of its
    own."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._formats: dict[tuple[str, ...], Any] = {}
        self._names: set[str] = set()

    def sheet(self, name: str) -> Any:
        """A new sheet; what its name may not hold is left out, and one taken gets a number."""
        plain = _ILLEGAL.sub(" ", neutral(name)).strip(" '") or "表"
        chosen, n = plain[:_LONGEST_NAME], 1
        while chosen.casefold() in self._names:
            n += 1
            chosen = f"{plain[: _LONGEST_NAME - len(str(n)) - 1]} {n}"
        self._names.add(chosen.casefold())
        return self.book.add_worksheet(chosen)

    def format(self, kind: str = "", number: str = "") -> Any:
        """A format by what it is for (`title`, `note`, `head`, `words`, `missing`, or empty)."""
        key = (kind, number)
        if key not in self._formats:
            made = {"valign": "top", **_KINDS[kind], **({"num_format": number} if number else {})}
            self._formats[key] = self.book.add_format(made)
        return self._formats[key]

    def put(
        self, sheet: Any, at: tuple[int, int], cell: Cell, unit: Unit | None, least: bool = False
    ) -> None:
        """Writes a cell: a number as a number (fen as yuan), a day as a day, None as 无数据."""
        if cell is None:
            sheet.write_string(*at, NOTHING, self.format("missing"))
        elif isinstance(cell, str):
            sheet.write_string(*at, neutral(cell), self.format("words"))
        elif isinstance(cell, date):
            sheet.write_datetime(*at, cell, self.format("", _DATE))
        else:
            number = "#,##0" if unit is None else FORMATS[unit]
            number = f"{_LEAST}{number}" if least else number
            sheet.write_number(*at, amount(cell, unit), self.format("", number))

    def head(self, sheet: Any, row: int, names: Sequence[str]) -> None:
        """The names of the columns."""
        for column, name in enumerate(names):
            sheet.write_string(row, column, neutral(name), self.format("head"))


def amount(number: int | float, unit: Unit | None) -> int | float:
    """What stands in a cell: yuan for fen."""
    return number / 100 if unit is Unit.FEN else number


def named(column: Column) -> str:
    """A column's head; money says in what."""
    yuan = column.unit is Unit.FEN and "元" not in column.name
    return f"{column.name}（元）" if yuan else column.name
