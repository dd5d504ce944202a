"""Column types and the base of every table."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, cast

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a migration can speak of it."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in and out. A naive value is refused with ValueError.

    PostgreSQL stores it as `timestamptz`. SQLite stores ISO text of one length, always in UTC,
    so that text order is time order; written and read by `datetime` itself, since the dialect's
    own formatting costs ten times as much and planning writes four instants a row.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        plain = Text() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(plain)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _to_text if dialect.name == "sqlite" else _to_utc

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        return _from_text if dialect.name == "sqlite" else _to_utc


def _to_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"naive datetime {value!r}: instants are aware UTC")
    return value.astimezone(UTC)


@lru_cache(maxsize=1024)
def _to_text(value: datetime | None) -> str | None:
    """Remembered, because a transaction writes its one `now` into every row."""
    instant = _to_utc(value)
    return None if instant is None else instant.isoformat(" ", "microseconds")


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """Plain JSON, its key order kept; Python's None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


class BigId(TypeDecorator[int]):
    """A 64-bit key. SQLite counts up only in a column declared exactly INTEGER."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        plain = Integer() if dialect.name == "sqlite" else BigInteger()
        return dialect.type_descriptor(plain)


class Row(SQLModel):
    """Base of every table class: our own metadata, with names for constraints."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


def table(model: type[Row]) -> Table:
    """The Core table behind a table class."""
    return cast(Table, model.__dict__["__table__"])


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The text of a CHECK that a column holds one of some words."""
    words = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({words})"


def order_number(award_key: str) -> str:
    """The payout's order number of an award: 28 capital letters and digits, for ever the same.

    It is computed and not drawn, so that a repeated transaction asks a payer under the same
    number (reliability study, finding 8). 104 bits of SHA-256 keep two keys apart.
    """
    return "QY" + hashlib.sha256(award_key.encode()).hexdigest()[:26].upper()


_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, 1, I, L and O, which are misread."""
PICKUP_LENGTH = 10
"""Characters of a pick-up code."""


def pickup_code(order_no: str) -> str:
    """What a gift's winner shows to get it: ten letters and digits, for ever the same.

    It follows from the order number, which members do not see. 49 bits of SHA-256 keep the codes
    of a hundred thousand gifts apart; whoever hands the gift out also sees whose it is.
    """
    number = int.from_bytes(hashlib.sha256(f"qunyun/pickup/{order_no}".encode()).digest())
    code = ""
    for _ in range(PICKUP_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        code += _LETTERS[place]
    return code
