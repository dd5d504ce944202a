"""What members type to a gathering, and how its figures are written.

“投票 2”, “投票：２”, “投 票2”, “我要投票 B” and “投票 亲子游” are one; what cannot be read for
certain is answered with how to write it, never guessed.
"""

import re
import unicodedata
from collections.abc import Sequence

from sop.answers import LETTERS, LONGEST, normalise
from sop.numerals import rewrite

_HEAD = 24
"""Characters in which a keyword must lie: a longer message is not searched."""
_BEFORE = ("", "我", "我要", "我想", "我来", "我的")
_BETWEEN = " \t\r\n\u3000\u200b\ufe0f:：,，.。、;；|=＝!！~～*#—"
_GAPS = re.compile(r"[\s,、;/+&.。|和与跟及]+")
_AROUND = re.compile(r"^(?:我|俺)?(?:要|想)?(?:选择?|投给?|给|赞成|支持)?(?:第|选项|no)?")
_AFTER = re.compile(r"(?:号|项|个|票|选项)?(?:吧|啊|呀|哦|噢|呢|啦|哈|嘛|了)*$")
_NUMBERED = re.compile(r"(?:[1-8][a-h])+")
_BAR = 10


def after_keyword(text: str, keyword: str) -> str | None:
    """What follows the keyword, as typed; None when the message does not begin with it."""
    wanted = normalise(keyword)
    head = text[:_HEAD]
    if wanted not in normalise(head):
        return None
    spellings = {normalise(before + keyword) for before in _BEFORE}
    for end in range(1, len(head) + 1):
        if normalise(head[:end]) in spellings:
            return text[end:].lstrip(_BETWEEN).rstrip()
    return None


def chosen(words: str, options: Sequence[str]) -> list[int] | None:
    """Indexes of the options meant, in the options' order; None when that is not certain.

    An option's own words come first, or enough of them; then numbers and letters, apart or
    together: `1 3`, `13`, `AC`, `②`, `第二个`.
    """
    if len(words) > LONGEST:
        return None
    whole = _named(words, options)
    if whole is not None:
        return [whole]
    found: set[int] = set()
    for part in _GAPS.split(unicodedata.normalize("NFKC", words).strip()):
        if not normalise(part):
            continue
        named = _named(part, options)
        marks = [named] if named is not None else _marks(part, len(options))
        if marks is None:
            return None
        found.update(marks)
    return sorted(found) or None


def _named(words: str, options: Sequence[str]) -> int | None:
    said = normalise(words)
    known = [normalise(one) for one in options]
    if said in known:
        return known.index(said)
    if len(said) < 2 or said.isascii():
        return None
    alike = [number for number, one in enumerate(known) if said in one]
    return alike[0] if len(alike) == 1 else None


def _marks(part: str, count: int) -> list[int] | None:
    """`13号` → [0, 2]; every character is the mark of an option, or nothing is read."""
    bare = _AFTER.sub("", _AROUND.sub("", normalise(part), count=1), count=1)
    marks = [_mark(one, count) for one in bare]
    if not marks or None in marks:
        return None
    return [one for one in marks if one is not None]


def _mark(one: str, count: int) -> int | None:
    letter = LETTERS.lower().find(one)
    digit = rewrite(one)
    number = letter if letter >= 0 else int(digit) - 1 if digit.isdecimal() else -1
    return number if 0 <= number < count else None


def letters(words: str, questions: int) -> list[int] | None:
    """One choice to each question: `ACB`, `a c b`, `1A 2C 3B`, `132`; None when it is not that
    many. Whether a question has the choice is for the caller to see."""
    if len(words) > LONGEST:
        return None
    typed = normalise(words).replace(" ", "")
    kept = "".join(one for one in typed if one.isascii() and one.isalnum())
    if _NUMBERED.fullmatch(kept) and len(kept) == 2 * questions:
        if any(int(kept[2 * n]) != n + 1 for n in range(questions)):
            return None
        kept = kept[1::2]
    if len(kept) != questions:
        return None
    if all(one in LETTERS.lower() for one in kept):
        return [LETTERS.lower().index(one) for one in kept]
    if all(one in "12345678" for one in kept):
        return [int(one) - 1 for one in kept]
    return None


def percent(part: int, whole: int) -> str:
    """`67%`, rounded half up; `无数据` of nothing."""
    return "无数据" if whole == 0 else f"{(200 * part + whole) // (2 * whole)}%"


def bar(part: int, whole: int) -> str:
    """Ten blocks; whoever has one vote has one block."""
    full = (2 * _BAR * part + whole) // (2 * whole) if whole else 0
    full = max(full, 1 if part else 0)
    return "█" * full + "░" * (_BAR - full)


def chart(rows: Sequence[tuple[str, int]], whole: int, unit: str) -> str:
    """Label, bar, percentage of `whole`, and count: two lines each, readable on a phone."""
    return "\n".join(
        f"{label}\n{bar(count, whole)} {percent(count, whole)}（{count} {unit}）"
        for label, count in rows
    )
