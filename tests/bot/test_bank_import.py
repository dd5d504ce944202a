"""A colleague's sheet becomes a bank, or every cell that is in the way is named."""

import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from python_calamine import load_workbook as calamine

from bot.bank_import import Faulty, Imported, import_bank, summary
from bot.bank_template import write_template
from bot.bank_yaml import NotWritten, bank_text, write_bank
from bot.cli import main
from bot.sheets import Unusable, column_letters
from sop.bank import Bank, Question
from sop.files import yaml_files
from sop.loader import SHIPPED, load, load_model

Rows = Sequence[Sequence[Any]]
Table = Callable[..., Path]
Run = Callable[..., tuple[int, str, str]]

HEADER = ("题目", "选项A", "选项B", "选项C", "答案", "解析", "难度", "编号")
GOOD = ("一加一？", "一", "二", "三", "B", "算一算。", "易", "sum")


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


def imported(path: Path, *only: str) -> Imported:
    return import_bank(path, "basics", "常识", only)


def faults(path: Path, *only: str) -> list[str]:
    with pytest.raises(Faulty) as error:
        imported(path, *only)
    return error.value.faults


def questions(path: Path, *only: str) -> list[dict[str, Any]]:
    bank = imported(path, *only).bank
    return [one.model_dump(exclude_defaults=True) for one in bank.questions]


# ---------------------------------------------------------------- what is understood


def test_import_reads_a_choice_a_judgement_and_a_free_question(table: Table) -> None:
    rows = [
        ("序号", "题干", "选项A", "选项B", "正确答案", "同义答案", "讲解", "来源", "难度", "提示"),
        (1, "哪个数大？", "一", "二", "b", "", "二大。", "算术", "简单", "看手指"),
        (2, "钱要自己看好，对吗？", "", "", "√", "", "", "", "", ""),
        ("", "", "", "", "", "", "", "", "", ""),
        (4, "五十万怎么写？", "", "", 500000, "50万；五十万\n伍拾万", "", "", "难", ""),
    ]  # fmt: skip
    found = imported(table(rows))
    assert [one.model_dump(exclude_defaults=True) for one in found.bank.questions] == [
        {
            "id": "q-43b9c3f6",
            "ask": "哪个数大？",
            "choices": ["一", "二"],
            "answer": "B",
            "hint": "看手指",
            "explain": "二大。",
            "source": "算术",
            "difficulty": "easy",
        },
        {
            "id": "q-eefffe67",
            "ask": "钱要自己看好，对吗？",
            "choices": ["对", "错"],
            "answer": "A",
        },
        {
            "id": "q-5bc4deeb",
            "ask": "五十万怎么写？",
            "answer": "500000",
            "accept": ["50万", "五十万", "伍拾万"],
            "difficulty": "hard",
        },
    ]
    assert found.notes == ["没有用到工作表“Sheet1”里的这些列：序号。"]
    assert summary(found.bank) == "3 道题（选择题 1 道，判断题 1 道，问答题 1 道）"


@pytest.mark.parametrize(
    ("ask", "choice_a", "choice_b", "answer"),
    [
        ("题目", "选项A", "选项B", "答案"),
        ("题 干", "选项Ａ", "选项 b", "正确答案"),
        ("问题（必填）", "A", "B", "标准答案*"),
        ("题面", "A选项", "B选项", "参考答案："),
        ("试题内容", "选项1", "选项2", "正确选项"),
        ("题目内容", "选项一", "选项二", "答案【字母】"),
    ],
)
def test_import_knows_headers_as_people_write_them(
    table: Table, ask: str, choice_a: str, choice_b: str, answer: str
) -> None:
    rows = [(answer, choice_b, ask, choice_a), ("A", "二", "哪个小？", "一")]
    assert questions(table(rows)) == [
        {"id": "q-7203f80b", "ask": "哪个小？", "choices": ["一", "二"], "answer": "A"}
    ]


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("B", "B"),
        ("Ｂ", "B"),
        ("b", "B"),
        ("选B", "B"),
        ("选项B", "B"),
        ("B.", "B"),
        ("（B）", "B"),
        ("答案：B", "B"),
        ("B、50 万元", "B"),
        ("50万", "B"),
        ("五十万", "B"),
    ],
)
def test_import_takes_a_letter_or_the_choice_itself(
    table: Table, written: str, answer: str
) -> None:
    rows = [("题目", "选项A", "选项B", "答案"), ("多少？", "20万", "50万", written)]
    if written == "B、50 万元":
        rows[1] = ("多少？", "20 万元", "50 万元", written)
    assert questions(table(rows))[0]["answer"] == answer


