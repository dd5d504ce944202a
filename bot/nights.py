"""The nightly labels as transactions: each community once a night, late after a night of rest."""

from datetime import datetime

from sqlalchemy import Connection

from bot.due import BEGAN, Due
from bot.letters import Origin
from sop import tagging
from storage import occurrences

_LABELLED = "labels/"
"""Prefix of the watermarks: until when a community's members were looked at."""


def waiting(due: Due, tx: Connection, now: datetime) -> list[str]:
    """Ids of the communities whose turn it is."""
    if not due.library.tag_rules:
        return []
    began = occurrences.watermark(tx, BEGAN)
    done = occurrences.watermarks(tx, _LABELLED)
    night = tagging.last_night(now, due.settings.zone)
    last = {one.id: done.get(f"{_LABELLED}{one.id}", began) for one in due.settings.communities}
    return [one for one, at in last.items() if at is None or at < night]


def label(tx: Connection, due: Due, community: str, now: datetime) -> None:
    """Applies every rule to a community, if it is still its turn."""
    if community not in waiting(due, tx, now):
        return
    facts = due.facts(tx)
    place = facts.community(community)
    if place is not None:
        effects = tagging.nightly(facts, due.library, place, now)
        due.runtime.apply(tx, effects, Origin(f"{_LABELLED}{community}", now))
    occurrences.set_watermark(tx, f"{_LABELLED}{community}", now)


def next_night(due: Due, now: datetime) -> datetime | None:
    """When the next turn begins; None where there are no rules."""
    if not due.library.tag_rules or not due.settings.communities:
        return None
    return tagging.next_night(now, due.settings.zone)
