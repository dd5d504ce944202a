"""Table declarations by area. `METADATA` knows them all."""

from storage.tables import (
    assist_tasks,
    consent,
    contacts,
    customers,
    gatherings,
    links,
    lists,
    money,
    onboarding,
    people,
    pieces,
    play,
    points,
    practices,
    privacy,
    questions,
    referrals,
    reviews,
    standings,
    summaries,
    work,
)
from storage.types import Row

METADATA = Row.metadata

__all__ = [
    "METADATA",
    "assist_tasks",
    "consent",
    "contacts",
    "customers",
    "gatherings",
    "links",
    "lists",
    "money",
    "onboarding",
    "people",
    "pieces",
    "play",
    "points",
    "practices",
    "privacy",
    "questions",
    "referrals",
    "reviews",
    "standings",
    "summaries",
    "work",
]