@pytest.mark.parametrize(
    ("choices", "written", "answer"),
    [
        (("正确", "错误"), "对", "A"),
        (("正确", "错误"), "×", "B"),
        (("是", "否"), "否", "B"),
        (("B", "A"), "A", "B"),
        (("丙", "A"), "A", "B"),
        (("A. 甲", "B. 乙"), "B", "B"),
    ],
)
def test_import_answer_means_the_words_before_the_letter(
    table: Table, choices: tuple[str, str], written: str, answer: str
) -> None:
    rows = [("题目", "选项A", "选项B", "答案"), ("哪个？", *choices, written)]
    (one,) = imported(table(rows)).bank.questions
    index = (
        "AB".index(one.answer) if one.answer not in one.choices else one.choices.index(one.answer)
    )
    assert "AB"[index] == answer
    assert one.choices == [text.removeprefix("A. ").removeprefix("B. ") for text in choices]


@pytest.mark.parametrize(
    ("written", "choices", "answer"),
    [
        ("对", ["对", "错"], "A"),
        ("错误", ["对", "错"], "B"),
        ("×", ["对", "错"], "B"),
        (True, ["对", "错"], "A"),
        (False, ["对", "错"], "B"),
        ("T", ["对", "错"], "A"),
        ("是", ["是", "否"], "A"),
        ("否", ["是", "否"], "B"),
    ],
)
def test_import_makes_a_judgement_of_a_question_without_choices(
    table: Table, written: Any, choices: list[str], answer: str
) -> None:
    (one,) = questions(table([("题目", "答案"), ("对吗？", written)]))
    assert (one["choices"], one["answer"]) == (choices, answer)


@pytest.mark.parametrize(
    "cell",
    [
        "A. 一\nB. 二\nC. 三",
        "A、一 B、二 C、三",
        "A一".replace("A一", "A.一；B.二；C.三"),
        "一\n二\n三",
        "一；二；三",
        "一|二|三",
        "（A）一\n（B）二\n（C）三",
    ],
)
def test_import_splits_choices_written_in_one_cell(table: Table, cell: str) -> None:
    rows = [("题目", "选项", "答案"), ("哪个？", cell, "C")]
    (one,) = questions(table(rows))
    assert (one["choices"], one["answer"]) == (["一", "二", "三"], "C")


@pytest.mark.parametrize(
    ("value", "format", "text"),
    [
        (1.0, "General", "1"),
        (1, "0.00", "1"),
        (0.5, "0%", "50%"),
        (0.0435, "0.00%", "4.35%"),
        (0.1 + 0.2, "General", "0.3"),
        (-2.5, "General", "-2.5"),
        (1e-7, "General", "0.0000001"),
        (138_0013_8000, "General", "13800138000"),
        ("  1-2 ", "@", "1-2"),
        ("ab c\ufeff", "General", "ab c"),
    ],
)
def test_import_reads_numbers_as_they_are_shown(
    table: Table, value: Any, format: str, text: str
) -> None:
    path = table([("题目", "答案"), ("多少？", value)])
    book = load_workbook(path)
    book["Sheet1"]["B2"].number_format = format
    book.save(path)
    assert questions(path)[0]["answer"] == text


@pytest.mark.parametrize(
    ("word", "level"),
    [("易", "easy"), ("简单", "easy"), ("★", "easy"), ("★☆☆", "easy"), ("中", "medium"),
     ("", "medium"), ("一般", "medium"), ("难", "hard"), ("较难", "hard"), ("HARD", "hard")],
)  # fmt: skip
def test_import_knows_levels(table: Table, word: str, level: str) -> None:
    path = table([("题目", "答案", "难度"), ("多少？", "三", word)])
    assert imported(path).bank.questions[0].difficulty == level


