"""Coupon codes given to us to give away: taken in as a list, each given once, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from storage.rows import every, insert_new
from storage.tables.money import Coupon
from storage.types import table

_COUPON = table(Coupon)


class NoCouponLeft(Exception):
    """Every code of this prize is given away; nothing was written."""


@dataclass(frozen=True, slots=True)
class Stock:
    """How many codes of a prize there were and are."""

    source: str
    prize: str
    total: int
    left: int


def add(tx: Connection, source: str, prize: str, codes: Sequence[str], now: datetime) -> list[str]:
    """Takes codes in, in this order. Returns those that were there already; they stay as they
    are, and nothing is written if there is one."""
    known = [*_known(tx, source, prize, codes)]
    if known:
        return [one for one in codes if one in set(known)]
    mine = (_COUPON.c.source == source, _COUPON.c.prize == prize)
    last = tx.execute(select(func.max(_COUPON.c.number)).where(*mine)).scalar()
    first = 0 if last is None else last + 1
    insert_new(
        tx,
        _COUPON,
        [
            {
                "source": source,
                "prize": prize,
                "code": code,
                "number": first + place,
                "imported_at": now,
            }
            for place, code in enumerate(codes)
        ],
    )
    return []


def left(tx: Connection, source: str, prize: str) -> int:
    """How many codes of a prize nobody has yet."""
    free = select(func.count()).where(
        _COUPON.c.source == source, _COUPON.c.prize == prize, _COUPON.c.order_no.is_(None)
    )
    return int(tx.execute(free).scalar_one())


def stocks(tx: Connection, source: str | None = None) -> list[Stock]:
    """The stock of every prize, by source and prize."""
    free = func.count().filter(_COUPON.c.order_no.is_(None))
    query = (
        select(_COUPON.c.source, _COUPON.c.prize, func.count(), free)
        .group_by(_COUPON.c.source, _COUPON.c.prize)
        .order_by(_COUPON.c.source, _COUPON.c.prize)
    )
    if source is not None:
        query = query.where(_COUPON.c.source == source)
    return every(tx, query, Stock)


def reserve(tx: Connection, source: str, prize: str, order_no: str) -> None:
    """The oldest free code becomes this order's. Raises NoCouponLeft."""
    free = (
        _COUPON.c.source == source,
        _COUPON.c.prize == prize,
        _COUPON.c.order_no.is_(None),
    )
    oldest = (
        select(_COUPON.c.code).where(*free).order_by(_COUPON.c.number).limit(1).scalar_subquery()
    )
    taken = update(_COUPON).where(*free, _COUPON.c.code == oldest).values(order_no=order_no)
    if tx.execute(taken).rowcount != 1:
        raise NoCouponLeft(f"{source}: {prize}")


def give_back(tx: Connection, order_no: str) -> None:
    """The order's code, which nobody has seen, is free again."""
    tx.execute(update(_COUPON).where(_COUPON.c.order_no == order_no).values(order_no=None))


def code(tx: Connection, order_no: str) -> str | None:
    """The code that an order has."""
    found: str | None = tx.execute(
        select(_COUPON.c.code).where(_COUPON.c.order_no == order_no)
    ).scalar()
    return found


def _known(tx: Connection, source: str, prize: str, codes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(codes), 500):
        query = select(_COUPON.c.code).where(
            _COUPON.c.source == source,
            _COUPON.c.prize == prize,
            _COUPON.c.code.in_(codes[start : start + 500]),
        )
        found.update(tx.execute(query).scalars())
    return found
