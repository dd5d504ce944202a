"""What shall be done about points. Part of `sop.effects`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GivePoints:
    """A member gets points; a known key gives nothing. They lapse as the community's program
    says."""

    member: str
    community: str
    points: int
    kind: str
    """Why, in one word: checkin, streak, played, won, answered, invited, prize, manual, refund."""
    reason: str
    """The same for people, in Chinese."""
    key: str
    """Unique for ever, e.g. `checkin/<community>/<member>/2026-11-23`."""
    given_by: str = ""
    """The colleague who gives them; empty for the program's own rules."""


@dataclass(frozen=True, slots=True)
class SpendPoints:
    """Takes points from a member; a known key takes nothing. Refused by the database where there
    are not enough."""

    member: str
    community: str
    points: int
    kind: str
    """expired, or undo: then they count as never earned."""
    reason: str
    key: str
    given_by: str = ""


@dataclass(frozen=True, slots=True)
class RedeemPoints:
    """A member takes an item of a redemption list: stock, points and award together, or none."""

    program: str
    item: str
    prize: str
    kind: str
    """coupon or gift."""
    value_fen: int
    """What one of them costs the bank."""
    stock: int
    budget_fen: int
    """What the whole list costs, as its file says now."""
    points: int
    community: str
    member: str
    payable_on: str
    """ISO date from which it is handed out."""
    claim_by: str
    """ISO date after which it is forfeited."""
    key: str


@dataclass(frozen=True, slots=True)
class HideFromRanking:
    """Whether a member is left out of the points ranking."""

    member: str
    hidden: bool
