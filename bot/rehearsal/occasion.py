"""What an occasion is: where a rehearsal looks for calls that the members may answer."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import ClassVar, Protocol

from sqlalchemy import Connection

import bot.rehearsal.occasions
from bot.rehearsal.temperament import Call
from sop.community import Community
from sop.discovery import find


class Occasions(Protocol):
    """One kind of occasion. A module in `bot/rehearsal/occasions` exports it as `OCCASIONS`."""

    name: ClassVar[str]

    def calls(
        self, tx: Connection, communities: Sequence[Community], now: datetime
    ) -> Sequence[Call]:
        """What stands open at this instant, in the same order and under the same keys each time.
        All of `communities` are ones in which the bot hears the members."""


@cache
def _kinds() -> dict[str, Occasions]:
    return find(bot.rehearsal.occasions, "OCCASIONS", lambda one: str(one.name))


def open_calls(tx: Connection, communities: Sequence[Community], now: datetime) -> list[Call]:
    """Every call that stands open."""
    heard = [one for one in communities if one.heard_as]
    return [call for kind in _kinds().values() for call in kind.calls(tx, heard, now)]
