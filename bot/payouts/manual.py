"""Finance pays from the exported list (`bot.payout_list`); nothing is called."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from bot.clock import Clock
from bot.payer import NeverSeen, Order, Outcome, Uncertain

if TYPE_CHECKING:
    from bot.http import Http
    from bot.settings import Settings


class Manual:
    """A person pays and reports back."""

    name: ClassVar[str] = "manual"
    automatic: ClassVar[bool] = False
    merchant: ClassVar[tuple[str, ...]] = ()
    secrets: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: "Settings", http: "Http", clock: Clock) -> None:
        self._company = settings.company

    async def pay(self, order: Order) -> Outcome:
        """Waits for the person."""
        return Uncertain(f"待{self._company}财务按名单发放")

    async def query(self, order_no: str) -> Outcome | NeverSeen:
        """Only the person knows."""
        return Uncertain(f"待{self._company}财务确认 {order_no}")

    async def statement(self, day: date, orders: Sequence[str]) -> None:
        """The person's results are the only account there is."""


PAYER = Manual
