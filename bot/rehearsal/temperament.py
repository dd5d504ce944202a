"""What a temperament is (脾气): how one kind of member behaves. One file each, found by scanning.

A member sees two kinds of things: a *call*, which wants words from the group (a game's question,
an open deck), and an ordinary day. What is said to them is decided here and nowhere else, by the
member's own chance, so that the forecast can ask the same people again under another seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import ClassVar, Literal, Protocol

import bot.rehearsal.temperaments
from bot.rehearsal.chance import Chance
from sop.discovery import find

LIKELY_END = timedelta(minutes=20)
"""By then most have answered a call that names no end."""


@dataclass(frozen=True, slots=True)
class Call:
    """Something that wants words from the members of a community."""

    key: str
    """Unique: one call is answered once by each member."""
    round: str
    """Calls of one round (the questions of a quiz) share it: who joins, joins the whole round."""
    community: str
    kind: Literal["game", "draw", "other"]
    opened_at: datetime
    closes_at: datetime | None
    right: tuple[str, ...]
    """Words that do what is asked for; several are ways to say the same."""
    wrong: tuple[str, ...] = ()
    """Words that are an answer, but not the right one."""
    audience: frozenset[str] | None = None
    """Only these members; None: whoever is there."""

    @property
    def lasts(self) -> timedelta:
        """How long the call stands."""
        return LIKELY_END if self.closes_at is None else self.closes_at - self.opened_at


@dataclass(frozen=True, slots=True)
class Me:
    """The account that decides."""

    account: str
    number: int
    """Which of its owner's accounts this is, from 0."""
    chance: Chance
    """The account's own."""
    person: Chance
    """Its owner's: several accounts of one person agree by it."""
    words: Sequence[str] = ()
    """What may be said to the bot in this community and is not known everywhere: 积分, 兑换 1 …"""


@dataclass(frozen=True, slots=True)
class Line:
    """Something to be said."""

    after: timedelta
    """Since the call opened, or since midnight on an ordinary day."""
    text: str
    right: bool = False
    """It does what the call asks for."""


class Temperament(Protocol):
    """One kind of member. A module in `bot/rehearsal/temperaments` exports it as `TEMPERAMENT`."""

    name: ClassVar[str]
    """In JSON: `eager`."""
    title: ClassVar[str]
    """In reports: `积极`."""
    about: ClassVar[str]
    """What such a member does, in one sentence for the report."""
    share: ClassVar[int]
    """Accounts of this temperament in the default mix, in parts of all shares."""
    clicks: ClassVar[int]
    """Links of a hundred that such a member opens."""
    accounts: ClassVar[int]
    """Accounts that one such person has. More than one: they join together, and later."""

    def answers(self, call: Call, me: Me) -> Sequence[Line]:
        """What this member says to a call; nothing: stays out."""

    def day(self, me: Me, day: str) -> Sequence[Line]:
        """What this member says to the bot on an ordinary day (ISO date)."""


def joins(call: Call, me: Me, share: float) -> bool:
    """Whether this member takes part in the round at all."""
    return me.chance.percent(f"join/{call.round}", share)


def one_answer(call: Call, me: Me, *, right: float, early: float, late: float) -> Line:
    """One answer between two shares of the call's time, right in `right` of a hundred cases."""
    seconds = call.lasts.total_seconds()
    after = me.chance.between(
        f"when/{call.key}", round(seconds * early * 10), round(seconds * late * 10)
    )
    correct = not call.wrong or me.chance.percent(f"right/{call.key}", right)
    words = call.right if correct else call.wrong
    text = me.chance.pick(f"words/{call.key}", words)
    return Line(timedelta(seconds=after / 10), text, correct)


def at(chance: Chance, label: str, from_hour: int, until_hour: int) -> timedelta:
    """A time of day between two hours, by the second."""
    return timedelta(seconds=chance.between(f"at/{label}", from_hour * 3600, until_hour * 3600 - 1))


def tries_a_word(me: Me, day: str, share: float) -> list[Line]:
    """On `share` of a hundred days one of the words that are known here."""
    if not me.words or not me.chance.percent(f"tries/{day}", share):
        return []
    word = me.chance.pick(f"tries/{day}", me.words)
    return [Line(at(me.chance, f"tries/{day}", 9, 22), word)]


@cache
def temperaments() -> dict[str, Temperament]:
    """Every temperament, by scanning."""
    return find(bot.rehearsal.temperaments, "TEMPERAMENT", lambda one: str(one.name))
