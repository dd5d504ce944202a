"""下周计划 in words: as much as one message takes, what needs somebody to act in full."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sop.summary.weeks import WEEKDAYS, week_label
from sop.summary.wording import cut

BYTES = 2048
"""Of UTF-8 in one message of the application (wecom-protocol.md E.2)."""
_MOST_A_DAY = 8
_MOST_NAMES = 3
_MOST_LINES = 3
_TITLE = 16


@dataclass(frozen=True, slots=True)
class Coming:
    """One step on one day."""

    at: datetime
    """Local: in the first of its communities."""
    until: datetime
    """In the last; the same where all have one time."""
    title: str
    places: tuple[str, ...]
    """Names of the communities."""
    unstamped: bool
    """Some of these want a stamp, and there is none."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next week."""

    monday: date
    steps: tuple[Coming, ...]
    """By time."""
    ask: str
    """Who can stamp, as a sentence."""
    holidays: tuple[str, ...]
    """What they change, one clause each."""
    unknown: tuple[str, ...]
    """Plans that cannot be planned, each with the reason."""
    paused: tuple[str, ...]
    """Names of communities where nothing is sent."""
    skipped: int
    """Steps that colleagues have called off already."""
    budgets: tuple[str, ...]
    """What is left, the scarcest first."""
    held: tuple[str, ...] = ()
    """Files whose words are not used for want of a stamp."""


def told(week: Ahead) -> str:
    """The message; on full days the later steps are counted, so that it fits."""
    for most in range(_MOST_A_DAY, -1, -1):
        text = "\n".join((_head(week), *_days(week, most), *_notes(week)))
        if len(text.encode()) <= BYTES:
            break
    return text


def _head(week: Ahead) -> str:
    sunday = week.monday + timedelta(days=6)
    return (
        f"📅 **下周计划**　{week.monday.month} 月 {week.monday.day} 日至"
        f" {sunday.month} 月 {sunday.day} 日，共 {len(week.steps)} 步"
    )


def _days(week: Ahead, most: int) -> Iterator[str]:
    for day, found in groupby(week.steps, key=lambda one: one.at.date()):
        steps = list(found)
        shown = "、".join(_step(one) for one in steps[:most])
        rest = len(steps) - most
        more = f"等 {len(steps)} 步" if shown else f"{len(steps)} 步"
        yield f"**{_day(day)}**　{shown}{more if rest > 0 else ''}"


def _step(one: Coming) -> str:
    until = f"–{one.until:%H:%M}" if one.until != one.at else ""
    mark = "❗" if one.unstamped else ""
    return f"{one.at:%H:%M}{until} {mark}{cut(one.title, _TITLE)}（{_where(one)}）"


def _where(one: Coming) -> str:
    return cut(one.places[0]) if len(one.places) == 1 else f"{len(one.places)} 个群"


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.month}-{day.day}"


def _notes(week: Ahead) -> Iterator[str]:
    missing = [one for one in week.steps if one.unstamped]
    if missing:
        names = [f"{WEEKDAYS[one.at.weekday()]}“{cut(one.title, _TITLE)}”" for one in missing]
        yield f"❗ {len(missing)} 步还没有审核章，到点不会发送：{_some(names)}。{week.ask}"
    if week.held:
        held = f"{len(week.held)} 份计划以外的文字还没有审核章，先不用"
        yield f"❗ {held}：{_some(week.held)}。{week.ask}"
    yield from _lines("⚠️ ", week.unknown)
    yield from _lines("🏖 ", week.holidays)
    if week.paused:
        yield f"⏸ 暂停中，什么都不发：{_some([cut(one) for one in week.paused])}"
    if week.skipped:
        yield f"⏭ 已经有 {week.skipped} 步被同事跳过"
    if week.budgets:
        yield f"💰 预算还剩：{_some(week.budgets)}"
    yield f"> 看每一步的原文：qunyun preview --week {week_label(week.monday)}"


def _lines(mark: str, found: Sequence[str]) -> Iterator[str]:
    yield from (f"{mark}{one}" for one in found[:_MOST_LINES])
    if len(found) > _MOST_LINES:
        yield f"{mark}……还有 {len(found) - _MOST_LINES} 处"


def _some(names: Sequence[str]) -> str:
    more = f"等 {len(names)} 个" if len(names) > _MOST_NAMES else ""
    return "、".join(names[:_MOST_NAMES]) + more
