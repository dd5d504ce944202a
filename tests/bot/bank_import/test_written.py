"""The bank's YAML file: what a person would write, read back equal, never over another."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bank_yaml import NotWritten, bank_text, write_bank
from sop.bank import Bank, Question
from sop.loader import load, load_model

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
