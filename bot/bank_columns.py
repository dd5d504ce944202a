"""Which column of a colleague's sheet is what, in the spellings that people use."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.sheets import Cell, Row, Sheet

LETTERS = "ABCDEFGH"

_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("编号", "题目编号", "试题编号", "ID"),
    "ask": ("题目", "题干", "问题", "题面", "题目内容", "试题", "试题内容"),
    "choices": ("选项", "备选项", "备选答案", "候选项", "全部选项"),
    "answer": ("答案", "正确答案", "标准答案", "参考答案", "正确选项"),
    "accept": ("同义答案", "其他答案", "其它答案", "近似答案", "可接受答案", "也算对"),
    "hint": ("提示", "提示语"),
    "explain": ("解析", "讲解", "答案解析", "试题解析", "题目解析", "解释"),
    "source": ("出处", "来源", "依据", "题目来源"),
    "difficulty": ("难度", "难易", "难易度", "难易程度", "难度等级"),
}
_FIELDS = {name: field for field, names in _SPELLINGS.items() for name in names}
_CHOICE = re.compile(
    "(?:选项|备选|备选项)?([A-H])(?:选项|项)?|(?:选项|备选)([1-8一二三四五六七八])"
)
_NUMERALS = "一二三四五六七八"
_SEARCHED = 20
"""Rows above which a header may stand below a title."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a sheet: its cells by field (`choice-A` … for one column a choice)."""

    row: int
    cells: Mapping[str, Cell]
    ignored: Sequence[str]
    """Headers that mean nothing to us."""
    twice: Sequence[tuple[Cell, Cell]]
    """(first, second) columns of one meaning."""

    def of(self, row: Row, field: str) -> Cell:
        """The row's cell in a field's column; an empty one where there is none."""
        header = self.cells.get(field)
        if header is None:
            return Cell(row[0].row, 1)
        at = header.column - 1
        return row[at] if at < len(row) else Cell(row[0].row, header.column)

    @property
    def letters(self) -> list[str]:
        """The letters that have a column, in order."""
        return [one for one in LETTERS if f"choice-{one}" in self.cells]


def find_columns(sheet: Sheet) -> Columns | None:
    """The header row: the first one with a question column and one more; None: there is none."""
    for row in sheet.rows[:_SEARCHED]:
        columns = _columns(row)
        if "ask" in columns.cells and len(columns.cells) > 1:
            return columns
    return None


def _columns(row: Row) -> Columns:
    cells: dict[str, Cell] = {}
    ignored, twice = [], []
    for cell in row:
        field = _field(cell.text)
        if field is None:
            ignored += [cell.text] if cell.text else []
        elif field in cells:
            twice.append((cells[field], cell))
        else:
            cells[field] = cell
    return Columns(row[0].row, cells, ignored, twice)


def _field(header: str) -> str | None:
    """`正确答案（必填）*` → `answer`, `选项Ａ` → `choice-A`."""
    text = unicodedata.normalize("NFKC", header).upper()
    text = re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", text)
    text = re.sub(r"[\s*:_.、-]", "", text)
    if found := _CHOICE.fullmatch(text):
        number = found[2]
        if number is None:
            return f"choice-{found[1]}"
        index = int(number) - 1 if number.isdigit() else _NUMERALS.index(number)
        return f"choice-{LETTERS[index]}"
    return _FIELDS.get(text)
