"""Finance pays from the exported list (`qunyun payouts export`); nothing is called."""

from typing import ClassVar

from bot.http import Http
from bot.payer import Failed, NeverSeen, Paid, Uncertain
from bot.payer import Order as Order
from bot.settings import Settings


class Manual:
    """A person pays and reports back."""

    name: ClassVar[str] = "manual"
    automatic: ClassVar[bool] = False

    def __init__(self, settings: Settings, http: Http) -> None:
        self._company = settings.company

    async def pay(self, order: Order) -> Paid | Failed | Uncertain:
        """Waits for the person."""
        return Uncertain(f"待{self._company}财务按名单发放")

    async def query(self, order_no: str) -> Paid | Failed | Uncertain | NeverSeen:
        """Only the person knows."""
        return Uncertain(f"待{self._company}财务确认 {order_no}")


PAYER = Manual
