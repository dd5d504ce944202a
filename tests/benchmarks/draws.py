"""G9: draws at 64 concurrent, against the conditional UPDATE over SQLAlchemy's async ORM.

Every member asks twice; there are cards for a third of them. Ours writes card, draw, award,
ledger row, payout and the budget's share for each win; the other side only stock and win.
`python -m tests.benchmarks.draws one|many|orm` runs one side and prints JSON.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, ForeignKey, event, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage import decks, money
from storage.database import Database, open_database
from storage.tables.money import Award, Ledger, Payout
from storage.types import table
from tests.benchmarks.machine import SERVER, pin_as_told, run_json
from tests.benchmarks.report import Row, alternating, ensure, paired, per_second, spread, times

CONCURRENT = 64
MEMBERS = {"one": 3_000, "many": 9_000, "orm": 900}
"""So many that each side takes one to three seconds."""
PRIZE_FEN = 888
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PAYABLE = date(2026, 11, 30)

Draw = Callable[[str], Awaitable[bool]]
"""A member asks; True if a card was won."""


async def _ask_all(members: int, draw: Draw) -> tuple[float, Counter[str]]:
    """64 at once until every member has asked twice: (seconds, wins by member)."""
    asks = iter([f"m{number}" for number in range(members) for _ in range(2)])
    wins: Counter[str] = Counter()

    async def worker() -> None:
        for member in asks:
            won = await draw(member)
            wins[member] += won

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONCURRENT)))
    return time.perf_counter() - began, +wins


class Together:
    """Wishes that arrive while a commit is under way share the next one."""

    def __init__(self, database: Database, deck: int) -> None:
        self._database, self._deck = database, deck
        self._waiting: list[tuple[str, asyncio.Future[bool]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def __call__(self, member: str) -> bool:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((member, future))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            members = [member for member, _ in batch]
            outcomes = await self._database.write(partial(_draw, self._deck, members))
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                future.set_result(outcome.result is decks.Drew.WON)


def _draw(deck: int, members: list[str], tx: Connection) -> list[decks.DrawOutcome]:
    return decks.draw_many(tx, deck, members, "bench", PAYABLE, NOW)


def _counts(tx: Connection) -> dict[str, int]:
    found = {
        one.__name__: tx.execute(select(func.count()).select_from(table(one))).scalar_one()
        for one in (Award, Ledger, Payout)
    }
    return {**found, "draws": len(decks.draws(tx, 1)), "fen": money.committed(tx, "bench")}


async def ours(side: str) -> dict[str, float]:
    """One wish to a work, or those that wait together."""
    members = MEMBERS[side]
    stock = members // 3
    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        database = await open_database(f"sqlite:///{folder}/draws.db")
        deck = await database.write(partial(_open, stock))

        async def alone(member: str) -> bool:
            (outcome,) = await database.write(partial(_draw, deck, [member]))
            return outcome.result is decks.Drew.WON

        draw: Draw = Together(database, deck) if side == "many" else alone
        seconds, wins = await _ask_all(members, draw)
        counts = await database.read(_counts)
        await database.close()
    exact = {"Award": stock, "Ledger": stock, "Payout": stock, "draws": stock,
             "fen": stock * PRIZE_FEN}  # fmt: skip
    ensure(counts == exact, f"draws {side}: {counts}, not {exact}")
    return _result(seconds, members, stock, wins)


def _open(stock: int, tx: Connection) -> int:
    return decks.open_deck(
        tx,
        campaign="bench",
        round="standing",
        community=None,
        cards=[("红包", PRIZE_FEN)] * stock,
        rules={},
        seed="00",
        commitment="00",
        rules_hash="00",
        budget_fen=stock * PRIZE_FEN,
        payable_after=5,
        closes_at=None,
        now=NOW,
    )


class Base(DeclarativeBase):
    """Of the hand-written tables."""


class Lottery(Base):
    """What is left."""

    __tablename__ = "lottery"
    id: Mapped[int] = mapped_column(primary_key=True)
    remaining: Mapped[int]


class Win(Base):
    """Who won; once each."""

    __tablename__ = "win"
    lottery: Mapped[int] = mapped_column(ForeignKey("lottery.id"), primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


async def orm() -> dict[str, float]:
    """aiosqlite, a session for each draw, conditional UPDATE and a unique key; WAL, FULL."""
    members = MEMBERS["orm"]
    stock = members // 3
    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{folder}/orm.db", connect_args={"timeout": 60},
            pool_size=CONCURRENT,
        )  # fmt: skip

        @event.listens_for(engine.sync_engine, "connect")
        def durable(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.close()

        sessions = async_sessionmaker(engine)
        async with engine.begin() as tx:
            await tx.run_sync(Base.metadata.create_all)
        async with sessions() as session:
            session.add(Lottery(id=1, remaining=stock))
            await session.commit()
        seconds, wins = await _ask_all(members, partial(_orm_draw, sessions))
        async with sessions() as session:
            won = (await session.execute(select(func.count()).select_from(Win))).scalar_one()
            left = (await session.execute(select(Lottery.remaining))).scalar_one()
        await engine.dispose()
    ensure((won, left) == (stock, 0), f"draws orm: {won} won, {left} left of {stock}")
    return _result(seconds, members, stock, wins)


async def _orm_draw(sessions: async_sessionmaker[AsyncSession], member: str) -> bool:
    async with sessions() as session:
        taken = await session.execute(
            update(Lottery)
            .where(Lottery.id == 1, Lottery.remaining > 0)
            .values(remaining=Lottery.remaining - 1)
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            return False
        session.add(Win(lottery=1, member=member, at=NOW))
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            return False
        return True


def _result(seconds: float, members: int, stock: int, wins: Counter[str]) -> dict[str, float]:
    ensure(len(wins) == stock and set(wins.values()) == {1}, "wrong wins")
    return {"rate": 2 * members / seconds}


def run(rounds: int) -> list[Row]:
    """Two rows: what waits together, and one wish to a work."""
    many, one, theirs = (
        [float(found["rate"]) for found in runs]
        for runs in alternating(
            rounds,
            [partial(run_json, "draws", side, core=SERVER) for side in ("many", "one", "orm")],
        )
    )
    together, alone = paired(many, theirs), paired(one, theirs)
    usual = spread(theirs, per_second)
    return [
        Row("G9", "draws at 64 concurrent, exact; those that wait share a commit (draw_many)",
            spread(many, per_second), usual, times(together), ">= 20x", together >= 20),
        Row("", "… one work for each wish, as the dispatcher does",
            spread(one, per_second), usual, times(alone), ""),
    ]  # fmt: skip


if __name__ == "__main__":
    pin_as_told()
    asked = sys.argv[1]
    print(json.dumps(asyncio.run(orm() if asked == "orm" else ours(asked))))
