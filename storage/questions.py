"""How often each community was asked a bank's questions, and what came back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.rows import every, insert_for
from storage.tables.questions import AskedQuestion
from storage.types import table

_ASKED = table(AskedQuestion)


@dataclass(frozen=True, slots=True)
class Tally:
    """One question over the communities that were asked it."""

    bank: str
    question: str
    asked: int
    answers: int
    """Members who answered, summed over every time it was asked."""
    right: int


def ask(tx: Connection, community: str, bank: str, question: str, now: datetime) -> None:
    """Counts that the community has been asked a question once more."""
    row = {
        "community": community,
        "bank": bank,
        "question": question,
        "asked": 1,
        "answers": 0,
        "right": 0,
        "asked_at": now,
    }
    new = insert_for(tx, _ASKED).values(row)
    again = {"asked": _ASKED.c.asked + 1, "asked_at": new.excluded.asked_at}
    keys = [*_ASKED.primary_key.columns]
    tx.execute(new.on_conflict_do_update(index_elements=keys, set_=again))


def judge(
    tx: Connection, community: str, bank: str, question: str, answers: int, right: int
) -> None:
    """Adds how many members answered a question that `ask` has counted, and how many rightly."""
    tx.execute(
        _ASKED.update()
        .where(
            _ASKED.c.community == community,
            _ASKED.c.bank == bank,
            _ASKED.c.question == question,
        )
        .values(answers=_ASKED.c.answers + answers, right=_ASKED.c.right + right)
    )


def uses(tx: Connection, community: str, bank: str) -> dict[str, int]:
    """How often a community was asked each question of a bank; those never asked are left out."""
    query = select(_ASKED.c.question, _ASKED.c.asked).where(
        _ASKED.c.community == community, _ASKED.c.bank == bank
    )
    return {row.question: row.asked for row in tx.execute(query)}


def tallies(tx: Connection, bank: str | None = None) -> list[Tally]:
    """Every question ever asked, of one bank or of all, summed over the communities."""
    query = (
        select(
            _ASKED.c.bank,
            _ASKED.c.question,
            func.sum(_ASKED.c.asked),
            func.sum(_ASKED.c.answers),
            func.sum(_ASKED.c.right),
        )
        .group_by(_ASKED.c.bank, _ASKED.c.question)
        .order_by(_ASKED.c.bank, _ASKED.c.question)
    )
    if bank is not None:
        query = query.where(_ASKED.c.bank == bank)
    return every(tx, query, Tally)
