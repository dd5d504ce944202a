"""What the core may ask about where members stand, and about what conditions look at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sop.community import Member
from sop.conditions import Conditions


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a member between two nights. Days are the community's local dates."""

    stage: str
    """newcomer, growing, established, drifting, sleeping, left."""
    stage_since: date
    r: int
    """Scores from 1 to 5; nought for who has left."""
    f: int
    m: int
    value: str
    """potential, active, valuable, drifting, sleeping; empty for who has left."""
    joined_on: date
    last_on: date | None
    """The last day with an action of the 28 days before `day`."""
    days: int
    """How many of these days had one."""
    weight: int
    """How much was done on them (`sop.standing.WEIGHTS`)."""
    day: date
    """As of the beginning of which day these numbers were written; they held until today."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands in a community, as of last night."""

    stage: str
    stage_since: date
    r: int
    f: int
    m: int
    value: str
    why: tuple[str, ...]
    """In Chinese, with the numbers, a sentence each."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """What a member did on some local days."""

    last_on: date
    days: int
    weight: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What conditions look at, of one member; what they do not ask is nought or empty."""

    joined_at: datetime
    last_action: datetime | None
    active_days: int = 0
    did: tuple[int, ...] = ()
    """As often as each of `Conditions.did` asks."""
    played: int = 0
    answered_right: int = 0
    answered: int | None = None
    """Index of the choice in the survey."""
    clicked: int = 0
    written_at: datetime | None = None
    """Of the latest private message."""
    reacted: bool = False
    channel: str = ""
    stage: str = ""
    value: str = ""
    rfm: tuple[int, int, int] = (0, 0, 0)


class StandingFacts(Protocol):
    """Reached as `Facts.standings`."""

    def of(self, community: str, member: str) -> Standing | None:
        """None for who has none yet: it is worked out at night."""

    def measured(self, member: Member, conditions: Conditions, now: datetime) -> Measured:
        """The numbers behind conditions, by the same windows as `Facts.choose`."""

    def holds(self, community: str, member: str, conditions: Conditions, now: datetime) -> bool:
        """Whether a member would be among those that `Facts.choose` finds; reads no others."""

    def kept(self, community: str) -> Mapping[str, Kept]:
        """What is kept, of those who left too."""

    def joined(self, community: str) -> Mapping[str, date]:
        """Local days on which the stays of present members began."""

    def deeds(
        self, community: str, first: date, last: date, members: Collection[str] | None = None
    ) -> Mapping[str, Deeds]:
        """What was done from one local day to another, both included; by some members, or all."""
