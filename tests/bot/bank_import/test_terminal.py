"""`bank import` and `bank template` as a colleague types them; the sample sheet."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from python_calamine import load_workbook as calamine

from bot.bank_template import write_template
from bot.sheets import column_letters
from tests.bot.bank_import.reading import GOOD, HEADER, SAVE_AS, Table, imported
from tests.terminal import Run


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
