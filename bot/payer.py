"""What a payer is: one way in which money reaches a member, one file in `bot/payouts`.

The order number was made in the draw's transaction and never changes. A payer may be asked to
pay the same order again only after `query` said that it knows nothing of it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from bot.http import Http
    from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Order:
    """A payout to be paid."""

    order_no: str
    member: str
    amount_fen: int
    remark: str


@dataclass(frozen=True, slots=True)
class Paid:
    """The member has the money."""

    receipt: str = ""
    amount_fen: int | None = None
    """As the payer says; None where it does not say. Another amount than ordered is not paid."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The order was finally refused; nothing was paid."""

    reason: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """No clear answer (time-out, 5xx, still processing): ask again with the same number."""

    reason: str


@dataclass(frozen=True, slots=True)
class NeverSeen:
    """Only from `query`: the payer does not know the order."""


class Payer(Protocol):
    """One way to pay. A module in `bot/payouts` exports the class as `PAYER`."""

    name: ClassVar[str]
    automatic: ClassVar[bool]
    """False: a person pays from the exported list and reports the result."""

    def __init__(self, settings: "Settings", http: "Http") -> None: ...

    async def pay(self, order: Order) -> Paid | Failed | Uncertain:
        """Pays once per order number, however often it is called."""

    async def query(self, order_no: str) -> Paid | Failed | Uncertain | NeverSeen:
        """What became of an order."""
