"""What the core may ask about prizes on their way to members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Prize:
    """An award with the state of its payout, as its winner may see it."""

    order_no: str
    member: str
    community: str
    prize: str
    kind: str
    """cash, coupon, gift or points."""
    amount_fen: int
    points: int
    won_at: datetime
    source: str
    """A campaign's id, `pool/<id>` or `points/<id>`."""
    payout_status: str
    payable_on: date
    claim_by: date | None
    """The last local day on which it can be taken."""
    reason: str
    """Why it failed, was rejected or expired."""
    code: str
    """A gift's pick-up code, or the coupon's code; empty otherwise."""
    confirm: str
    """What the member's page hands to WeChat to confirm a transfer; mostly empty."""
    awaits_gate: bool = False
    """The bank has still to say whether the member is its customer."""


class PayoutFacts(Protocol):
    """Reached as `Facts.payouts`."""

    def prizes(self, member: str) -> Sequence[Prize]:
        """What a member won, newest first; what was given once more counts once."""

    def prize(self, order_no: str) -> Prize | None:
        """One of anybody's."""
