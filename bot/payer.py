"""What a payer is: one way in which money reaches a member, one file in `bot/payouts`.

The order number was made in the draw's transaction and never changes. A payer may be asked to
pay the same order again at any time: under one number it pays once. Only after `Failed` is a
number spent; whoever wants to pay all the same needs a new one (reliability.md, finding 8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.http import Http
    from bot.settings import Settings

NOTIFY_PATH = "/payouts/notify"
"""Where a payer that notifies us finds us, below `listen.public`."""


@dataclass(frozen=True, slots=True)
class Order:
    """A payout to be paid."""

    order_no: str
    """1–28 letters and digits: what a red packet's number may be."""
    member: str
    amount_fen: int
    remark: str
    first_sent: datetime | None = None
    """When it was first sent, if it was: from then on only the payer's own word ends it, and a
    payer that forgets its orders after a time must not be sent an old one again."""


@dataclass(frozen=True, slots=True)
class Paid:
    """The member has the money."""

    receipt: str = ""
    amount_fen: int | None = None
    """As the payer says; None where it does not say. Another amount than ordered is not paid."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The order was finally refused, or its money came back: the member has nothing of it."""

    reason: str
    returned: bool = False
    """The member did not take it in time: nobody needs to mend anything, it simply expires."""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """No clear answer (time-out, 5xx, unknown code): ask again with the same number."""

    reason: str
    alarm: bool = False
    """Nothing will change by itself: somebody must mend a key, a certificate, the balance, or
    look at an order whose particulars differ. The order itself is not at fault."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The payer knows the order, and nothing is to be done here: it is still at work, the member
    has yet to take or confirm the money, or a limit of the day ends at midnight. Ask again with
    the same number, as after `Uncertain`."""

    reason: str
    confirm: str = ""
    """What the member's page hands to WeChat to confirm a transfer (`package_info`). Said once,
    by `pay`; an empty one later does not take it back."""


@dataclass(frozen=True, slots=True)
class NeverSeen:
    """Only from `query`: the payer does not know the order. That is no proof that it never will:
    pay it again, under the same number and no other."""


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A payment that a payer says it has made."""

    order_no: str
    amount_fen: int
    paid_at: datetime | None = None
    """None where the payer does not say when."""
    receipt: str = ""


class NoStatement(Exception):
    """The statement cannot be had now; the text says why, in Chinese."""


class Forged(Exception):
    """A notification that the payer did not send: bad signature, too old, unreadable."""


Outcome = Paid | Failed | Uncertain | Waiting


class Payer(Protocol):
    """One way to pay. A module in `bot/payouts` exports the class as `PAYER`."""

    name: ClassVar[str]
    automatic: ClassVar[bool]
    """False: a person pays from the exported list and reports the result."""
    merchant: ClassVar[tuple[str, ...]]
    """What it needs of `payouts.merchant`; empty: it has no account at WeChat Pay."""
    secrets: ClassVar[tuple[str, ...]]
    """The environment variables that it needs."""

    def __init__(self, settings: "Settings", http: "Http", clock: "Clock") -> None: ...

    async def pay(self, order: Order) -> Outcome:
        """Pays once per order number, however often it is called."""

    async def query(self, order_no: str) -> Outcome | NeverSeen:
        """What became of an order."""

    async def statement(self, day: date, orders: Sequence[str]) -> list[PaidLine] | None:
        """What was paid on a day of the company's zone; None if this payer keeps no account.

        `orders` are the numbers that we believe were paid on that day or may have been: a payer
        that has no list of its own is asked about each of them. Raises NoStatement.
        """


@runtime_checkable
class Notifies(Protocol):
    """A payer that tells us by itself when something became of an order."""

    def notified(self, headers: Mapping[str, str], body: bytes) -> str:
        """The order number of a genuine notification. Raises Forged.

        The number is all that is taken from it: the truth is what `query` then says, so doubled,
        late and reordered notifications do no harm.
        """
