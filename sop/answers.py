"""Is what a member wrote the answer to a question? Tolerant of form, strict about meaning.

Forms that are equal: full and half width, traditional and simplified, case, spaces, punctuation,
50万 and 五十万, `A` and `我选A` and the option's own words. Meanings that stay apart: 50万 and
500万, 能 and 不能, 一年 and 二年. A typing error is forgiven only where it cannot turn the meaning.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from sop.bank import Bank, Question
from sop.numerals import NUMERALS, rewrite

if TYPE_CHECKING:
    from opencc import OpenCC

LETTERS = "ABCDEFGH"
"""How choices are numbered; a question has at most eight."""

LONGEST = 120
"""Characters; a longer message is a conversation, not an answer, and costs us nothing."""

MOST_BYTES = 1500
"""UTF-8 bytes of a question with its choices that a phone shows without scrolling far."""


class Verdict(StrEnum):
    """What a message is to a question."""

    RIGHT = "right"
    WRONG = "wrong"
    CHATTER = "chatter"
    """No answer at all: people also talk."""


_RIGHT_MARK = str.maketrans(dict.fromkeys("✓✔☑✅", "√") | dict.fromkeys("✗✘❌✖☒", "×"))
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])\s*([.:/~～—–-]+|至|到)\s*(?=[0-9])")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_GAP = re.compile(r"(?<=[0-9])[\s,、;]+(?=[0-9])")
_MINUS = re.compile(r"(?<![\w)])[-−](?=[0-9])")
_KEPT = frozenset("%√×.-:/ ")

_BEFORE = re.compile(
    "^(?:我|俺)?(?:觉得|认为|感觉|猜|想)?(?:答案|正确答案)?(?:应该|应当|就)?"
    "(?:是|为|选择|选(?!项)|答)?(?:选项)?"
)
_AFTER = re.compile("(?:选项|项)?(?:吧|啊|呀|哦|噢|呢|啦|哈|嘛|喽|咯|了)*$")
_TRUE = frozenset({"对", "对的", "正确", "是", "是的", "没错", "√", "t", "true", "yes"})
_FALSE = frozenset({"错", "错的", "错误", "不对", "不是", "不正确", "×", "f", "false", "no"})
_SMALL_TALK = re.compile(
    "在|来了|我来了?|收到|好的?|好嘞|谢谢|感谢|早上?好?|晚上好|你好|大家好|加油|不知道|不会|不懂|太难了|好难|有点难|"
    "求?提示|揭晓|开始|继续|等等|稍等|厉害|牛|赞|棒|ok|okay|hi|hello|[哈呵嘻嘿嗯哦啊6]+"
)
_NEGATION = frozenset("不没无非未勿别莫否禁免")
# One of a pair of opposites exchanged for the other is no typing error.
_POLAR = frozenset(
    "高低上下升降涨跌买卖存取借贷收付进出增减多少大小长短前后内外男女真假正反逆顺公私主次先优劣"
    "强弱快慢松紧活定有可必须甲乙丙丁东西南北左右"
)
# Exchanged for each other these name another thing: 存款保险 and 存款保证.
_KINDS = frozenset("股债银证保险信基期本利息日月周年税费")


@cache
def _simplifier() -> "OpenCC":
    # Imported where it is used: the tables take a tenth of a second that most commands need not.
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters."""
    return _simplifier().convert(text)


@lru_cache(maxsize=1024)  # a message is compared with keywords, then with each game's words
def normalise(text: str) -> str:
    """The form that answers are compared in. Only for comparing: it reads badly."""
    wide = unicodedata.normalize("NFKC", text.translate(_RIGHT_MARK))
    folded = unicodedata.normalize("NFKC", wide.casefold())
    visible = "".join(one for one in folded if unicodedata.category(one) not in ("Cf", "Mn"))
    numbers = _GAP.sub(" ", _THOUSANDS.sub("", visible))
    marked = _MINUS.sub("\x00", _BETWEEN_DIGITS.sub(_joint, numbers))
    kept = "".join(one for one in marked if _meaningful(one))
    kept = re.sub(r"(?<![0-9])[.:/ ]|[.:/ ](?![0-9])|(?<![0-9])-|-(?![0-9])", "", kept)
    return rewrite(simplified(kept.replace("\x00", "-")))


def _joint(match: re.Match[str]) -> str:
    """What stands between two digits carries meaning: 5-10, 2.5, 10:30, 3/4."""
    mark = match[1]
    return mark if mark in (".", ":", "/") else "-"


def _meaningful(one: str) -> bool:
    return one in _KEPT or one == "\x00" or unicodedata.category(one)[0] in "LN"


