"""What the database knows after a rehearsal, read once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sop.campaign import Campaign
from storage import books, decks, draws, games, money, occurrences, outbox, payout_rows
from storage.deck_values import DeckRow, DrawRow

EVERYTHING = 10_000_000


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of one rehearsal."""

    occurrences: list[occurrences.OccurrenceRow]
    letters: list[outbox.OutboxRow]
    sessions: list[games.SessionRow]
    """By id."""
    players: dict[int, list[str]]
    decks: list[DeckRow]
    published: dict[int, Campaign]
    """Rules of each deck as its members read them."""
    draws: dict[int, list[DrawRow]]
    """By deck."""
    awards: list[payout_rows.PayoutRow]
    """In the order in which they were won."""
    budgets: list[money.BudgetLine]
    wrong: list[str]
    """Where the books do not agree, in Chinese."""


def read(start: datetime, end: datetime, tx: Connection) -> Records:
    """Everything that happened, or was due, in [start, end]."""
    finished = games.finished_between(tx, start, end.replace(year=end.year + 1))
    sessions = sorted([*finished, *games.all_running(tx)], key=lambda one: one.id)
    opened = decks.listing(tx)[::-1]
    return Records(
        occurrences=occurrences.between(tx, start, end),
        letters=outbox.listing(tx, None, EVERYTHING)[::-1],
        sessions=sessions,
        players={one.id: games.players(tx, one.id) for one in sessions},
        decks=opened,
        published={
            one.id: Campaign.model_validate(decks.rules(tx, one.id), strict=False) for one in opened
        },
        draws={one.id: draws.of(tx, one.id) for one in opened},
        awards=sorted(payout_rows.listing(tx), key=lambda one: (one.won_at, one.order_no)),
        budgets=money.budget_lines(tx),
        wrong=books.wrong(tx),
    )
