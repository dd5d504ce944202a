"""Answers to the core's questions about what RMs send (`sop.assist_ports`), read from rows."""

from dataclasses import fields

from sqlalchemy import Connection

from sop.assist_ports import AssistTask
from storage import assist_tasks


class SqlAssistFacts:
    """One transaction's view."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def task(self, occurrence: str) -> AssistTask | None:
        row = assist_tasks.get(self._tx, occurrence)
        return None if row is None else assist_task(row)


def assist_task(row: assist_tasks.TaskRow) -> AssistTask:
    """A row as the core sees it."""
    return AssistTask(**{one.name: getattr(row, one.name) for one in fields(AssistTask)})
