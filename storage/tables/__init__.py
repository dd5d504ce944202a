"""Table declarations by area. `METADATA` knows them all."""

from storage.tables import contacts, gatherings, lists, money, people, play, reviews, work
from storage.types import Row

METADATA = Row.metadata

__all__ = [
    "METADATA",
    "contacts",
    "gatherings",
    "lists",
    "money",
    "people",
    "play",
    "reviews",
    "work",
]
