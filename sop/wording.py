"""How names, times and rankings are worded in a group.

Texts of games share these, and everything that shows a member's own name needs `shown`.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

NAME_LENGTH = 12
"""Characters of a name that are shown: enough to know oneself, short enough for a phone."""

_MEDALS = ("🥇", "🥈", "🥉")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me"})
_MARKUP = str.maketrans(
    {
        "<": "＜",
        ">": "＞",
        "[": "［",
        "]": "］",
        "(": "（",
        ")": "）",
        "*": "＊",
        "_": "＿",
        "`": "｀",
        "#": "＃",
        "@": "＠",
        "~": "～",
        "|": "｜",
        "\\": "＼",
        "!": "！",
        "&": "＆",
    }
)


def clock(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`20:30`, `明天 09:00` or `11 月 25 日 20:00`: local time as people say it."""
    here = at.astimezone(zone)
    return f"{_day(here.date(), zone, now)}{here:%H:%M}"


def until(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The same for an end: midnight is `24:00` of the day that it ends, as people say it."""
    day, time = _end(at, zone)
    return f"{_day(day, zone, now)}{time}"


def until_date(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The same for what is read on later days too: only today goes without its date."""
    day, time = _end(at, zone)
    today = day == now.astimezone(zone).date()
    return time if today else f"{day.month} 月 {day.day} 日 {time}"


def _end(at: datetime, zone: ZoneInfo) -> tuple[date, str]:
    here = at.astimezone(zone)
    if (here.hour, here.minute) == (0, 0):
        return here.date() - timedelta(days=1), "24:00"
    return here.date(), f"{here:%H:%M}"


def _day(day: date, zone: ZoneInfo, now: datetime) -> str:
    days = (day - now.astimezone(zone).date()).days
    return {0: "", 1: "明天 "}.get(days, f"{day.month} 月 {day.day} 日 ")


def shown(name: str) -> str:
    """A member's own name, safe to print in a group's markdown.

    Names are typed by strangers: characters that hide or turn text are removed, markup becomes
    its full-width twin (so no link, mention or bold can be smuggled in), long names are cut.
    """
    plain = told(name[:200])
    if len(plain) > NAME_LENGTH:
        plain = plain[: NAME_LENGTH - 1].rstrip() + "…"
    return plain or "群友"


def told(text: str) -> str:
    """What a member wrote, as one line and as safe to print as a name, but not cut."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(
        one for one in composed if one.isspace() or unicodedata.category(one) not in _HIDDEN
    )
    return " ".join(kept.translate(_MARKUP).split())


def quoted(text: str) -> str:
    """What a member wrote, as a markdown quotation that keeps its lines."""
    return "\n".join(f"> {line}" for one in text.splitlines() if (line := told(one)))


def ranking(entries: Sequence[tuple[str, str]]) -> str:
    """One line for each (name, achievement), best first, the first three with a medal."""
    lines = []
    for place, (name, achievement) in enumerate(entries):
        mark = _MEDALS[place] if place < len(_MEDALS) else f"{place + 1}."
        lines.append(f"{mark} {shown(name)}　{achievement}")
    return "\n".join(lines)


def plain(post: str) -> tuple[str, ...]:
    """A post of a game as lines without markdown, as the member page shows it."""
    return tuple(line.removeprefix("> ").replace("**", "") for line in post.split("\n") if line)
