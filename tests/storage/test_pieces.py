"""Pieces of a game that an RM posts: kept for the next, handed over, settled once."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from storage import games, pieces
from storage.database import Database
from storage.pieces import PieceRow

At = Callable[[float], datetime]


def begun(tx: Connection, now: datetime, community: str = "one") -> int:
    return games.begin(
        tx,
        community=community,
        game="dice",
        options={},
        rewards=None,
        state={},
        seed="00",
        next_at=None,
        occurrence=None,
        started_by=None,
        now=now,
    )


async def test_kept_words_go_once_and_in_order(database: Database, at: At) -> None:
    def work(tx: Connection) -> tuple[list[str], list[str]]:
        session = begun(tx, at(0))
        for text in ("一", "二"):
            pieces.keep(tx, session, "one", "li", text, at(1))
        return pieces.take_kept(tx, session), pieces.take_kept(tx, session)

    assert await database.write(work) == (["一", "二"], [])


async def test_piece_is_settled_once(database: Database, at: At) -> None:
    def work(tx: Connection) -> tuple[bool, bool, PieceRow | None]:
        session = begun(tx, at(0))
        piece = pieces.hand(tx, session, "one", "li", at(5), at(1))
        first = pieces.settle(tx, piece, "sent", at(3))
        return first, pieces.settle(tx, piece, "skipped", at(4)), pieces.get(tx, piece)

    first, second, row = await database.write(work)
    assert (first, second) == (True, False)
    assert row is not None
    assert (row.community, row.owner, row.status) == ("one", "li", "sent")
    assert (row.made_at, row.until, row.settled_at) == (at(1), at(5), at(3))


async def test_what_is_kept_is_not_among_the_handed(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[tuple[int, datetime | None]]:
        session, other = begun(tx, at(0)), begun(tx, at(0), "two")
        pieces.hand(tx, other, "two", "li", at(5), at(4))
        found = [pieces.so_far(tx, session)]
        pieces.hand(tx, session, "one", "li", at(5), at(1))
        pieces.hand(tx, session, "one", "li", at(5), at(2))
        pieces.keep(tx, session, "one", "li", "三", at(3))
        return [*found, pieces.so_far(tx, session)]

    assert await database.write(work) == [(0, None), (2, at(2))]


async def test_latest_round_of_a_game_is_found(database: Database, at: At) -> None:
    def work(tx: Connection) -> tuple[int | None, bool, int | None]:
        none = games.latest(tx, "one", "dice")
        session = begun(tx, at(0))
        return none, games.latest(tx, "one", "dice") == session, games.latest(tx, "one", "quiz")

    assert await database.write(work) == (None, True, None)
