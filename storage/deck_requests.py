"""What colleagues asked for at the terminal about rounds; the running bot carries it out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, update

from storage.rows import every, for_change, pick
from storage.tables.play import DeckRequest
from storage.types import table

_REQUEST = table(DeckRequest)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request that nobody has carried out yet."""

    id: int
    verb: str
    """open, close."""
    campaign: str
    community: str
    seconds: int
    deck: int | None
    reason: str
    asked_by: str


def ask_open(
    tx: Connection, *, campaign: str, community: str, seconds: int, by: str, now: datetime
) -> None:
    """A round shall be opened; an empty community means all that share it, 0 seconds as long as
    the campaign's file says."""
    _ask(tx, "open", campaign, community, seconds, None, "", by, now)


def ask_close(tx: Connection, *, deck: int, reason: str, by: str, now: datetime) -> None:
    """A round shall be ended before its time."""
    _ask(tx, "close", "", "", 0, deck, reason, by, now)


def waiting(tx: Connection) -> list[RequestRow]:
    """What is still to be carried out, oldest first; held against other processes until
    commit."""
    query = pick(_REQUEST, RequestRow).where(_REQUEST.c.done_at.is_(None)).order_by(_REQUEST.c.id)
    return every(tx, for_change(tx, query, skip_locked=True), RequestRow)


def done(tx: Connection, request: int, outcome: str, now: datetime) -> None:
    """It is carried out, or came to nothing."""
    tx.execute(
        update(_REQUEST).where(_REQUEST.c.id == request).values(done_at=now, outcome=outcome)
    )


def _ask(
    tx: Connection,
    verb: str,
    campaign: str,
    community: str,
    seconds: int,
    deck: int | None,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    tx.execute(
        insert(_REQUEST).values(
            verb=verb,
            campaign=campaign,
            community=community,
            seconds=seconds,
            deck=deck,
            reason=reason,
            asked_by=by,
            asked_at=now,
            outcome="",
        )
    )
