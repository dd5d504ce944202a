"""A colleague's list of people to add → leads, with every problem of every cell at once.

Who works a lead: the colleague of its row, else the owner of its community, else the channel's
colleagues in turn. Which benefit it is offered its number decides, so that a second list offers
the same person the same.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import TypeVar

from bot import lead_values as values
from bot.lead_values import UnclearCell
from bot.sheets import Cell, Row, Sheet, read_sheets
from sop.channel import Benefit, Channel
from sop.community import Community, Role, Staff

T = TypeVar("T")
_SEARCHED = 10
"""Rows; a header may stand below a title."""
_FIELDS = {
    "姓名": "name",
    "客户姓名": "name",
    "称呼": "name",
    "客户": "name",
    "手机": "phone",
    "手机号": "phone",
    "手机号码": "phone",
    "电话": "phone",
    "联系电话": "phone",
    "电话号码": "phone",
    "优先级": "priority",
    "优先": "priority",
    "客户经理": "staff",
    "负责人": "staff",
    "社群": "community",
    "群": "community",
    "备注": "note",
    "说明": "note",
}
_NO_HEADER = "没有找到表头。要有一行写着“姓名”和“手机号”，还可以有优先级、客户经理、社群、备注。"


class Faulty(Exception):
    """Nothing was imported; each text names its cell."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(*faults)
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class LeadLine:
    """One lead as the list has it."""

    line: int
    """Row of the file; of several sheets the later ones count on."""
    name: str
    phone: str
    priority: int
    staff: str
    community: str
    note: str
    variant: str = ""
    benefit: str = ""


@dataclass(frozen=True, slots=True)
class LeadList:
    """A list that is right in itself, and what its author should know."""

    lines: Sequence[LeadLine]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Around:
    """What a list may refer to."""

    channel: Channel
    communities: Sequence[Community]
    staff: Mapping[str, Staff]
    blind: Callable[[str], str]
    """A keyed hash of a number."""


def read_leads(path: Path, around: Around) -> LeadList:
    """Raises bot.sheets.Unusable for a file that is no table, Faulty for what is in it."""
    reader = _Reader(path.name, around)
    for sheet in read_sheets(path):
        if not sheet.hidden:
            reader.read(sheet)
    if not reader.headers:
        raise Faulty([f"{path.name}：{_NO_HEADER}"])
    if not reader.lines and not reader.faults:
        raise Faulty([f"{path.name}：表头下面没有客户。"])
    if reader.faults:
        raise Faulty(reader.faults)
    return LeadList(reader.lines, reader.notes())


def benefit_of(channel: Channel, phone_hash: str) -> Benefit | None:
    """The benefit that a lead is offered: for ever the same one of the same number and channel."""
    benefits = channel.leads.benefits if channel.leads else []
    if not benefits:
        return None
    digest = hashlib.sha256(f"{channel.channel}/{phone_hash}".encode()).digest()
    return benefits[int.from_bytes(digest[:8]) % len(benefits)]