def test_import_reads_every_sheet_with_a_header(table: Table) -> None:
    rows = [("某银行题库",), (), ("题目", "答案"), ("甲？", "一")]
    path = table(甲=rows, 乙=[("题目", "答案"), ("乙？", "二")], 说明=[("怎么填",)])
    found = imported(path)
    assert [(one.ask, one.answer) for one in found.bank.questions] == [
        ("甲？", "一"),
        ("乙？", "二"),
    ]
    assert found.notes == ["工作表“说明”里没有题目的表头，跳过了。"]
    assert [one["ask"] for one in questions(path, "乙")] == ["乙？"]


def test_import_leaves_hidden_sheets_alone_unless_named(table: Table) -> None:
    path = table(甲=[("题目", "答案"), ("甲？", "一")], 乙=[("题目", "答案"), ("乙？", "二")])
    book = load_workbook(path)
    book["乙"].sheet_state = "hidden"
    book.save(path)
    assert [one["ask"] for one in questions(path)] == ["甲？"]
    assert imported(path).notes == ["跳过了隐藏的工作表“乙”；要导入请加 --sheet。"]
    assert [one["ask"] for one in questions(path, "乙")] == ["乙？"]


def test_import_makes_the_same_id_wherever_a_question_stands(table: Table) -> None:
    first = questions(table([("题目", "答案"), ("甲？", "一"), ("乙？", "二")]))
    second = questions(table([("题目", "答案"), ("乙？", "二"), ("甲？", "一")]))
    assert first == list(reversed(second))


def test_import_ignores_formatted_rows_far_below(table: Table) -> None:
    path = table([("题目", "答案"), ("甲？", "一")])
    book = load_workbook(path)
    book["Sheet1"]["A900000"] = " "
    book.save(path)
    assert [one["ask"] for one in questions(path)] == ["甲？"]


