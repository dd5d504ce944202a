"""Sheets written on the spot."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.bot.bank_import.reading import Rows, Table


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Writes 题库.xlsx: one sheet of rows, or several by name."""

    def write(rows: Rows = (), **sheets: Rows) -> Path:
        book = Workbook()
        book.remove(book["Sheet"])
        for name, content in (sheets or {"Sheet1": rows}).items():
            sheet = book.create_sheet(name)
            for row in content:
                sheet.append(list(row))
        path = tmp_path / "题库.xlsx"
        book.save(path)
        return path

    return write
