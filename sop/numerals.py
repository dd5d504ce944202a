"""Numbers as people type them: 50万, 五十万 and 500,000 are one number, 500万 is another.

Only what can be read in one way is rewritten; 三五 (three to five), 一万五 (15,000 in speech,
10,005 by the letter) and phone numbers with a leading zero stay as they are.
"""

import re
from decimal import Decimal

_DIGITS = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4,
    "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_LARGE = (("亿", 10**8), ("万", 10**4))
_UNITS = frozenset("十百千万亿")
_RUN = re.compile("[0-9.零〇一二两三四五六七八九十百千万亿]+")
_PER_CENT = re.compile("百分之([0-9.零〇一二两三四五六七八九十百点]+)")
_ONE = "[0-9]+(?:[.][0-9]+)?|[一二两三四五六七八九]"
_SECTION = re.compile(
    f"(?:(?P<q>{_ONE})千)?[零〇]?(?:(?P<b>{_ONE})百)?[零〇]?"
    f"(?:(?P<s>(?:{_ONE})?)十)?[零〇]?(?P<g>{_ONE})?"
)
_LONGEST = 20

NUMERALS = frozenset("0123456789零〇一二两三四五六七八九十百千万亿半")
"""Characters that make a text one about numbers."""


def rewrite(text: str) -> str:
    """`text` with every number that has one reading in plain digits, and 百分之五 as `5%`."""
    return _RUN.sub(_plain, _PER_CENT.sub(_per_cent, text))


def _per_cent(match: re.Match[str]) -> str:
    whole, point, decimals = match[1].partition("点")
    if not point:
        value = _value(whole)
        return f"{_written(value)}%" if value is not None else match[0]
    before = _value(whole)
    after = "".join(str(_DIGITS.get(one, one)) for one in decimals)
    if before is None or not after.isascii() or not after.isdigit():
        return match[0]
    return f"{_written(before + Decimal(f'0.{after}'))}%"


def _plain(match: re.Match[str]) -> str:
    value = _value(match[0])
    return match[0] if value is None else _written(value)


def _written(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value(run: str) -> Decimal | None:
    """The number that `run` means; None when it has no reading, or more than one."""
    if len(run) > _LONGEST or run[0] == ".":
        return None
    if not any(one in _UNITS for one in run):
        return _unitless(run)
    return _with_units(run)


def _unitless(run: str) -> Decimal | None:
    if re.fullmatch("[0-9]+(?:[.][0-9]+)?", run):
        return None if re.match("0[0-9]", run) else Decimal(run)
    if any(one not in _DIGITS for one in run):
        return None
    # 三五 or 一二 may mean "three to five"; a year or a telephone number cannot.
    if 1 < len(run) < 4 and "〇" not in run:
        return None
    digits = "".join(str(_DIGITS[one]) for one in run)
    return None if len(digits) > 1 and digits[0] == "0" else Decimal(digits)


def _with_units(run: str) -> Decimal | None:
    """Positional reading, also of mixed writing: 两千三百, 1.5万, 2千万, 一万亿."""
    for unit, size in _LARGE:
        before, found, after = run.rpartition(unit)
        if found:
            high, low = _value(before) if before else None, _low(after)
            return None if high is None or low is None else high * size + low
    return _section(run)


def _low(after: str) -> Decimal | None:
    """What follows 万 or 亿. A bare digit there has two readings (一万五), so none."""
    if not after:
        return Decimal(0)
    rest = after.lstrip("零〇")
    if not rest or (len(rest) == 1 and rest == after):
        return None
    return _value(rest)


def _section(run: str) -> Decimal | None:
    """Below 万: 一千零五, 一百十五, 3百. 三百五 has two readings."""
    match = _SECTION.fullmatch(run)
    if match is None:
        return None
    thousands, hundreds, tens, ones = (match[name] for name in ("q", "b", "s", "g"))
    if ones and tens is None and run[match.start("g") - 1] not in "零〇":
        return None
    parts = ((thousands, 1000), (hundreds, 100), ("一" if tens == "" else tens, 10), (ones, 1))
    return sum((_digit(one) * size for one, size in parts if one), Decimal(0))


def _digit(text: str) -> Decimal:
    return Decimal(_DIGITS.get(text, text))
