"""A lottery as one writes it by hand over SQLAlchemy's async ORM, twice.

`conditional` is right: one UPDATE judges and takes, a unique key keeps members to one win each.
`naive` is what comes to mind first: read what is left, look whether the member has won, count
down, commit. Both store the stock and the win, and no log, award, ledger or payout.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import event, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.ext.asyncio import create_async_engine as create
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC).replace(tzinfo=None)

Draw = Callable[[str], Awaitable[bool]]
"""A member asks; True if a card was won."""


class Base(DeclarativeBase):
    """Of the hand-written tables."""


class Lottery(Base):
    """What is left."""

    __tablename__ = "lottery"
    id: Mapped[int] = mapped_column(primary_key=True)
    remaining: Mapped[int]


class Once(Base):
    """Who won; once each."""

    __tablename__ = "once"
    member: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Win(Base):
    """Who won, as often as was stored."""

    __tablename__ = "win"
    id: Mapped[int] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


class ByHand:
    """An open lottery."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.sessions = async_sessionmaker(engine)

    def draw(self, naive: bool) -> Draw:
        """One way of drawing."""
        return partial(_naive if naive else _conditional, self.sessions)

    async def counted(self, naive: bool) -> tuple[int, int]:
        """(wins stored, cards left)."""
        async with self.sessions() as session:
            wins = select(func.count()).select_from(Win if naive else Once)
            won = (await session.execute(wins)).scalar_one()
            return won, (await session.execute(select(Lottery.remaining))).scalar_one()


@asynccontextmanager
async def opened(url: str, stock: int, connections: int) -> AsyncIterator[ByHand]:
    """A lottery with so many cards; SQLite with WAL and FULL, PostgreSQL as it comes."""
    engine = create(url, pool_size=connections, connect_args=_waiting(url))
    if url.startswith("sqlite"):
        event.listen(engine.sync_engine, "connect", _durable)
    async with engine.begin() as tx:
        await tx.run_sync(Base.metadata.drop_all)
        await tx.run_sync(Base.metadata.create_all)
    one = ByHand(engine)
    async with one.sessions() as session:
        session.add(Lottery(id=1, remaining=stock))
        await session.commit()
    yield one
    await engine.dispose()


def _waiting(url: str) -> dict[str, Any]:
    return {"timeout": 60} if url.startswith("sqlite") else {}


def _durable(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


async def _conditional(sessions: async_sessionmaker[AsyncSession], member: str) -> bool:
    async with sessions() as session:
        taken = await session.execute(
            update(Lottery)
            .where(Lottery.id == 1, Lottery.remaining > 0)
            .values(remaining=Lottery.remaining - 1)
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            return False
        session.add(Once(member=member, at=AT))
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            return False
        return True


async def _naive(sessions: async_sessionmaker[AsyncSession], member: str) -> bool:
    async with sessions() as session:
        lottery = await session.get_one(Lottery, 1)
        before = await session.scalar(select(Win).where(Win.member == member))
        if lottery.remaining <= 0 or before is not None:
            return False
        lottery.remaining -= 1
        session.add(Win(member=member, at=AT))
        await session.commit()
        return True
