"""The hash-chained log of a deck. The core computes each link (`sop.draws.log`); here it is
written only where it fits on the head that the deck has."""

from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from storage.deck_values import Link, LogMoved, LogRow
from storage.rows import every, insert_all
from storage.tables.play import Deck, DeckLog
from storage.types import table

_DECK = table(Deck)
_LOG = table(DeckLog)


def entries(tx: Connection, deck: int) -> list[LogRow]:
    """The whole log, in order."""
    query = select(_LOG.c.number, _LOG.c.entry, _LOG.c.hash).where(_LOG.c.deck == deck)
    return every(tx, query.order_by(_LOG.c.number), LogRow)


def append(tx: Connection, deck: int, link: Link, **changes: Any) -> None:
    """Adds a link, and changes the deck's columns in the same statement that moves its head.

    Raises LogMoved if the head is another one, or the deck is closed or unknown.
    """
    moved = update(_DECK).where(_FITS).values(head=link.hash, log_length=_LENGTH, **changes)
    given = {"of": deck, "previous": link.entry["previous"], "length": link.entry["number"]}
    if tx.execute(moved, given).rowcount != 1:
        raise LogMoved(f"deck {deck}: entry {link.entry['number']} does not fit")
    write(tx, deck, link)


def write(tx: Connection, deck: int, link: Link) -> None:
    """Writes an entry whose place is taken already."""
    row = {"deck": deck, "number": link.entry["number"], "entry": link.entry, "hash": link.hash}
    insert_all(tx, _LOG, [row])


_LENGTH = _DECK.c.log_length + 1
_FITS = (
    (_DECK.c.id == bindparam("of"))
    & (_DECK.c.head == bindparam("previous"))
    & (_DECK.c.log_length == bindparam("length"))
    & _DECK.c.closed_at.is_(None)
)
