"""Finance's list: what Excel sees, and every way in which a result list can be wrong."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from bot.payout_list import Known, Line, Result, order_numbers, receipts, results, write_lists
from bot.sheets import read_sheets

ONE = "QY000000000000000000000000A1"
TWO = "QY000000000000000000000000B2"
PAID = "QY000000000000000000000000C3"
FRESH = "QY000000000000000000000000D4"
OVER = "QY000000000000000000000000E5"
KNOWN = {
    ONE: Known(188, "listed"),
    TWO: Known(100_000, "listed"),
    PAID: Known(500, "paid"),
    FRESH: Known(500, "unlisted"),
    OVER: Known(500, "closed"),
}
LINES = [
    Line(ONE, "李*国", "wm01", "骰子红包", 188, date(2026, 11, 27)),
    Line(TWO, '=HYPERLINK("http://x")', "@wm02", "-大奖\x07\n", 100_000, date(2026, 11, 30)),
]
HEAD = ["单号", "姓名", "成员编号", "奖品", "金额（元）", "应发日期", "结果", "流水号", "备注"]


def written(path: Path, rows: list[list[Any]], *sheets: list[list[Any]]) -> Path:
    """A file as a colleague saves it."""
    book = Workbook()
    for number, content in enumerate([rows, *sheets]):
        sheet = book.active if number == 0 else book.create_sheet(f"第{number + 1}张")
        assert sheet is not None
        for row in content:
            sheet.append(row)
    book.save(path)
    return path


def judged(path: Path) -> tuple[list[Result], list[str]]:
    return results(read_sheets(path), KNOWN)


def test_list_as_excel_sees_it(tmp_path: Path) -> None:
    (path,) = write_lists(LINES, tmp_path / "list.xlsx")
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows == [
        HEAD,
        [ONE, "李*国", "wm01", "骰子红包", 1.88, date(2026, 11, 27), "", "", ""],
        [
            TWO,
            '＝HYPERLINK("http://x")',
            "＠wm02",
            "－大奖",
            1000.0,
            date(2026, 11, 30),
            "",
            "",
            "",
        ],
    ]


def test_list_is_easy_to_fill_in(tmp_path: Path) -> None:
    (path,) = write_lists(LINES, tmp_path / "list.xlsx")
    sheet = load_workbook(path).active
    assert sheet is not None
    (choice,) = sheet.data_validations.dataValidation
    assert (sheet.freeze_panes, sheet.protection.sheet, sheet["E2"].number_format) == (
        "B2",
        False,
        "0.00",
    )
    assert (str(choice.sqref), choice.formula1) == ("G2:G3", '"已发放,失败"')
    # A bank's number of 20 digits stays what was typed.
    assert sheet.column_dimensions["H"].width > 20
    assert sheet["A2"].number_format == "@"


def test_empty_list_has_its_header(tmp_path: Path) -> None:
    (path,) = write_lists([], tmp_path / "list.xlsx")
    assert CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python() == [HEAD]


def test_long_list_is_several_files_that_can_be_read_back(tmp_path: Path) -> None:
    lines = [Line(f"QY{n}", "甲", "wm1", "红包", 100, date(2026, 11, 27)) for n in range(4001)]
    paths = write_lists(lines, tmp_path / "list.xlsx")
    assert [path.name for path in paths] == ["list-1.xlsx", "list-2.xlsx"]
    numbers = [one for path in paths for one in order_numbers(read_sheets(path))]
    assert numbers == [f"QY{n}" for n in range(4001)]


def test_exported_list_filled_in_comes_back(tmp_path: Path) -> None:
    (path,) = write_lists(LINES, tmp_path / "list.xlsx")
    book = load_workbook(path)
    sheet = book.active
    assert sheet is not None
    sheet["G2"], sheet["H2"] = "已发放", "20261127000000000001"
    sheet["G3"], sheet["I3"] = "失败", "账户已注销"
    book.save(path)
    assert judged(path) == (
        [Result(ONE, True, "20261127000000000001"), Result(TWO, False, "", "账户已注销")],
        [],
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
@pytest.mark.parametrize("amount", ["1.88", "￥1.88", "1.88元", "1.880"])
def test_csv_is_taken_too(tmp_path: Path, encoding: str, amount: str) -> None:
    path = tmp_path / "results.csv"
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        rows = csv.writer(file)
        # Columns in another order, and one of their own.
        rows.writerow(["结果", "单号", "金额(元)", "经办人", "备注"])
        rows.writerow(["成功", ONE, amount.replace("￥", "" if encoding == "gbk" else "￥"), "赵"])
        rows.writerow(["", TWO, "1,000.00", "赵", "等补资料"])
    assert judged(path) == ([Result(ONE, True)], [])


def row(order: Any = ONE, amount: Any = 1.88, result: Any = "已发放", *rest: Any) -> list[Any]:
    return [order, "李*国", "wm01", "骰子红包", amount, date(2026, 11, 27), result, *rest]


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        ([row("QY9")], ["A2：没有单号“QY9”，请照导出的名单填写。"]),
        ([row(PAID, 5)], [f"A2：单号 {PAID} 早已登记为已发放，请删掉这一行。"]),
        ([row(FRESH, 5)], [f"A2：单号 {FRESH} 还没有导出过名单，不能登记结果。"]),
        ([row(OVER, 5)], [f"A2：单号 {OVER} 已经作废，不能再登记结果。"]),
        ([row(amount=1.89)], ["E2：金额是“1.89”，名单上是 1.88 元。"]),
        ([row(amount=None)], ["E2：金额是“空的”，名单上是 1.88 元。"]),
        ([row(amount="一块八")], ["E2：金额是“一块八”，名单上是 1.88 元。"]),
        ([row(amount="1.875")], ["E2：金额是“1.875”，名单上是 1.88 元。"]),
        ([row(amount="1e999999")], ["E2：金额是“1e999999”，名单上是 1.88 元。"]),
        ([row(amount="nan")], ["E2：金额是“nan”，名单上是 1.88 元。"]),
        ([row(), row()], [f"A3：单号 {ONE} 在 A2 已经有了。"]),
        ([row(result="好的")], ["G2：看不懂“好的”，请写“已发放”或“失败”。"]),
        ([row(result="失败")], ["I2：写了失败，请在这一格写明原因。"]),
        ([row(None)], ["A2：这一行有结果，没有单号。"]),
        ([row(result=None)], ["没有一行填了“结果”。"]),
        (
            [row(result="已发放", amount=1.88), row(TWO, 1000, "已发放", 20261127000000000001)],
            ["H3：超过 15 位的数字会被 Excel 改成别的数。请先把单元格格式设为“文本”，再重新输入。"],
        ),
        (
            [row(result="=1+1")],
            ["G2：这是公式，文件里没有它的结果。请在 Excel 里打开、保存一次，或改写成文字。"],
        ),
        # Everything at once.
        (
            [row("QY9", 5, "?"), row(ONE, 2), row(ONE), row(TWO, 1, "失败")],
            [
                "G2：看不懂“?”，请写“已发放”或“失败”。",
                "A2：没有单号“QY9”，请照导出的名单填写。",
                "E3：金额是“2”，名单上是 1.88 元。",
                f"A4：单号 {ONE} 在 A3 已经有了。",
                "I5：写了失败，请在这一格写明原因。",
                "E5：金额是“1”，名单上是 1,000.00 元。",
            ],
        ),
    ],
)
def test_mistakes_are_named_by_cell_and_nothing_counts(
    tmp_path: Path, rows: list[list[Any]], problems: list[str]
) -> None:
    path = written(tmp_path / "results.xlsx", [HEAD, *rows])
    assert judged(path) == ([], problems)


def test_sheets_are_named_where_there_are_several(tmp_path: Path) -> None:
    path = written(tmp_path / "r.xlsx", [HEAD, row()], [HEAD, row()], [["说明"], ["随便写写"]])
    assert judged(path) == ([], [f"“第2张”表的 A2：单号 {ONE} 在 “Sheet”表的 A2 已经有了。"])


@pytest.mark.parametrize("rows", [[], [["单号", "结果"]], [["随便"], row()]])
def test_file_without_our_header(tmp_path: Path, rows: list[list[Any]]) -> None:
    path = written(tmp_path / "results.xlsx", rows)
    assert judged(path) == ([], ["没有找到表头：要有“单号”“金额（元）”“结果”这几列。"])


def test_order_numbers_are_those_of_every_table(tmp_path: Path) -> None:
    path = written(tmp_path / "r.xlsx", [HEAD, row(), row(TWO), []], [HEAD, row(), row(None)])
    assert order_numbers(read_sheets(path)) == [ONE, TWO]


def test_one_number_of_the_bank_for_two_orders_is_refused(tmp_path: Path) -> None:
    both = [row(ONE, 1.88, "已发放", "R-1"), row(TWO, 1000, "已发放", "R-1")]
    path = written(tmp_path / "r.xlsx", [HEAD, *both])
    assert judged(path) == ([], ["H3：流水号 R-1 在 H2 已经有了，每笔应当不同。"])


def test_number_of_the_bank_from_an_earlier_list_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "r.xlsx", [HEAD, row(ONE, 1.88, "已发放", "R-1")])
    sheets = read_sheets(path)
    assert receipts(sheets) == ["R-1"]
    assert results(sheets, KNOWN, {"R-1": PAID}) == (
        [],
        [f"H2：流水号 R-1 以前登记给了单号 {PAID}，每笔应当不同。"],
    )
    assert results(sheets, KNOWN, {"R-1": ONE}) == ([Result(ONE, True, "R-1")], [])
