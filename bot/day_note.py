"""Yesterday in an RM's own communities, as a line of the morning digest.

On a working day it tells of everything since the last one, so that no weekend is lost. Counted as
the weekly summary counts; a number of nothing is left out, and a day without any number too.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from bot.due import Due
from sop.community import Community, accounts
from sop.summary.weeks import WEEKDAYS
from sop.workdays import UnknownYear
from storage.figures.days import Days, days_numbers

_DAY = timedelta(days=1)
_LONGEST = 10
"""No holidays are longer."""
_A_WEEK = 7


def day_note(tx: Connection, due: Due, communities: Sequence[Community], today: date) -> list[str]:
    """`**昨天**　活跃 35 人，玩游戏 12 人，进群 2 人`; nothing where nothing happened."""
    if not communities:
        return []
    first = _since(due, today)
    days = Days(
        tx,
        tuple(one.id for one in communities),
        first,
        due.settings.zone,
        tuple(sorted(accounts(due.settings.staff))),
        (today - first).days,
    )
    numbers = days_numbers(days)
    least = "" if all(one.heard for one in communities) else "≥ "  # what they say is not known
    counts = (
        (f"活跃 {least}", numbers.active),
        ("玩游戏 ", numbers.players),
        ("进群 ", numbers.joined),
        ("退群 ", numbers.left),
    )
    told = [f"{name}{count:,} 人" for name, count in counts if count]
    return [f"**{_named(first, today)}**　{'，'.join(told)}"] if told else []


def _since(due: Due, today: date) -> date:
    """The latest working day before today."""
    yesterday = today - _DAY
    try:
        return next(
            day
            for back in range(_LONGEST)
            if due.workdays.is_workday(day := yesterday - back * _DAY)
        )
    except (UnknownYear, StopIteration):
        return yesterday


def _named(first: date, today: date) -> str:
    days = (today - first).days
    if days == 1:
        return "昨天"
    if days < _A_WEEK:
        return f"{WEEKDAYS[first.weekday()]}到昨天"
    return f"{first.month} 月 {first.day} 日到昨天"
