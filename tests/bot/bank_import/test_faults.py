"""Every cell of a sheet that is in the way is named."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.bot.bank_import.reading import GOOD, HEADER, Table, faults, questions


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"A": ""}, "A2：这一行没有题目。请写上题目，或删掉整行。"),
        (
            {"E": ""},
            "E2：没有写答案。选择题写字母（例如 B）或选项原文，问答题写标准答案。",
        ),
        (
            {"E": "D"},
            "E2：答案“D”既不是选项字母（A、B、C），也不是选项原文。请写 A 到 C 中的一个。",
        ),
        (
            {"E": "B、一"},
            "E2：答案“B、一”既不是选项字母（A、B、C），也不是选项原文。请写 A 到 C 中的一个。",
        ),
        (
            {"E": "AC"},
            "E2：这里有几个答案“AC”。只能导入单选题：请改成一个字母，或改写题目。",
        ),
        (
            {"E": "Ａ，Ｂ"},
            "E2：这里有几个答案“Ａ，Ｂ”。只能导入单选题：请改成一个字母，或改写题目。",
        ),
        ({"C": ""}, "C2：选项B 空着，后面却还有选项。请补上，或把后面的往前移。"),
        ({"C": "", "D": "", "E": "A"}, "B2：只有一个选项，至少要有两个。"),
        ({"C": "一。"}, "B2：有两个选项在忽略标点和繁简后相同。"),
        ({"G": "中等偏上"}, "G2：看不懂难度“中等偏上”，请写 易、中 或 难。"),
        (
            {"E": date(2026, 1, 2)},
            "E2：这一格是日期或时间（Excel 会把 1-2、3/4 这样的内容改成日期）。"
            "请先把单元格格式设为“文本”，再重新输入。",
        ),
        (
            {"E": "=1+1"},
            "E2：这是公式，文件里没有它的结果。请在 Excel 里打开、保存一次，或改写成文字。",
        ),
        (
            {"H": 6222020000000000000},
            "H2：超过 15 位的数字会被 Excel 改成别的数。请先把单元格格式设为“文本”，再重新输入。",
        ),
        (
            {"A": "长" * 600},
            "A2：题面和选项共 1809 字节，超过 1500，手机上读起来太长。",
        ),
        ({"F": "讲" * 10_001}, "F2：这一格超过 10000 个字。请写短一些。"),
    ],
)  # fmt: skip
def test_import_names_the_cell_and_what_to_write(
    table: Table, change: dict[str, Any], expected: str
) -> None:
    row = [change.get(column, value) for column, value in zip("ABCDEFGH", GOOD, strict=True)]
    assert faults(table([HEADER, row])) == [f"题库.xlsx 的 Sheet1!{expected}"]


@pytest.mark.parametrize(
    ("format", "wrong"),
    [
        ('0"万元"', True),
        ("¥#,##0.00", True),
        ("# ?/?", True),
        ("#,##0.00", False),
        ("0.00E+00", False),
    ],
)
def test_import_refuses_a_format_that_adds_words(table: Table, format: str, wrong: bool) -> None:
    path = table([("题目", "答案"), ("多少？", 50)])
    book = load_workbook(path)
    book["Sheet1"]["B2"].number_format = format
    book.save(path)
    if not wrong:
        assert questions(path)[0]["answer"] == "50"
        return
    assert faults(path) == [
        "题库.xlsx 的 Sheet1!B2：这一格看到的文字有一部分来自单元格格式。"
        "请把格式设为“文本”，再完整地写出来。"
    ]


def test_import_lists_every_problem_of_every_sheet_at_once(table: Table) -> None:
    bad = ("二加二？", "三", "四", "", "D", "", "容易得很", "sum")
    path = table(
        甲=[HEADER, GOOD, bad], 乙=[("题目", "答案", "答案"), ("", "一", ""), ("三？", "", "")]
    )
    assert faults(path) == [
        "题库.xlsx 的 甲!H3：编号已用在 题库.xlsx 的 甲!H2。每道题的编号都要不同，也可以空着。",
        "题库.xlsx 的 甲!E3：答案“D”既不是选项字母（A、B），也不是选项原文。请写 A 到 B 中的一个。",
        "题库.xlsx 的 甲!G3：看不懂难度“容易得很”，请写 易、中 或 难。",
        "题库.xlsx 的 乙!C1：“答案”和 B1 的“答案”是同一列，请删掉其中一列。",
        "题库.xlsx 的 乙!A2：这一行没有题目。请写上题目，或删掉整行。",
        "题库.xlsx 的 乙!B3：没有写答案。选择题写字母（例如 B）或选项原文，问答题写标准答案。",
    ]


def test_import_names_both_cells_of_a_repeated_question(table: Table) -> None:
    path = table(甲=[("题目", "答案"), ("一加一？", "二")], 乙=[("题目", "答案"), ("一加一!", "2")])
    assert faults(path) == [
        "题库.xlsx 的 乙!A2：和 题库.xlsx 的 甲!A2 是同一道题。请删掉其中一道。"
    ]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("题目", "难度"), ["A1：这一行是表头，但没有“答案”列。请加上这一列。"]),
        (
            ("题目", "选项", "选项A", "答案"),
            ["B1：“选项”和“选项A”只能用一种：要么一格写全部选项，要么每个选项一列。"],
        ),
        (("题目", "选项A", "选项C", "答案"), ["B1：选项的列要从 A 起连续：选项A、选项B。"]),
    ],
)
def test_import_judges_the_header(table: Table, header: Sequence[str], expected: list[str]) -> None:
    path = table([header])
    assert faults(path) == [f"题库.xlsx 的 Sheet1!{one}" for one in expected]


def test_import_names_merged_cells(table: Table) -> None:
    path = table([HEADER, GOOD, ("二加二？", *GOOD[1:7], "b"), ("三加三？", *GOOD[1:7], "c")])
    book = load_workbook(path)
    book["Sheet1"].merge_cells("F2:F4")
    book["Sheet1"].merge_cells("J2:K4")
    book.save(path)
    assert faults(path) == [
        "题库.xlsx 的 Sheet1!F2:F4：这里合并了单元格。请取消合并，并在每一格里写上内容。"
    ]


def test_import_without_a_header_says_what_it_needs(table: Table) -> None:
    assert faults(table([("甲", "乙"), ("一", "二")])) == [
        "题库.xlsx：没有找到表头。要有一行写着“题目”和“答案”，"
        "还可以有选项A、选项B……、解析、出处、难度、提示、同义答案、编号。"
        "样表：qunyun bank template --out 题库样表.xlsx"
    ]


def test_import_without_questions_says_so(table: Table) -> None:
    assert faults(table([("题目", "答案", "编号"), ("", "", 1)])) == [
        "题库.xlsx：表头下面没有题目。"
    ]


def test_import_of_an_unknown_sheet_names_the_known_ones(table: Table) -> None:
    path = table(甲=[HEADER, GOOD], 乙=[HEADER])
    assert faults(path, "丙") == ["题库.xlsx：没有工作表“丙”。这个文件有：“甲”、“乙”。"]
