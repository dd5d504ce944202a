"""Long texts cut into messages that fit WeCom's byte limits, with nothing lost.

WeCom counts bytes of UTF-8 (a Chinese character is 3, an emoji 4 or more) and either refuses
what is longer or silently cuts it (wecom-protocol.md A.3, E.2, K.2).
"""

import re
import unicodedata

SMALLEST_LIMIT = 64

_UNBREAKABLE = re.compile(
    r"<font[^>]*>.*?</font>"
    r"|\*\*(?!\s)[^\n]+?\*\*"
    r"|\[[^\]\n]*\]\([^)\n]*\)"
    r"|`[^`\n]+`"
    r"|<@[^>\n]+>",
    re.DOTALL,
)
_BORDERS = (
    re.compile(r"\n[^\S\n]*\n\s*"),
    re.compile(r"\n"),
    re.compile(r"[。！？；…!?;]+[”’」』）)]*\s*|\.\s+"),
    re.compile(r"[，、：,:]+\s*|\s+"),
)
"""Where a cut hurts least: after a paragraph, a line, a sentence, a phrase."""
_JOINER = "\u200d"


def split_text(text: str, limit_bytes: int) -> list[str]:
    """Parts of at most `limit_bytes` bytes each, marked `(1/3)` at their end if several.

    Cuts at the border of a paragraph, a line, a sentence, a phrase or a character, the first of
    these that leaves the part at least half full; never inside a character, a link, `**bold**`,
    a `<font>`, a mention or `code`, unless that alone is longer than a part. Only white space
    at the cuts is dropped. Raises ValueError for a limit below 64.
    """
    if limit_bytes < SMALLEST_LIMIT:
        raise ValueError(f"limit of {limit_bytes} bytes is below {SMALLEST_LIMIT}")
    if len(text.encode()) <= limit_bytes:
        return [text]
    digits = 1
    while True:
        marker = len("\n(/)") + 2 * digits
        parts = _Cutter(text, limit_bytes - marker).parts()
        if len(str(len(parts))) <= digits:
            break
        digits += 1
    if len(parts) == 1:
        return parts
    return [f"{part}\n({number}/{len(parts)})" for number, part in enumerate(parts, 1)]


class _Cutter:
    """One text and one budget of bytes."""

    def __init__(self, text: str, budget: int) -> None:
        self._text = text
        self._budget = budget
        self._whole = [match.span() for match in _UNBREAKABLE.finditer(text)]
        self._borders = [[match.end() for match in kind.finditer(text)] for kind in _BORDERS]

    def parts(self) -> list[str]:
        parts = []
        start = 0
        while start < len(self._text):
            end = self._end(start)
            part = self._text[start:end].strip("\n").rstrip()
            if part:
                parts.append(part)
            start = end
        return parts

    def _end(self, start: int) -> int:
        """Where the part that begins at `start` ends."""
        furthest, half = self._reach(start)
        if furthest == len(self._text):
            return furthest
        for respected in (self._whole, []):
            for borders in self._borders:
                cut = max(
                    (one for one in borders if half <= one <= furthest and _free(one, respected)),
                    default=None,
                )
                if cut is not None:
                    return cut
            for cut in range(furthest, start, -1):
                if _free(cut, respected) and not self._clings(cut):
                    return cut
        return furthest

    def _reach(self, start: int) -> tuple[int, int]:
        """The last position within the budget, and the first that fills half of it."""
        used, half, end = 0, start, start
        while end < len(self._text):
            used += len(self._text[end].encode())
            if used > self._budget:
                break
            end += 1
            if used * 2 < self._budget:
                half = end + 1
        return end, max(half, start + 1)

    def _clings(self, cut: int) -> bool:
        """True between two code points that show as one character."""
        before, after = self._text[cut - 1], self._text[cut]
        return (
            unicodedata.combining(after) != 0
            or unicodedata.category(after) in ("Mn", "Me")
            or after == _JOINER
            or before == _JOINER
            or "\U0001f3fb" <= after <= "\U0001f3ff"
            or (_is_flag_letter(before) and _is_flag_letter(after))
        )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _free(cut: int, spans: list[tuple[int, int]]) -> bool:
    """True if the cut is inside none of the spans."""
    return not any(start < cut < end for start, end in spans)