@dataclass(slots=True)
class _Reader:
    """Collects leads and faults, sheet after sheet."""

    file: str
    around: Around
    lines: list[LeadLine] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    headers: int = 0
    _first: dict[str, str] = field(default_factory=dict)
    _before: int = 0
    _turns: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = cycle(self.around.channel.colleagues(self.around.communities) or [""])

    def read(self, sheet: Sheet) -> None:
        header = _header(sheet)
        if header is None:
            return
        row, columns = header
        self.headers += 1
        last = row
        for one in sheet.rows:
            if one[0].row > row and any(not _cell(one, at).empty for at in columns.values()):
                self._row(sheet, columns, one)
                last = one[0].row
        self._before += last

    def notes(self) -> list[str]:
        """What is right but worth a word."""
        landlines = sum(values.is_landline(one.phone) for one in self.lines)
        return [f"有 {landlines} 个座机：打得通，加不了微信。"] if landlines else []

    def _row(self, sheet: Sheet, columns: Mapping[str, int], row: Row) -> None:
        cells = {name: _cell(row, at) for name, at in columns.items()}
        before = len(self.faults)

        def read(name: str, how: Callable[[Cell], T], usual: T) -> T:
            cell = cells.get(name, Cell(row[0].row, 1))
            try:
                if cell.wrong:
                    raise UnclearCell(cell, cell.wrong)
                return how(cell)
            except UnclearCell as error:
                self._fault(sheet, error.cell, error.text)
                return usual

        place = read("community", self._community, "")
        phone = read("phone", values.phone, "")
        staff = read("staff", lambda cell: self._staff(cell, place), "")
        line = LeadLine(
            line=self._before + row[0].row,
            name=read("name", values.name, ""),
            phone=phone,
            priority=read("priority", values.priority, values.USUAL_PRIORITY),
            staff=staff,
            community=place,
            note=read("note", values.note, ""),
        )
        if phone:
            self._once(sheet, cells["phone"], phone)
        if len(self.faults) == before:
            benefit = benefit_of(self.around.channel, self.around.blind(phone))
            self.lines.append(
                replace(
                    line,
                    staff=staff or next(self._turns),
                    variant=benefit.name if benefit else "",
                    benefit=benefit.text if benefit else "",
                )
            )

    def _once(self, sheet: Sheet, cell: Cell, phone: str) -> None:
        place = self._at(sheet, cell)
        first = self._first.setdefault(phone, place)
        if first != place:
            self._fault(sheet, cell, f"和 {first} 是同一个号码。请只留一行。")

    def _community(self, cell: Cell) -> str:
        typed = cell.text.strip()
        if not typed:
            return ""
        found = [one for one in self.around.communities if typed in (one.id, one.name)]
        if len(found) != 1:
            raise UnclearCell(cell, f"没有叫“{typed[:20]}”的社群，请写社群的名称或编号。")
        return found[0].id

    def _staff(self, cell: Cell, place: str) -> str:
        """The colleague of the row, else the owner of its community, else nobody yet."""
        typed = cell.text.strip()
        if not typed:
            owners = [one.owner for one in self.around.communities if one.id == place]
            return owners[0] if owners else ""
        found = [one.id for one in self.around.staff.values() if typed in (one.id, one.name)]
        if not found:
            raise UnclearCell(cell, f"同事里没有“{typed[:20]}”，请写姓名或 userid。")
        if len(found) > 1:
            listed = "、".join(found)
            raise UnclearCell(cell, f"叫“{typed[:20]}”的同事不止一位（{listed}），请写 userid。")
        if Role.RM not in self.around.staff[found[0]].roles:
            raise UnclearCell(cell, f"“{typed[:20]}”不是客户经理，不能跟线索。")
        return found[0]

    def _at(self, sheet: Sheet, cell: Cell) -> str:
        inside = f"{sheet.name}!{cell.reference}" if sheet.name else cell.reference
        return f"{self.file} 的 {inside}"

    def _fault(self, sheet: Sheet, cell: Cell, text: str) -> None:
        self.faults.append(f"{self._at(sheet, cell)}：{text}")


def _header(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """(Row, column by field) of the first row that has a name and a number."""
    for row in sheet.rows[:_SEARCHED]:
        columns: dict[str, int] = {}
        for cell in row:
            name = _FIELDS.get(_title(cell.text))
            if name is not None:
                columns.setdefault(name, cell.column)
        if {"name", "phone"} <= columns.keys():
            return row[0].row, columns
    return None


def _title(text: str) -> str:
    """`手机号（必填）*` → `手机号`."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s*:]", "", re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", plain))


def _cell(row: Row, column: int) -> Cell:
    at = column - 1
    return row[at] if at < len(row) else Cell(row[0].row, column)


def summary(lines: Sequence[LeadLine], staff: Mapping[str, Staff]) -> list[str]:
    """How many, by priority, colleague and benefit."""
    by_priority = Counter(one.priority for one in lines)
    by_staff = Counter(one.staff for one in lines)
    by_variant = Counter(one.variant for one in lines if one.variant)
    parts = "，".join(f"优先级 {one} 有 {by_priority[one]} 位" for one in sorted(by_priority))
    named = "，".join(
        f"{staff[one].name if one in staff else one} {n} 位" for one, n in sorted(by_staff.items())
    )
    found = [f"一共 {len(lines)} 位：{parts}", f"分给：{named}"]
    if by_variant:
        variants = "，".join(f"{one} {n} 位" for one, n in sorted(by_variant.items()))
        found.append(f"权益：{variants}")
    return found
