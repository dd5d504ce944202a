"""Table declarations by area. `METADATA` knows them all."""

from storage.tables import money, people, play, work
from storage.types import Row

METADATA = Row.metadata

__all__ = ["METADATA", "money", "people", "play", "work"]
