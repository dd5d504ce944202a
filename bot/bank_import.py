"""A colleague's sheet → a question bank, with every problem of every cell at once."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from bot.bank_columns import LETTERS, Columns, find_columns
from bot.bank_values import (
    TRUE_FALSE,
    YES_NO,
    UnclearCell,
    answered,
    difficulty,
    one_line,
    separate,
    split_choices,
    without_letters,
)
from bot.sheets import Cell, Row, Sheet, read_sheets
from sop.answers import bank_problems, normalise, question_problems
from sop.bank import Bank, Question
from sop.complaints import complaints

_CONTENT = ("ask", "answer", "choices", "accept", "hint", "explain", "source")
_NO_HEADER = (
    "没有找到表头。要有一行写着“题目”和“答案”，"
    "还可以有选项A、选项B……、解析、出处、难度、提示、同义答案、编号。"
    "样表：qunyun bank template --out 题库样表.xlsx"
)


class Faulty(Exception):
    """Nothing was imported; each text names its cell."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(*faults)
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Imported:
    """A bank, and what its author should know."""

    bank: Bank
    notes: Sequence[str]


def import_bank(
    path: Path, name: str, title: str, only: Collection[str] = (), topic: str = ""
) -> Imported:
    """Reads the sheets (all that have a header, or those named by `only`) as one bank.

    Raises bot.sheets.Unusable for a file that is no table, Faulty for what is in it.
    """
    sheets = read_sheets(path)
    reader = _Reader(path.name)
    for sheet in _chosen(sheets, only, reader):
        reader.read(sheet, named=sheet.name in only or len(sheets) == 1)
    if not reader.headers:
        reader.faults.append(f"{path.name}：{_NO_HEADER}")
    elif not reader.questions and not reader.faults:
        reader.faults.append(f"{path.name}：表头下面没有题目。")
    bank = reader.bank(name, title, topic)
    if bank is None or reader.faults:
        raise Faulty(reader.faults)
    return Imported(bank, reader.notes)


def _chosen(sheets: Sequence[Sheet], only: Collection[str], reader: "_Reader") -> list[Sheet]:
    names = [one.name for one in sheets]
    missing = [one for one in only if one not in names]
    if missing:
        known = "、".join(f"“{one}”" for one in names if one)
        has = f"这个文件有：{known}。" if known else "CSV 文件没有工作表。"
        raise Faulty([f"{reader.file}：没有工作表“{one}”。{has}" for one in missing])
    if only:
        return [one for one in sheets if one.name in only]
    hidden = [one.name for one in sheets if one.hidden and one.rows]
    reader.notes += [f"跳过了隐藏的工作表“{one}”；要导入请加 --sheet。" for one in hidden]
    return [one for one in sheets if not one.hidden]


@dataclass(slots=True)
class _Reader:
    """Collects questions, faults and notes, sheet after sheet."""

    file: str
    questions: list[Question] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    headers: int = 0
    _ids: dict[str, str] = field(default_factory=dict)
    _asks: dict[str, str] = field(default_factory=dict)

    def read(self, sheet: Sheet, *, named: bool) -> None:
        columns = find_columns(sheet)
        if columns is None:
            if sheet.rows and not named:
                self.notes.append(f"工作表“{sheet.name}”里没有题目的表头，跳过了。")
            return
        self.headers += 1
        self._header(sheet, columns)
        rows = [
            one for one in sheet.rows if one[0].row > columns.row and _has_content(one, columns)
        ]
        self._merges(sheet, columns, rows[-1][0].row if rows else columns.row)
        for row in rows:
            self._row(sheet, columns, row)

    def bank(self, name: str, title: str, topic: str) -> Bank | None:
        """The bank through its model; None when it is wrong, or nothing was read."""
        if self.faults or not self.questions:
            return None
        try:
            bank = Bank(bank=name, title=title, topic=topic, questions=self.questions)
        except ValidationError as error:
            self.faults += [
                f"--{one.path[0]}：{one.message}{one.hint}" for one in complaints(error, Bank)
            ]
            return None
        self.faults += [f"{self.file}：{one}。" for one in bank_problems(bank)]
        return bank

    def _place(self, sheet: Sheet, reference: str) -> str:
        return (
            f"{self.file} 的 {sheet.name}!{reference}"
            if sheet.name
            else f"{self.file} 的 {reference}"
        )

    def _fault(self, sheet: Sheet, cell: Cell, text: str) -> None:
        self.faults.append(f"{self._place(sheet, cell.reference)}：{text}")

    def _header(self, sheet: Sheet, columns: Columns) -> None:
        if columns.ignored:
            where = f"工作表“{sheet.name}”里的" if sheet.name else ""
            self.notes.append(f"没有用到{where}这些列：{'、'.join(columns.ignored)}。")
        for first, second in columns.twice:
            text = f"“{second.text}”和 {first.reference} 的“{first.text}”是同一列，请删掉其中一列。"
            self._fault(sheet, second, text)
        if "answer" not in columns.cells:
            text = "这一行是表头，但没有“答案”列。请加上这一列。"
            self._fault(sheet, columns.cells["ask"], text)
        if "choices" in columns.cells and columns.letters:
            text = "“选项”和“选项A”只能用一种：要么一格写全部选项，要么每个选项一列。"
            self._fault(sheet, columns.cells["choices"], text)
        if columns.letters != list(LETTERS[: len(columns.letters)]):
            wanted = "、".join(f"选项{one}" for one in LETTERS[: len(columns.letters)])
            first_cell = columns.cells[f"choice-{columns.letters[0]}"]
            self._fault(sheet, first_cell, f"选项的列要从 A 起连续：{wanted}。")

    def _merges(self, sheet: Sheet, columns: Columns, last: int) -> None:
        used = {one.column for one in columns.cells.values()}
        for merge in sheet.merges:
            if merge.last.row < columns.row or merge.first.row > last:
                continue
            if any(merge.first.column <= one <= merge.last.column for one in used):
                self.faults.append(
                    f"{self._place(sheet, merge.reference)}：这里合并了单元格。"
                    "请取消合并，并在每一格里写上内容。"
                )

    def _row(self, sheet: Sheet, columns: Columns, row: Row) -> None:
        wrong = [columns.of(row, name) for name in columns.cells if columns.of(row, name).wrong]
        for cell in wrong:
            self._fault(sheet, cell, cell.wrong)
        self._once(sheet, columns, row)
        if wrong:
            return
        values, unclear = _values(columns, row)
        for one in unclear:
            self._fault(sheet, one.cell, one.text)
        if not unclear:
            self._question(sheet, columns, row, values)

    def _question(
        self, sheet: Sheet, columns: Columns, row: Row, values: Mapping[str, object]
    ) -> None:
        try:
            question = Question.model_validate(values)
        except ValidationError as error:
            for one in complaints(error, Question):
                cell = _cell_of(columns, row, str(one.path[0]))
                self._fault(sheet, cell, f"{one.message}{one.hint}")
            return
        for text in question_problems(question):
            cell = _cell_of(columns, row, _field_of(text))
            self._fault(sheet, cell, f"{text}。")
        self.questions.append(question)

    def _once(self, sheet: Sheet, columns: Columns, row: Row) -> None:
        """The same id or the same question again: both cells are named."""
        for name, known, said in (
            ("id", self._ids, "编号已用在 {}。每道题的编号都要不同，也可以空着。"),
            ("ask", self._asks, "和 {} 是同一道题。请删掉其中一道。"),
        ):
            cell = columns.of(row, name)
            key = one_line(cell.text) if name == "id" else _essence(cell.text)
            place = self._place(sheet, cell.reference)
            if key and (first := known.setdefault(key, place)) != place:
                self._fault(sheet, cell, said.format(first))


