"""Open gatherings (votes, surveys, reservations …): members do what the call says one should say.

Each kind tells in its own words how to take part, and those words are in quotation marks; so a
kind that is added tomorrow is answered too.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection

from bot.facts import gathering_facts
from bot.rehearsal.temperament import Call
from sop.community import Community
from sop.listening import kind_of
from storage import gatherings

_MENTIONED = re.compile(r"“@\S+ ([^”\n]{1,40})”")
_BLANKS = {"分数": ("9", "10", "8", "7", "4"), "编号": ("1", "2")}
"""What a call leaves for the member to fill in, and what members fill in."""


class Gatherings:
    """One call for each phase of an open gathering."""

    name: ClassVar[str] = "gatherings"

    def calls(
        self, tx: Connection, communities: Sequence[Community], now: datetime
    ) -> Sequence[Call]:
        """Everything that listens now."""
        return [
            call
            for community in communities
            for row in gatherings.recent(tx, community.id, now)
            if row.closed_at is None and now < row.closes_at
            for call in _calls(row, community)
        ]


def _calls(row: gatherings.GatheringRow, community: Community) -> list[Call]:
    kind = kind_of(gathering_facts(row))
    words = _MENTIONED.findall(kind.how(community, row.phase)) if kind is not None else []
    if not words:
        return []
    key = f"gathering/{row.id}/{row.phase}"
    return [
        Call(
            key=key,
            round=key,
            community=community.id,
            kind="other",
            opened_at=row.opened_at,
            closes_at=row.closes_at,
            right=_ways(words[0]),
        )
    ]


def _ways(words: str) -> tuple[str, ...]:
    """The words as the call has them, with its blank filled in one way or another."""
    for blank, choices in _BLANKS.items():
        if blank in words:
            return tuple(words.replace(blank, one) for one in choices)
    return (words,)


OCCASIONS = Gatherings()
