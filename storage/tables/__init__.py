"""Table declarations by area. `METADATA` knows them all."""

from storage.tables import (
    consent,
    contacts,
    gatherings,
    lists,
    money,
    people,
    play,
    points,
    questions,
    referrals,
    reviews,
    work,
)
from storage.types import Row

METADATA = Row.metadata

__all__ = [
    "METADATA",
    "consent",
    "contacts",
    "gatherings",
    "lists",
    "money",
    "people",
    "play",
    "points",
    "questions",
    "referrals",
    "reviews",
    "work",
]
