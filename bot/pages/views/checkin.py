"""Checking in, and the month's days on which the member did."""

import calendar
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.pages.desk import Seat
from bot.pages.view import View, Visit, streak, word
from sop.effects import Effect
from sop.members_words import CHECK_IN
from storage import activity


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month's calendar."""

    day: date
    state: str
    """done, missed, open (today), ahead, blank."""


async def _show(visit: Visit) -> web.StreamResponse:
    def work(seat: Seat) -> web.StreamResponse:
        community, member = seat.community.id, seat.person
        today = seat.now.astimezone(seat.community.zone).date()
        first = today.replace(day=1)
        done = activity.days_checked_in(seat.tx, community, member, first, today)
        return visit.page(
            "checkin.html",
            seat,
            today=today,
            month=_month(today, set(done)),
            checked_in=today in done,
            streak=streak(seat, today),
            count=len(done),
        )

    return await visit.look_agreed(work)


def _month(today: date, done: set[date]) -> list[Day]:
    """Whole weeks from Monday; days of other months are blank."""
    days = calendar.Calendar().itermonthdates(today.year, today.month)
    return [Day(one, _state(one, today, done)) for one in days]


def _state(day: date, today: date, done: set[date]) -> str:
    if day.month != today.month:
        return "blank"
    if day in done:
        return "done"
    if day == today:
        return "open"
    return "missed" if day < today else "ahead"


async def _check_in(visit: Visit) -> tuple[str, str]:
    def work(seat: Seat) -> list[Effect]:
        return word(seat, CHECK_IN)

    return "/m/checkin", await visit.act(visit.desk.chance(8), work)


VIEW = View("/m/checkin", _show, _check_in)