def _has_content(row: Row, columns: Columns) -> bool:
    """A row with nothing but a prepared number or level is an empty one."""
    fields = [*_CONTENT, *(f"choice-{one}" for one in LETTERS)]
    return any(not columns.of(row, one).empty for one in fields)


def _values(columns: Columns, row: Row) -> tuple[dict[str, object], list[UnclearCell]]:
    """A question's fields, and every cell that is not understood."""
    texts = {name: columns.of(row, name).text for name in columns.cells}
    values: dict[str, object] = {
        "id": one_line(texts.get("id", "")) or _made_id(texts["ask"]),
        "ask": texts["ask"],
        "accept": separate(texts.get("accept", "")),
        "hint": one_line(texts.get("hint", "")),
        "explain": texts.get("explain", ""),
        "source": one_line(texts.get("source", "")),
    }
    unclear = []
    if not texts["ask"]:
        text = "这一行没有题目。请写上题目，或删掉整行。"
        unclear.append(UnclearCell(columns.of(row, "ask"), text))
    try:
        values["choices"], values["answer"] = answered(
            _answer(columns, row), _choices(columns, row)
        )
    except UnclearCell as error:
        unclear.append(error)
    try:
        values["difficulty"] = difficulty(columns.of(row, "difficulty"))
    except UnclearCell as error:
        unclear.append(error)
    return values, unclear


def _answer(columns: Columns, row: Row) -> Cell:
    cell = columns.of(row, "answer")
    if not cell.text:
        text = "没有写答案。选择题写字母（例如 B）或选项原文，问答题写标准答案。"
        raise UnclearCell(cell, text)
    return cell


def _choices(columns: Columns, row: Row) -> list[str]:
    if "choices" in columns.cells:
        return split_choices(columns.of(row, "choices"))
    cells = [columns.of(row, f"choice-{one}") for one in columns.letters]
    while cells and not cells[-1].text:
        cells.pop()
    for cell, letter in zip(cells, LETTERS, strict=False):
        if not cell.text:
            text = f"选项{letter} 空着，后面却还有选项。请补上，或把后面的往前移。"
            raise UnclearCell(cell, text)
    return without_letters([one_line(cell.text) for cell in cells])


def _made_id(ask: str) -> str:
    """The same for the same question, wherever its row moves."""
    return f"q-{hashlib.sha256(_essence(ask).encode()).hexdigest()[:8]}"


def _essence(ask: str) -> str:
    """The same for the same question. Emoji mean nothing in an answer, but they can be all that
    a question is about."""
    pictures = "".join(one for one in ask if unicodedata.category(one) == "So")
    return normalise(ask) + pictures or ask


def _field_of(problem: str) -> str:
    """Which column a problem of `question_problems` is about."""
    if problem.startswith("答案"):
        return "answer"
    return "choices" if problem.startswith(("只有一个选项", "有两个选项")) else "ask"


def _cell_of(columns: Columns, row: Row, name: str) -> Cell:
    if name == "choices" and name not in columns.cells:
        name = "choice-A"
    return columns.of(row, name if name in columns.cells else "ask")


def summary(bank: Bank) -> str:
    """`52 道题（选择题 40 道，判断题 8 道，问答题 4 道）`."""
    kinds = Counter(_kind(one) for one in bank.questions)
    parts = "，".join(
        f"{kind} {kinds[kind]} 道" for kind in ("选择题", "判断题", "问答题") if kinds[kind]
    )
    return f"{len(bank.questions)} 道题（{parts}）"


def _kind(question: Question) -> str:
    if not question.choices:
        return "问答题"
    return "判断题" if tuple(question.choices) in (TRUE_FALSE, YES_NO) else "选择题"
