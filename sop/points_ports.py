"""What the core may ask about points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a member has, in all communities together."""

    balance: int
    earned: int
    """Everything ever given: levels and ranking follow it."""
    hidden: bool
    """Left out of the ranking, by the member's own wish."""


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """Points given (positive) or taken (negative)."""

    points: int
    kind: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in a community's ranking; equals share it."""

    place: int
    member: str
    name: str
    earned: int


@dataclass(frozen=True, slots=True)
class Lapse:
    """Points of a member that nobody has spent and that lapse when a local day ends."""

    member: str
    points: int
    day: date


@dataclass(frozen=True, slots=True)
class GatheringOf:
    """Where a gathering is held, and of which kind it is."""

    community: str
    kind: str


class PointsFacts(Protocol):
    """Reached as `Facts.points`."""

    def balance(self, member: str) -> int:
        """What a member can spend."""

    def wallet(self, member: str) -> Wallet: ...

    def history(self, member: str, limit: int) -> Sequence[PointsEntry]:
        """A member's entries, newest first."""

    def ranking(self, community: str, limit: int) -> Sequence[Ranked]:
        """Present members by what they earned, best first; staff and who hides are left out."""

    def place(self, community: str, member: str) -> Ranked | None:
        """A member's own place in it; None for who has none."""

    def knows(self, key: str) -> bool:
        """Whether an entry of this key was written."""

    def earned_on(self, member: str, day: date) -> Mapping[str, int]:
        """Points given to a member on a local day, by kind."""

    def given_by(self, staff: str, day: date) -> int:
        """Points that a colleague gave on a local day, without those taken back."""

    def lapsing(self, community: str, after: date, until: date) -> Sequence[Lapse]:
        """What lapses of the points given in a community, with a last day in (after, until]."""

    def expiring(self, member: str, until: date) -> Sequence[Lapse]:
        """What a member loses by their last days up to `until`, soonest first."""

    def taken(self, program: str) -> Mapping[str, int]:
        """How many of each item of a redemption list are gone."""

    def coupons_left(self, program: str, item: str) -> int:
        """Codes that are there for an item of kind coupon."""

    def redemptions(self, member: str, program: str, item: str) -> Sequence[datetime]:
        """When a member redeemed an item, newest first."""

    def earns(self, member: str) -> bool:
        """False for staff, who earn nothing."""

    def streak(self, community: str, member: str, day: date) -> int:
        """Days in a row with a check-in, up to and including a local day."""

    def community_of_game(self, session: int) -> str | None: ...
    def gathering(self, gathering: int) -> GatheringOf | None: ...
