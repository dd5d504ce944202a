"""Effects of what colleagues take out of the bot as files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SendFile:
    """A table goes to a colleague as a workbook, 1:1. Its cells are words and stay words: who opens
    the file executes nothing."""

    staff: str
    name: str
    """Of the file, without its ending."""
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
