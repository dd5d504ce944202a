"""What colleagues write into a list of leads: phone numbers, priorities, names of colleagues."""

import re
import unicodedata

from bot.sheets import Cell

LONGEST_NAME = 20
LONGEST_NOTE = 100
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0\d{2,3})(\d{7,8})")
_SEVERAL = re.compile(r"[/、;，,]|或")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_PRIORITIES = {
    "": 2,
    "1": 1,
    "高": 1,
    "急": 1,
    "优先": 1,
    "2": 2,
    "中": 2,
    "一般": 2,
    "普通": 2,
    "3": 3,
    "低": 3,
}
USUAL_PRIORITY = 2


class UnclearCell(Exception):
    """A cell that cannot be used; the text says what to write instead."""

    def __init__(self, cell: Cell, text: str) -> None:
        super().__init__(text)
        self.cell = cell
        self.text = text


def phone(cell: Cell) -> str:
    """The digits of a mobile (`13812345678`) or a landline with its area code (`02161234567`).

    Full-width digits, blanks, dashes, brackets, +86 and 0086 are no matter. Raises UnclearCell.
    """
    text = unicodedata.normalize("NFKC", cell.text)
    if not text.strip():
        raise UnclearCell(cell, "没有写手机号。请补上，或删掉整行。")
    if _SEVERAL.search(text) and len(re.findall(r"\d{7,}", text)) > 1:
        raise UnclearCell(cell, "一格只能写一个号码，请只留最常用的那个。")
    if _SCIENTIFIC.fullmatch(text.strip()):
        said = "号码被 Excel 改成了科学计数。请把这一列的格式设为“文本”，再重新输入。"
        raise UnclearCell(cell, said)
    bare = re.sub(r"[\s()\-‐-―−.]", "", text)
    digits = re.sub(r"^(\+|00)", "", bare)
    if digits.startswith("86") and _MOBILE.fullmatch(digits[2:]):
        digits = digits[2:]
    elif digits != bare and digits.startswith("86"):  # +86 21 6123 4567
        digits = f"0{digits[2:].removeprefix('0')}"
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    raise UnclearCell(cell, _why(cell, digits))


def _why(cell: Cell, digits: str) -> str:
    odd = next((one for one in digits if not one.isdigit()), None)
    if odd is not None:
        return f"“{cell.text[:20]}”不是电话号码：里面有“{odd}”。"
    if digits.startswith("1") and len(digits) != 11:
        return f"手机号要 11 位，这里有 {len(digits)} 位。"
    if digits.startswith("1"):
        return f"没有 {digits[:2]} 开头的手机号，请核对。"
    if len(digits) in (7, 8):
        return "座机前面要写区号，例如 021-61234567。"
    return "看不懂这个号码。手机号写 11 位，座机写区号和号码，例如 021-61234567。"


def is_landline(number: str) -> bool:
    """Whether nobody can be added by this number in WeChat."""
    return not _MOBILE.fullmatch(number)


def masked(number: str) -> str:
    """`138****5678`, `021****4567`: enough to tell two numbers apart, and no more."""
    return f"{number[:3]}****{number[-4:]}"


def priority(cell: Cell) -> int:
    """1 goes first, 3 last; an empty cell is 2. Raises UnclearCell."""
    word = unicodedata.normalize("NFKC", cell.text).strip()
    if word not in _PRIORITIES:
        raise UnclearCell(cell, f"看不懂优先级“{cell.text[:20]}”，请写 1、2、3，或高、中、低。")
    return _PRIORITIES[word]


def name(cell: Cell) -> str:
    """What the lead is called. Raises UnclearCell."""
    text = " ".join(cell.text.split())
    if not text:
        raise UnclearCell(cell, "没有写姓名。请写怎么称呼，例如 王女士。")
    if len(text) > LONGEST_NAME:
        raise UnclearCell(cell, f"姓名最长 {LONGEST_NAME} 个字，这里有 {len(text)} 个。")
    return text


def note(cell: Cell) -> str:
    """A remark for the colleague. Raises UnclearCell."""
    text = " ".join(cell.text.split())
    if len(text) > LONGEST_NOTE:
        raise UnclearCell(cell, f"备注最长 {LONGEST_NOTE} 个字，这里有 {len(text)} 个。")
    return text
