"""What is done every night as transactions: each chore in each community once a night, late after
a night of rest. One file per chore in `bot/nightly`, exporting `CHORE`, found by scanning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection

import bot.nightly
from bot.crash import crash_point
from bot.due import BEGAN, Due
from bot.letters import Origin
from sop import tagging
from sop.community import Community
from sop.discovery import find
from sop.effects import Effect
from sop.library import Library
from sop.ports import Facts
from storage import occurrences


@dataclass(frozen=True, slots=True)
class Night:
    """One community's turn."""

    facts: Facts
    library: Library
    community: Community
    since: datetime
    """The turn before; the first start of all, or now, where there was none."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to be done every night."""

    name: str
    """Of its watermarks: `<name>/<community>`."""
    wanted: Callable[[Library], bool]
    """Whether there is anything to do at all."""
    effects: Callable[[Night], Sequence[Effect]]
    early: bool = False
    """Done before the others, which read what it works out."""
    quiet: bool = False
    """Nobody waits for it: a moved clock finds it done when it arrives."""


@cache
def chores() -> dict[str, Chore]:
    """Every chore by its name."""
    found: dict[str, Chore] = find(bot.nightly, "CHORE", lambda one: one.name)
    return found


def waiting(due: Due, tx: Connection, now: datetime) -> list[tuple[str, str]]:
    """(Chore, community) of those whose turn it is."""
    found: list[tuple[str, str]] = []
    began = occurrences.watermark(tx, BEGAN)
    night = tagging.last_night(now, due.settings.zone)
    for name in _wanted(due):
        done = occurrences.watermarks(tx, f"{name}/")
        for one in due.settings.communities:
            at = done.get(f"{name}/{one.id}", began)
            if at is None or at < night:
                found.append((name, one.id))
    return found


def work(tx: Connection, due: Due, chore: str, community: str, now: datetime) -> None:
    """Does a chore in a community, if it is still its turn."""
    if (chore, community) not in waiting(due, tx, now):
        return
    facts = due.facts(tx)
    place = facts.community(community)
    mark = f"{chore}/{community}"
    if place is not None:
        before = occurrences.watermark(tx, mark) or occurrences.watermark(tx, BEGAN)
        night = Night(facts, due.library, place, before or now, now)
        # With the instant: what is said tonight may be said again another night.
        due.runtime.apply(
            tx, chores()[chore].effects(night), Origin(f"{mark}@{now.isoformat()}", now)
        )
    occurrences.set_watermark(tx, mark, now)
    crash_point("K3")


def next_night(due: Due, now: datetime) -> datetime | None:
    """When the next turn begins; None where there is nothing that anybody waits for."""
    waited_for = [name for name in _wanted(due) if not chores()[name].quiet]
    if not waited_for or not due.settings.communities:
        return None
    return tagging.next_night(now, due.settings.zone)


def _wanted(due: Due) -> list[str]:
    known = sorted(chores().values(), key=lambda one: (not one.early, one.name))
    return [one.name for one in known if one.wanted(due.library)]
