"""What RMs were handed of running games, piece by piece, and what became of it.

kept ──the next piece takes it along──► (gone)
handed ──► sent | skipped      the RM says so; else nobody knows whether it was posted
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from storage.rows import insert_one, one, pick
from storage.tables.pieces import GamePiece
from storage.types import table

_PIECE = table(GamePiece)


@dataclass(frozen=True, slots=True)
class PieceRow:
    """One piece of a round."""

    id: int
    session: int
    community: str
    owner: str
    status: str
    made_at: datetime
    until: datetime | None
    settled_at: datetime | None


def get(tx: Connection, piece: int) -> PieceRow | None:
    """One piece."""
    return one(tx, pick(_PIECE, PieceRow).where(_PIECE.c.id == piece), PieceRow)


def keep(
    tx: Connection, session: int, community: str, owner: str, text: str, now: datetime
) -> None:
    """Words that are over too soon to be posted by themselves: the next piece takes them along."""
    _add(tx, session, community, owner, "kept", now, text=text)


def take_kept(tx: Connection, session: int) -> list[str]:
    """What was kept of a round, in order; it is not kept any longer."""
    mine = (_PIECE.c.session == session, _PIECE.c.status == "kept")
    texts = list(tx.execute(select(_PIECE.c.text).where(*mine).order_by(_PIECE.c.id)).scalars())
    if texts:
        tx.execute(delete(_PIECE).where(*mine))
    return texts


def hand(
    tx: Connection, session: int, community: str, owner: str, until: datetime, now: datetime
) -> int:
    """The RM is handed a piece that is wanted until an instant. Returns its number."""
    return _add(tx, session, community, owner, "handed", now, until=until)


def so_far(tx: Connection, session: int) -> tuple[int, datetime | None]:
    """How many pieces of a round the RM was handed, and when the last."""
    query = select(func.count(), func.max(_PIECE.c.made_at))
    mine = query.where(_PIECE.c.session == session, _PIECE.c.status != "kept")
    number, last = tx.execute(mine).one()
    return int(number), last


def settle(tx: Connection, piece: int, status: str, now: datetime) -> bool:
    """The RM says `sent` or `skipped`; False if that was said before."""
    mine = (_PIECE.c.id == piece, _PIECE.c.status == "handed")
    change = update(_PIECE).where(*mine).values(status=status, settled_at=now)
    return tx.execute(change).rowcount == 1


def _add(
    tx: Connection,
    session: int,
    community: str,
    owner: str,
    status: str,
    now: datetime,
    *,
    text: str = "",
    until: datetime | None = None,
) -> int:
    row = {
        "session": session,
        "community": community,
        "owner": owner,
        "status": status,
        "text": text,
        "made_at": now,
        "until": until,
    }
    piece = insert_one(tx, _PIECE, row)
    assert piece is not None  # noqa: S101  # its key is a new number
    return int(piece)
