"""What an author most likely meant by a time, duration or amount that cannot be read.

People write `晚上7点半`, `半小时` and `5元`; the answer is what to write instead, for a hint.
"""

import re
import unicodedata
from decimal import Decimal

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_SPOKEN = re.compile(
    r"(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚)?"
    r"(\d{1,2}|[零一二两三四五六七八九十]{1,3})"
    r"(?:[点时](半|一刻|三刻|整|(?:\d{1,2}|[零一二三四五六七八九十]{1,3})分?)?钟?|:(\d{2}))"
)
_ENGLISH = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?([ap])\.?m\.?")
_ODD_CLOCK = re.compile(r"(\d{1,2})(?:[.。;](\d{1,2})|:(\d{2}):\d{2})")
"""`9.30`, `9。30`, `09:30:00`; `9.3` is what YAML makes of an unquoted 9.30."""
_LATE = {"下午", "傍晚", "晚上", "晚"}


def spoken_number(text: str) -> int:
    """`十九` → 19, `7` → 7; up to 99."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS.get(char, 0)) for char in text))
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def meant_time(value: object) -> str:
    """What an author most likely meant by an unreadable time, as `HH:MM`; empty if unclear."""
    text = unicodedata.normalize("NFKC", str(value)).strip().strip("\"'“”").lower()
    text = text.replace(" ", "")
    hour, minute = -1, 0
    if found := _CLOCK.fullmatch(text):
        hour, minute = int(found[1]), int(found[2])
    elif found := _ENGLISH.fullmatch(text):
        hour = int(found[1]) % 12 + (12 if found[3] == "p" else 0)
        minute = int(found[2] or 0)
    elif found := _SPOKEN.fullmatch(text):
        hour = spoken_number(found[2])
        if found[1] in _LATE and hour < 12:
            hour += 12
        named = {"半": 30, "一刻": 15, "三刻": 45, "整": 0, None: 0}
        said = found[4] or found[3]
        minute = named[said] if said in named else spoken_number(said.rstrip("分"))
    elif found := _ODD_CLOCK.fullmatch(text):
        hour, minute = int(found[1]), int(found[3] or found[2].ljust(2, "0"))
    elif re.fullmatch(r"\d{3,4}", text):
        hour, minute = int(text[:-2]), int(text[-2:])
    elif re.fullmatch(r"\d{1,2}", text):
        hour = int(text)
    return f"{hour:02}:{minute:02}" if 0 <= hour < 24 and 0 <= minute < 60 else ""


# durations

_DURATION = re.compile(r"(\d{1,3}d)?(\d{1,4}h)?(\d{1,5}m)?(\d{1,6}s)?")
_SPOKEN_UNITS = (
    ("小时", "h"), ("个钟头", "h"), ("钟头", "h"), ("分钟", "m"), ("分", "m"), ("秒钟", "s"),
    ("秒", "s"), ("天", "d"), ("日", "d"), ("minutes", "m"), ("mins", "m"), ("min", "m"),
    ("hours", "h"), ("hour", "h"), ("seconds", "s"), ("sec", "s"), ("days", "d"), ("day", "d"),
)  # fmt: skip
_DAYS_OF = {"周": 7, "个星期": 7, "星期": 7, "个礼拜": 7, "个月": 30, "w": 7}
_CHINESE = re.compile("[零一二两三四五六七八九十]{1,3}(?=[天日周个分小秒钟星礼hdm])")


def meant_duration(value: object) -> str:
    """A hint: what to write for an unreadable duration."""
    text = unicodedata.normalize("NFKC", str(value)).replace(" ", "").lower()
    text = text.replace("个半小时", "h30m").replace("半小时", "30m").replace("一刻钟", "15m")
    text = text.replace("半天", "12h").replace("个小时", "小时").replace("个钟头", "小时")
    text = _CHINESE.sub(lambda one: f"{spoken_number(one[0])}", text)
    if found := re.fullmatch(r"(\d{1,2})(\D{1,2})", text):
        text = f"{int(found[1]) * _DAYS_OF[found[2]]}d" if found[2] in _DAYS_OF else text
    if found := re.fullmatch(r"(\d{1,3}\.\d)(?:h|小时)", text):
        minutes = int(Decimal(found[1]) * 60)
        text = f"{minutes // 60}h{minutes % 60}m".replace("h0m", "h")
    for spoken, unit in _SPOKEN_UNITS:
        text = text.replace(spoken, unit)
    if text.isdigit():
        return f"要写单位：{text}s 是秒，{text}m 是分钟，{text}h 是小时。"
    found = _DURATION.fullmatch(text)
    if found and any(found.groups()):
        return f"请写 {text}。"
    return "请写数字加单位：s 秒、m 分钟、h 小时、d 天，例如 30m 或 1h30m。"


# amounts

_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


def meant_amount(text: str) -> str:
    """`¥5`, `5元`, `5块`, `1,000` → `5.00`; empty if unclear."""
    plain = unicodedata.normalize("NFKC", text).strip("¥￥元块 ").replace(",", "")
    plain = re.sub(r"^(\d+)[元块](\d)角$", r"\1.\2", f"{plain}")
    return f"{Decimal(plain):.2f}" if _AMOUNT.fullmatch(plain) else ""
