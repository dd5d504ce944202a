"""Every afternoon, a word about steps that will not be sent, and words that are held, for want of
a review stamp.

At 16:00, early enough for a reviewer to act, it looks as far as the end of the next working day:
on a Friday to Monday's. The first look is at the first start.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from bot.due import Due
from bot.letters import Origin
from sop.library import Library
from sop.occurrence import Occurrence
from sop.review import unstamped_warnings
from sop.sheet import content_hash
from sop.unplanned import missing
from sop.workdays import UnknownYear
from storage import occurrences

LOOKED = "unstamped"
"""Watermark of the latest look."""
AT = time(16, 0)
_UNKNOWN = timedelta(days=4)
"""How far it looks where the calendar ends."""


def waiting(due: Due, tx: Connection, now: datetime) -> bool:
    """Whether it is time to look."""
    if not any(one.review for one in due.settings.communities):
        return False
    looked = occurrences.watermark(tx, LOOKED)
    return looked is None or _next_after(looked, due) <= now


def warn(tx: Connection, due: Due, now: datetime) -> None:
    """Tells reviewers, operators and RMs, if it is still time."""
    if not waiting(due, tx, now):
        return
    look(tx, due, now)
    occurrences.set_watermark(tx, LOOKED, now)


def look(tx: Connection, due: Due, now: datetime, before: Library | None = None) -> None:
    """Tells of everything that lacks a stamp until the end of the next working day, and of files
    whose words are held.

    With `before`, the library until now, only of what an edit has changed.
    """
    coming = [
        one
        for one in due.falling_due(now, _horizon(due, now))
        if before is None or _edited(one, before, due.library)
    ]
    facts = due.facts(tx)
    held = missing(facts, due.library, now, before)
    effects = unstamped_warnings(facts, due.library, coming, now, held)
    due.runtime.apply(tx, effects, Origin(f"{LOOKED}/{now.isoformat()}", now))


def next_look(due: Due, now: datetime) -> datetime | None:
    """When it looks again; None where no community wants stamps."""
    if not any(one.review for one in due.settings.communities):
        return None
    return _next_after(now, due)


def _edited(one: Occurrence, before: Library, after: Library) -> bool:
    old, new = before.plans.get(one.plan.plan), after.plans.get(one.plan.plan)
    was, now = (plan and plan.step(one.step.id) for plan in (old, new))
    if not (old and was and new and now):
        return True
    return content_hash(old, was, before) != content_hash(new, now, after)


def _next_after(instant: datetime, due: Due) -> datetime:
    zone = due.settings.zone
    local = instant.astimezone(zone)
    day = local.date() if local.time() < AT else local.date() + timedelta(days=1)
    return datetime.combine(day, AT, zone).astimezone(instant.tzinfo)


def _horizon(due: Due, now: datetime) -> datetime:
    zone = due.settings.zone
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    try:
        last = due.workdays.next_workday(tomorrow)
    except UnknownYear:
        last = tomorrow + _UNKNOWN
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(now.tzinfo)
