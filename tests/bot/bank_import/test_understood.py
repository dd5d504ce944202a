"""A colleague's sheet becomes a bank, however people write one."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.bank_import import import_bank, summary
from sop.bank import Bank
from sop.files import yaml_files
from sop.loader import SHIPPED, load_model
from tests.bot.bank_import.reading import Table, faults, imported, questions


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
