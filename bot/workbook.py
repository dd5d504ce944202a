"""A table of words as an Excel workbook. Names come from outside: no cell may become a formula."""

import io
import re
from collections.abc import Sequence

from xlsxwriter import Workbook

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ufffe\uffff]")
_EXECUTES = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, also where a list is saved as CSV and
opened again."""
NEVER_FORMULAS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
"""What XlsxWriter is told."""
_WIDEST = 40
_LONGEST = 32_767
"""Characters that Excel takes in a cell."""


def workbook(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The bytes of an .xlsx file with one sheet: a head that stays in sight, and text cells."""
    out = io.BytesIO()
    book = Workbook(out, NEVER_FORMULAS)
    text = book.add_format({"num_format": "@", "valign": "top"})
    bold = book.add_format({"bold": True, "bg_color": "#E8F0EC"})
    sheet = book.add_worksheet("导出")
    for column, title in enumerate(head):
        cells = [neutral(row[column]) for row in rows]
        width = max(len(one) for one in (title, *cells)) * 2 + 2
        sheet.set_column(column, column, min(width, _WIDEST), text)
        sheet.write_string(0, column, neutral(title), bold)
        for row, cell in enumerate(cells, 1):
            sheet.write_string(row, column, cell, text)
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(head) - 1)
    book.close()
    return out.getvalue()


def neutral(value: str) -> str:
    """The words, which nobody's spreadsheet executes: what would begin a formula begins with an
    apostrophe instead."""
    harmless = f"'{value}" if value.startswith((*_EXECUTES, "\r")) else value
    return _CONTROL.sub(" ", harmless)[:_LONGEST]