def test_import_takes_a_merged_title_above_the_header(table: Table) -> None:
    path = table([("题库",), ("题目", "答案"), ("甲？", "一")])
    book = load_workbook(path)
    book["Sheet1"].merge_cells("A1:B1")
    book.save(path)
    assert [one["ask"] for one in questions(path)] == ["甲？"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_import_reads_csv(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "题库.csv"
    lines = [("题目", "答案", "解析"), ("甲？", "一", '"两行\n讲解"'), ("乙？", "二", "")]
    path.write_text("\r\n".join(delimiter.join(one) for one in lines), encoding=encoding)
    assert [(one["ask"], one.get("explain")) for one in questions(path)] == [
        ("甲？", "两行\n讲解"),
        ("乙？", None),
    ]


def test_import_of_csv_names_cells_without_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "题库.csv"
    path.write_text("题目,选项A,选项B,答案\n甲？,一,二,C\n", encoding="utf-8")
    assert faults(path) == [
        "题库.csv 的 D2：答案“C”既不是选项字母（A、B），也不是选项原文。请写 A 到 B 中的一个。"
    ]


def test_import_names_a_control_character(tmp_path: Path) -> None:
    path = tmp_path / "题库.csv"
    path.write_text("题目,答案\n甲\x0b？,一\n", encoding="utf-8")
    assert faults(path) == ["题库.csv 的 A2：这里有不可见的控制字符（U+000B）。请重新输入这一格。"]


@pytest.mark.parametrize("path", yaml_files([SHIPPED / "banks"]), ids=lambda one: one.stem)
def test_import_gives_a_shipped_bank_back(table: Table, path: Path) -> None:
    bank, problems, _ = load_model(path, Bank)
    assert bank is not None
    assert problems == []
    header = ("编号", "题目", *(f"选项{one}" for one in "ABCDEFGH"), "答案", "同义答案", "提示",
              "解析", "出处", "难度")  # fmt: skip
    rows = [
        (one.id, one.ask, *[*one.choices, *[""] * 8][:8], one.answer, "；".join(one.accept),
         one.hint, one.explain, one.source, one.difficulty)
        for one in bank.questions
    ]  # fmt: skip
    assert import_bank(table([header, *rows]), bank.bank, bank.title, (), bank.topic).bank == bank


# ---------------------------------------------------------------- what is wrong


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


# ---------------------------------------------------------------- files that are no table

SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”再导入。"


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


# ---------------------------------------------------------------- the YAML file

BANK = Bank(
    bank="basics",
    title="常识：一",
    questions=[
        Question(id="sum", ask='他说："一加一？"', choices=["1", "二: 2"], answer="B"),
        Question(
            id="null",
            ask="第一行\n第二行 # 不是注释",
            answer="三",
            accept=["叁", "\\3"],
            hint="{{ 不是模板 }}",
            explain="- 讲解",
            source="'常识'",
            difficulty="hard",
        ),
    ],
)
TEXT = """\
# 由 a.xlsx 导入。
bank: basics
title: "常识：一"
questions:
  - id: sum
    ask: "他说：\\"一加一？\\""
    choices: ["1", "二: 2"]
    answer: "B"
    difficulty: medium

  - id: "null"
    ask: "第一行\\n第二行 # 不是注释"
    answer: "三"
    accept: ["叁", "\\\\3"]
    hint: "{{ 不是模板 }}"
    explain: "- 讲解"
    source: "'常识'"
    difficulty: hard
"""


def test_bank_text_is_what_a_person_would_write() -> None:
    assert bank_text(BANK, "由 a.xlsx 导入。") == TEXT


def test_write_bank_is_read_back_equal(tmp_path: Path) -> None:
    write_bank(BANK, tmp_path / "a.yaml", "由 a.xlsx 导入。", force=False)
    library, problems = load([tmp_path])
    assert problems == []
    assert library.banks == {"basics": BANK}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.yaml"]


_WORDS = st.text(
    alphabet=st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(_WORDS, _WORDS, st.lists(_WORDS, max_size=4))
def test_bank_text_of_any_words_is_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, name: str, ask: str, accept: list[str]
) -> None:
    ask, accept = _as_cells(ask) or "问", [_as_cells(one) for one in accept]
    question = Question(id=_as_cells(name), ask=ask, answer="一", accept=accept)
    bank = Bank(bank="b", title=_as_cells(name), questions=[question])
    path = tmp_path_factory.mktemp("any") / "a.yaml"
    write_bank(bank, path, "注释", force=False)
    assert load_model(path, Bank)[0] == bank


def _as_cells(text: str) -> str:
    """As bot.sheets hands text on: without separators that are lines for some programs."""
    return text.translate(dict.fromkeys(map(ord, "\u2028\u2029\u0085"), " "))


def test_write_bank_never_replaces_another_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    for existing in ("bank: other\ntitle: x\nquestions: []\n", "不是题库", ""):
        path.write_text(existing, encoding="utf-8")
        with pytest.raises(NotWritten, match="它不是题库“basics”。请用 --out 换一个文件名"):
            write_bank(BANK, path, "", force=True)
        assert path.read_text(encoding="utf-8") == existing


def test_write_bank_replaces_the_same_bank_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    old = "bank: basics\ntitle: 旧\nquestions: []\n"
    path.write_text(old, encoding="utf-8")
    with pytest.raises(NotWritten, match="要用新内容替换它，请加 --force"):
        write_bank(BANK, path, "由 a.xlsx 导入。", force=False)
    assert path.read_text(encoding="utf-8") == old
    write_bank(BANK, path, "由 a.xlsx 导入。", force=True)
    assert path.read_text(encoding="utf-8") == TEXT


def test_write_bank_needs_the_folder(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match=r"/absent。请先建好它，或换一个位置。$"):
        write_bank(BANK, tmp_path / "absent" / "a.yaml", "", force=False)
    assert list(tmp_path.iterdir()) == []


def test_write_bank_refuses_what_could_not_be_read_again(tmp_path: Path) -> None:
    many = [Question(id=f"q{n}", ask="问" * 400, answer="一") for n in range(300)]
    bank = Bank(bank="b", title="t", questions=many)
    with pytest.raises(NotWritten, match=r"^300 道题放在一个题库文件里太大"):
        write_bank(bank, tmp_path / "a.yaml", "", force=False)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- sample sheet and terminal


def test_template_is_imported_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "样表.xlsx"
    write_template(path)
    found = imported(path)
    assert [(one.id, one.choices, one.answer) for one in found.bank.questions] == [
        ("deposit-limit", ["20 万元", "50 万元", "100 万元", "不设上限"], "B"),
        ("q-306f5916", ["对", "错"], "B"),
    ]
    assert found.notes == ["工作表“说明”里没有题目的表头，跳过了。"]


def test_template_is_read_by_another_program(tmp_path: Path) -> None:
    path = tmp_path / "样表.xlsx"
    write_template(path)
    book = calamine(str(path))
    assert book.sheet_names == ["题目", "说明"]
    assert book.get_sheet_by_name("题目").to_python()[0] == [
        "题目", "选项A", "选项B", "选项C", "选项D", "答案", "同义答案", "提示", "解析", "出处",
        "难度", "编号",
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA")])
def test_column_letters(number: int, letters: str) -> None:
    assert column_letters(number) == letters


@pytest.fixture
def qunyun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qunyun", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run


def test_command_imports_and_says_what_is_next(qunyun: Run, table: Table) -> None:
    table([HEADER, GOOD])
    assert qunyun("bank", "import", "题库.xlsx", "--bank", "sums", "--title", "算术") == (
        0,
        "写好了 sums.yaml：1 道题（选择题 1 道）\n"
        "下一步：看一遍 sums.yaml，放进 library/banks，再运行 qunyun check\n",
        "",
    )
    text = Path("sums.yaml").read_text(encoding="utf-8")
    assert text.startswith("# 由 题库.xlsx 导入（qunyun bank import）。\nbank: sums\ntitle: 算术\n")
    assert qunyun("bank", "import", "题库.xlsx", "--bank", "sums") == (
        1,
        "",
        "已经有题库“sums”：sums.yaml。要用新内容替换它，请加 --force。\n",
    )
    assert qunyun("bank", "import", "题库.xlsx", "--bank", "sums", "--force")[0] == 0


def test_command_writes_nothing_when_a_cell_is_wrong(qunyun: Run, table: Table) -> None:
    table([HEADER, ("一加一？", "一", "二", "", "C", "", "", "")])
    assert qunyun("bank", "import", "题库.xlsx") == (
        1,
        "",
        "题库.xlsx 的 Sheet1!E2：答案“C”既不是选项字母（A、B），也不是选项原文。"
        "请写 A 到 B 中的一个。\n共 1 个问题，没有写出文件。\n",
    )
    assert [one.name for one in Path().iterdir()] == ["题库.xlsx"]


@pytest.mark.parametrize(
    ("words", "code", "err"),
    [
        (("import", "absent.xlsx"), 1, "absent.xlsx：没有这个文件。\n"),
        (("import", "a.xls"), 1, f"a.xls：只能导入 .xlsx 或 .csv 文件。{SAVE_AS}\n"),
        (("template", "--out", "a.csv"), 1,
         "样表是 Excel 文件，文件名请以 .xlsx 结尾：a.csv\n"),
    ],
)  # fmt: skip
def test_command_explains_a_wrong_file(
    qunyun: Run, words: Sequence[str], code: int, err: str
) -> None:
    assert qunyun("bank", *words) == (code, "", err)


def test_command_without_a_file_is_a_usage_error(qunyun: Run) -> None:
    assert qunyun("bank", "import")[0] == 2


def test_command_writes_the_template_once(qunyun: Run) -> None:
    written = "写好了 t.xlsx；填好后：qunyun bank import t.xlsx\n"
    assert qunyun("bank", "template", "--out", "t.xlsx") == (0, written, "")
    refused = "已经有 t.xlsx，没有改动它。请换一个文件名。\n"
    assert qunyun("bank", "template", "--out", "t.xlsx") == (1, "", refused)
