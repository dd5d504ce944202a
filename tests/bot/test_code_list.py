"""Coupon codes from files of colleagues; every fault by its place."""

from pathlib import Path

import pytest
from xlsxwriter import Workbook

from bot.code_list import Faulty, read_codes
from bot.sheets import Unusable


def file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("a.txt", b"A-1\nA-2\n", ["A-1", "A-2"]),
        ("a.txt", "\ufeff券码\r\nA-1\r\n\r\n".encode(), ["A-1"]),
        ("a.csv", b"A-1\nA-2\n", ["A-1", "A-2"]),
        ("a.txt", " A-1\u3000\n\u200bA-2\xa0\u200b\n\tA-3 \n".encode(), ["A-1", "A-2", "A-3"]),
        ("a.csv", "券码\n A-1 \n\u200bA-2\u3000\n".encode(), ["A-1", "A-2"]),
        ("a.csv", "券码,面值\nA-1,20\nA-2,20\n".encode("gb18030"), ["A-1", "A-2"]),
        ("a.csv", "姓名,Code\n甲,A-1\n".encode(), ["A-1"]),
    ],
)
def test_codes_of_a_file(tmp_path: Path, name: str, content: bytes, codes: list[str]) -> None:
    assert read_codes(file(tmp_path, name, content)) == codes


def test_codes_of_a_workbook_keep_their_zeros(tmp_path: Path) -> None:
    path = tmp_path / "codes.xlsx"
    book = Workbook(str(path))
    sheet = book.add_worksheet("券")
    for row, value in enumerate(("券码", "00123", "00124")):
        sheet.write_string(row, 1, value)
        sheet.write_string(row, 0, "x")
    book.close()
    assert read_codes(path) == ["00123", "00124"]


UNSEEN = "券码里有空格或看不见的字符"


@pytest.mark.parametrize(
    ("name", "content", "faults"),
    [
        (
            "a.txt",
            b"A-1\n\nA-1\nA B\n",
            ["第 2 行：这里是空的", "第 3 行：券码“A-1”和 第 1 行 重复", f"第 4 行：{UNSEEN}"],
        ),
        ("a.txt", b"", ["文件里没有券码"]),
        ("a.txt", b"\xff\xfe\x00", ["文件不是 UTF-8 文字，请另存为 UTF-8，或改用 Excel 文件"]),
        ("a.txt", b"A" * 65, ["第 1 行：券码太长（65 个字，最多 64 个）"]),
        ("a.txt", "A\u202e1".encode(), [f"第 1 行：{UNSEEN}"]),
        ("a.csv", "券码\n".encode(), ["文件里没有券码"]),
    ],
)
def test_faults_are_named_by_their_place(
    tmp_path: Path, name: str, content: bytes, faults: list[str]
) -> None:
    with pytest.raises(Faulty) as told:
        read_codes(file(tmp_path, name, content))
    assert told.value.faults == faults


def test_file_that_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        read_codes(file(tmp_path, "a.xlsx", b"no workbook"))
