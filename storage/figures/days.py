"""A day, or some days in a row, by the rules of the weekly summary: for the note of the morning."""

from dataclasses import dataclass
from datetime import datetime

from storage.figures import play
from storage.figures.scope import Scope
from storage.tables.people import Daily, Membership
from storage.types import table


@dataclass(frozen=True, slots=True)
class Days(Scope):
    """As a week, but of other length; `monday` is the first day, whichever it is."""

    count: int = 1

    @property
    def end(self) -> datetime:
        """The midnight after the last day, aware UTC."""
        return self.midnight(self.count)


@dataclass(frozen=True, slots=True)
class DaysNumbers:
    """Distinct persons."""

    active: int
    """With a counted action; leaving is none."""
    players: int
    joined: int
    left: int


def days_numbers(days: Days) -> DaysNumbers:
    """What happened on these days in these communities together."""
    daily = table(Daily)
    acted = days.persons(
        Daily,
        daily.c.day >= days.monday,
        daily.c.day < days.day(days.count),
        daily.c.kind != "leave",
    )
    return DaysNumbers(
        active=len(acted),
        players=len(play.players(days)),
        joined=len(days.persons(Membership, days.during(Membership, "joined_at"))),
        left=len(days.persons(Membership, days.during(Membership, "left_at"))),
    )
