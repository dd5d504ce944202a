"""What shall be done about payouts. Part of `sop.effects`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApprovePayout:
    """A due payout of exactly this amount may be paid."""

    order_no: str
    amount_fen: int
    by: str


@dataclass(frozen=True, slots=True)
class RejectPayout:
    """A payout not yet sent is refused; its money returns to the budget."""

    order_no: str
    by: str
    reason: str
    """The member reads it."""


@dataclass(frozen=True, slots=True)
class ReissuePayout:
    """What failed, expired or was rejected is due once more under a new number."""

    order_no: str
    by: str
    """Who asks for it; another person must approve."""
    reason: str


@dataclass(frozen=True, slots=True)
class HandOutPrize:
    """A gift was handed to its winner."""

    order_no: str
    by: str


@dataclass(frozen=True, slots=True)
class ClaimCoupon:
    """A winner was shown the code of an own coupon."""

    order_no: str
    by: str
    """The member, or the colleague who sent it to the member."""