def match(question: Question, said: str) -> Verdict:
    """Judges one message."""
    if len(said) > LONGEST:
        return Verdict.CHATTER
    text = normalise(said)
    if not text:
        return Verdict.CHATTER
    readings = _readings(text)
    if question.choices:
        return _match_choice(question, readings)
    return _match_free(question, readings, asked=said.rstrip().endswith(("?", "？", "吗")))


def _readings(text: str) -> tuple[str, ...]:
    """The words themselves, and without 我觉得是 … 吧 around them."""
    bare = _AFTER.sub("", _BEFORE.sub("", text, count=1), count=1)
    return (text,) if bare in (text, "") else (text, bare)


def right_choice(question: Question) -> int | None:
    """Index of the right choice: the answer is its letter or its words. None: it is neither."""
    wanted = normalise(question.answer)
    for index, choice in enumerate(question.choices):
        if normalise(choice) == wanted:
            return index
    index = LETTERS.lower().find(wanted) if len(wanted) == 1 else -1
    return index if 0 <= index < len(question.choices) else None


def _match_choice(question: Question, readings: Sequence[str]) -> Verdict:
    chosen = _chosen(question, readings)
    if chosen is None:
        return Verdict.CHATTER
    return Verdict.RIGHT if chosen == right_choice(question) else Verdict.WRONG


def _chosen(question: Question, readings: Sequence[str]) -> int | None:
    """Which choice is meant; None when it is none, or not clearly one."""
    options = [normalise(choice) for choice in question.choices]
    accepted = {normalise(one) for one in question.accept}
    for text in readings:
        if text in options:
            return options.index(text)
        if text in accepted:
            return right_choice(question)
        for index, option in enumerate(options):
            letter = LETTERS[index].lower()
            if text in (letter, letter + option, option + letter):
                return index
            if any(text in words and option in words for words in (_TRUE, _FALSE)):
                return index
    return None


def _match_free(question: Question, readings: Sequence[str], *, asked: bool) -> Verdict:
    right = [normalise(one) for one in (question.answer, *question.accept)]
    if any(text in right for text in readings):
        return Verdict.RIGHT
    if any(_nearly(text, one) for text in readings for one in right):
        return Verdict.RIGHT
    if asked or not _an_attempt(readings, right):
        return Verdict.CHATTER
    return Verdict.WRONG


def _an_attempt(readings: Sequence[str], right: Sequence[str]) -> bool:
    """A wrong answer locks its member out, so only what looks like an answer is one."""
    text = readings[-1]
    longest = max(6, 2 * max(len(one) for one in right))
    if _SMALL_TALK.fullmatch(text) or len(text) > longest:
        return False
    number_wanted = all(any(one.isdigit() for one in answer) for answer in right)
    return not number_wanted or any(one.isdigit() for one in text)


def _nearly(said: str, right: str) -> bool:
    """One slip in four characters, two in eight — where no slip could turn the meaning."""
    if len(right) < 4 or len(said) < 4:
        return False
    if any(one in NUMERALS or one in _NEGATION for one in said + right):
        return False
    from rapidfuzz.distance import Levenshtein

    allowed = 1 if len(right) < 8 else 2
    edits = Levenshtein.editops(right, said)
    if len(edits) > allowed:
        return False
    if right.isascii() and said.isascii():
        return True
    # A character more or less is another word in Chinese (存款保险费); a wrong one is a slip.
    return len(said) == len(right) and not any(
        _turns(right[edit.src_pos], said[edit.dest_pos]) for edit in edits
    )


def _turns(meant: str, typed: str) -> bool:
    """Whether this exchange of one character can change what is said."""
    return bool({meant, typed} & _POLAR) or {meant, typed} <= _KINDS


def question_problems(question: Question) -> list[str]:
    """What makes a question unanswerable or unreadable, in Chinese; empty when it is fine."""
    problems = []
    options = [normalise(choice) for choice in question.choices]
    if len(options) == 1:
        problems.append("只有一个选项，至少要有两个")
    if len(set(options)) < len(options):
        problems.append("有两个选项在忽略标点和繁简后相同")
    if options and right_choice(question) is None:
        letters = LETTERS[: len(options)]
        problems.append(f"答案“{question.answer}”既不是选项字母（{letters}），也不是选项原文")
    if not options and not normalise(question.answer):
        problems.append("答案里没有文字或数字")
    size = len("".join((question.ask, *question.choices)).encode())
    if size > MOST_BYTES:
        problems.append(f"题面和选项共 {size} 字节，超过 {MOST_BYTES}，手机上读起来太长")
    return problems


def bank_problems(bank: Bank) -> list[str]:
    """Problems of every question, each beginning with the question's id; and ids used twice."""
    problems = []
    seen: set[str] = set()
    for question in bank.questions:
        if question.id in seen:
            problems.append(f"题目“{question.id}”：编号重复")
        seen.add(question.id)
        problems += [f"题目“{question.id}”：{one}" for one in question_problems(question)]
    return problems
