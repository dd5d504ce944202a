"""What colleagues write into the cells of a question: choices, answers, levels."""

import re
import unicodedata
from collections.abc import Sequence

from bot.bank_columns import LETTERS
from bot.sheets import Cell
from sop.answers import normalise

TRUE_FALSE = ("对", "错")
YES_NO = ("是", "否")

_TRUE = frozenset(["对", "对的", "正确", "√", "✓", "✔", "☑", "t", "true", "yes", "真"])
_FALSE = frozenset(
    ["错", "错的", "错误", "不对", "不正确", "×", "✗", "✘", "f", "false", "no", "假"]
)
_LEVELS = {
    "easy": "易 简单 容易 较易 初级 低 easy ★",
    "medium": "中 中等 一般 普通 适中 中级 medium ★★",
    "hard": "难 困难 较难 高级 高 hard ★★★",
}
_LEVEL_OF = {word: level for level, words in _LEVELS.items() for word in words.split()}
_LETTERED = re.compile(
    r"(?:^|(?<=[\s;；|,，、。]))\s*[(（]?([A-HＡ-Ｈ])[)）]?\s*[.．、:：)）\s]\s*"
)


# 选Ｂ。 / B、50 万元 / 答案：b
_LETTER = re.compile(
    r"(?:答案)?:?\s*(?:选项|选)?\s*\(?([A-Ha-h])\)?(?:项)?(?:\s*[.、:)。]\s*(.*))?"
)


class UnclearCell(Exception):
    """A cell that cannot be understood, and what to write instead, in Chinese."""

    def __init__(self, cell: Cell, text: str) -> None:
        super().__init__(cell, text)
        self.cell, self.text = cell, text


def one_line(text: str) -> str:
    return " ".join(text.split())


def separate(text: str) -> list[str]:
    """Several answers in one cell, apart by line, `；` or `|`."""
    parts = (one_line(one) for one in re.split(r"[;；|｜\n]", text))
    return list(dict.fromkeys(one for one in parts if one))


def difficulty(cell: Cell) -> str:
    """Raises UnclearCell."""
    word = unicodedata.normalize("NFKC", one_line(cell.text)).lower().replace("☆", "")
    word = word.replace(" ", "")
    if not word:
        return "medium"
    if word not in _LEVEL_OF:
        raise UnclearCell(cell, f"看不懂难度“{cut(cell.text)}”，请写 易、中 或 难。")
    return _LEVEL_OF[word]


def split_choices(cell: Cell) -> list[str]:
    """All choices of one cell: `A. 甲 B. 乙`, or one a line, or apart by `；` or `|`."""
    if not cell.text:
        return []
    marks = [unicodedata.normalize("NFKC", one) for one in _LETTERED.findall(cell.text)]
    if len(marks) > 1 and marks == list(LETTERS[: len(marks)]):
        parts = [one_line(one).rstrip(";；|,，、") for one in _LETTERED.split(cell.text)[2::2]]
    else:
        parts = [one_line(one) for one in re.split(r"[\n;；|｜]", cell.text)]
        parts = without_letters([one for one in parts if one])
    if len(parts) < 2 or not all(parts):
        raise UnclearCell(cell, "这一格分不出几个选项。请每行写一个，例如第一行“A. 20 万元”。")
    return parts


def without_letters(choices: Sequence[str]) -> list[str]:
    """`A. 甲`, `B. 乙` without their letters, if every choice begins with its own."""
    bare = []
    for letter, choice in zip(LETTERS, choices, strict=False):
        wide = "[" + letter + chr(ord(letter) + 0xFEE0) + "]"
        found = re.fullmatch(rf"[(（]?{wide}\s*[.．、:：)）]\s*(.+)", choice)
        if found is None:
            return list(choices)
        bare.append(found[1])
    return bare if len(bare) == len(choices) else list(choices)


def answered(cell: Cell, choices: list[str]) -> tuple[list[str], str]:
    """(choices, answer as a bank writes it: a choice's letter); a judgement gets its two choices.

    Raises UnclearCell.
    """
    text = one_line(cell.text)
    if not choices:
        return _judgement(text) or ([], text)
    index = _index(text, choices)
    if index is not None:
        letter = LETTERS[index]
        taken = normalise(letter) in [normalise(one) for one in choices]
        return choices, choices[index] if taken else letter
    letters = LETTERS[: len(choices)]
    several = re.sub(r"[\s,，、;；和]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(several) > 1 and set(several) <= set(letters):
        text = f"这里有几个答案“{cut(text)}”。只能导入单选题：请改成一个字母，或改写题目。"
        raise UnclearCell(cell, text)
    raise UnclearCell(
        cell,
        f"答案“{cut(text)}”既不是选项字母（{'、'.join(letters)}），也不是选项原文。"
        f"请写 {letters[0]} 到 {letters[-1]} 中的一个。",
    )


def _index(text: str, choices: Sequence[str]) -> int | None:
    """Which choice is meant: by its words, by its letter, or by 对 for 正确."""
    options = [normalise(one) for one in choices]
    if normalise(text) in options:
        return options.index(normalise(text))
    if found := _LETTER.fullmatch(unicodedata.normalize("NFKC", text)):
        index, words = LETTERS.index(found[1].upper()), found[2]
        fits = index < len(choices) and (not words or normalise(words) == options[index])
        return index if fits else None
    word = unicodedata.normalize("NFKC", text).lower()
    for words_of in (_TRUE, _FALSE):
        fitting = [number for number, one in enumerate(choices) if one.lower() in words_of]
        if word in words_of and len(fitting) == 1:
            return fitting[0]
    return None


def _judgement(text: str) -> tuple[list[str], str] | None:
    word = unicodedata.normalize("NFKC", text).lower()
    if word in _TRUE | _FALSE:
        return list(TRUE_FALSE), "A" if word in _TRUE else "B"
    if word in YES_NO:
        return list(YES_NO), "AB"[YES_NO.index(word)]
    return None


def cut(text: str) -> str:
    """As much of a cell as a message needs, on one line."""
    line = "".join(one if one.isprintable() else " " for one in one_line(text))
    return line if len(line) <= 30 else f"{line[:30]}……"
