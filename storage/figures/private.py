"""The private messages of a week and of those before it, as they were written."""

from datetime import datetime

from sqlalchemy import CTE, ColumnElement, Connection, select

from storage.figures.scope import DAYS, Scope
from storage.tables.contacts import PrivateMessage
from storage.tables.work import Occurrence
from storage.types import table

_OCCURRENCE = table(Occurrence)
_SENT = table(PrivateMessage)


def written(week: Scope, first_day: int, *only: ColumnElement[bool]) -> CTE:
    """Messages to members that were written between a day (counted from Monday) and the week's
    end: `plan`, `step`, `variant`, `key` of the occurrence, `community`, `member`, `at`."""
    row = _OCCURRENCE.c
    return (
        select(
            row.plan,
            row.step,
            _SENT.c.variant,
            row.key,
            row.community,
            _SENT.c.member,
            _SENT.c.at,
        )
        .distinct()  # SQLite reads it once, then, and joins what else is asked for to it
        .join_from(_OCCURRENCE, _SENT, _SENT.c.occurrence == row.key)
        .where(
            week.here(Occurrence),
            row.day >= week.day(first_day - DAYS),  # handed over then, and perhaps written later
            row.day < week.day(DAYS),
            _SENT.c.member.not_in(week.staff),
            _SENT.c.at >= week.midnight(first_day),
            _SENT.c.at < week.end,
            *only,
        )
        .cte("sent")
    )


def written_at(tx: Connection, sent: CTE) -> list[datetime]:
    """When these messages were written, each instant once."""
    return list(tx.execute(select(sent.c.at).distinct()).scalars())
