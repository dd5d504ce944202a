"""Files that are no sheet: refused with what to do, in bounded time and memory."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from bot.bank_import import Faulty
from bot.sheets import Unusable
from tests.bot.bank_import.reading import GOOD, HEADER, SAVE_AS, Table, imported


def _zip(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.xls", b"", f"只能导入 .xlsx 或 .csv 文件。{SAVE_AS}"),
        ("a.et", b"", f"只能导入 .xlsx 或 .csv 文件。{SAVE_AS}"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", f"这是旧格式（.xls）或加了密码的文件。{SAVE_AS}"),
        ("a.xlsx", b"", f"文件读不了，可能损坏了。{SAVE_AS}"),
        ("a.xlsx", b"PK\x03\x04 broken", f"文件读不了，可能损坏了。{SAVE_AS}"),
        ("a.xlsx", _zip(x=b"<a/>"), f"文件读不了，可能损坏了。{SAVE_AS}"),
        ("a.xlsx", b"x" * (20 * 2**20 + 1), "文件超过 20 MB。请删掉图片和无关的工作表。"),
        (
            "a.xlsx",
            _zip(x=b" " * (31 * 2**20)),
            "文件解开后太大。请只留题目所在的工作表，另存为新文件。",
        ),
        (
            "a.xlsx",
            _zip(**{f"p{n}": b"" for n in range(1001)}),
            "文件解开后太大。请只留题目所在的工作表，另存为新文件。",
        ),
        ("a.csv", "题目,a".encode("utf-16-le"), f"文件是 UTF-16 编码，或不是文本。{SAVE_AS}"),
        ("a.csv", b"\xff\xff\xff", f"认不出文件的编码。{SAVE_AS}"),
        (
            "a.csv",
            b'"' + b"x" * 200_000,
            f"第 1 行附近的引号或内容不对，读不下去。{SAVE_AS}",
        ),
        ("a.csv", "题目,答案\n".encode() + b"a,b\n" * 5001, "超过 5000 行。请分成几个文件导入。"),
    ],
)
def test_import_refuses_what_is_no_table(
    tmp_path: Path, name: str, data: bytes, expected: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Unusable) as error:
        imported(path)
    assert str(error.value) == expected


def test_import_refuses_entities_in_the_xml(table: Table, tmp_path: Path) -> None:
    source = table([HEADER, GOOD])
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(bomb, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = b'<!DOCTYPE a [<!ENTITY x "y">]>' + content
            new.writestr(part, content)
    with pytest.raises(Unusable, match="文件读不了，可能损坏了"):
        imported(bomb)


def test_import_of_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"^没有这个文件。$"):
        imported(tmp_path / "absent.xlsx")


def test_import_counts_the_rows_of_all_sheets(table: Table) -> None:
    rows = [("题目", "答案"), *((f"第 {n} 题？", "一") for n in range(2600))]
    with pytest.raises(Unusable, match="超过 5000 行"):
        imported(table(甲=rows, 乙=rows))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_import_of_any_cells_is_a_bank_or_named_faults(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = st.text(alphabet="AB一二对错是否.、；|\n √×\u2028=0", max_size=6)
    cell = st.one_of(st.none(), text, st.integers(), st.floats(allow_nan=False), st.booleans())
    rows = data.draw(st.lists(st.lists(cell, min_size=8, max_size=8), max_size=4))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("表")
    sheet.append(list(HEADER))
    for row in rows:
        cells = []
        for value in row:
            one = WriteOnlyCell(sheet, None)
            one._value = value
            one.data_type = (
                "s" if isinstance(value, str) else "b" if isinstance(value, bool) else "n"
            )
            cells.append(one)
        sheet.append(cells)
    path = tmp_path_factory.mktemp("any") / "题库.xlsx"
    book.save(path)
    try:
        found = [one.ask for one in imported(path).bank.questions]
    except Faulty as error:
        found = error.faults
    assert all(found)
    assert found != []
