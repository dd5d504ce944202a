"""A week broken down: every area's counts, each read by its file in `bot/breakdowns`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sop.community import Community, Staff, accounts
from sop.library import Library
from sop.summary.details import Compared
from storage.figures.crowd import Crowd
from storage.figures.scope import Scope

D = TypeVar("D", bound=Compared)


@dataclass(frozen=True, slots=True)
class Asked:
    """The week and the communities that a breakdown is read for."""

    tx: Connection
    library: Library
    staff: Mapping[str, Staff]
    communities: Sequence[Community]
    monday: date
    zone: ZoneInfo
    known: Crowd | None = None
    """Who was read already, of these communities and this week or a later one."""

    @property
    def crowd(self) -> Crowd:
        """Who was there and did something; read if nobody did before."""
        ids = [one.id for one in self.communities]
        return self.known or Crowd(self.tx, ids, self.monday, self.zone, accounts(self.staff))

    @property
    def scope(self) -> Scope:
        """For storage's queries."""
        ids = tuple(one.id for one in self.communities)
        return Scope(self.tx, ids, self.monday, self.zone, tuple(sorted(accounts(self.staff))))


def week_details(asked: Asked, kind: type[D]) -> D:
    """Everything that this kind has a field for."""
    return kind(**{one.name: _readers()[one.name](asked) for one in fields(kind)})


@cache
def _readers() -> dict[str, Callable[[Asked], Any]]:
    """By the field of `Details`, which is the name of the file."""
    from bot import breakdowns
    from sop.discovery import find

    found: dict[str, Callable[[Asked], Any]] = find(
        breakdowns, "READ", lambda one: one.__module__.rpartition(".")[2]
    )
    return found
