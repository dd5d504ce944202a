"""What the tests of the money commands share: prizes that wait, and buttons that are pressed."""

from datetime import date, timedelta
from typing import Any

from bot.wecom.events_json import kind_of, to_json
from sop.events import Pressed, ReplyTo
from storage import inbox, money, outbox, payout_rows, payouts
from storage.types import order_number

HOOK = "join-hook"
TODAY = date(2026, 11, 24)


async def award(bank: Any, key: str, member: str, fen: int, **more: Any) -> str:
    """A prize that was won a week ago: its order number."""
    given: dict[str, Any] = {
        "key": key,
        "source": HOOK,
        "budget_fen": 10_000,
        "community": "wealth-01",
        "member": member,
        "prize": "见面红包",
        "amount_fen": fen,
        "payable_on": TODAY,
        "now": bank.clock.now() - timedelta(days=7),
    }

    number: str = await bank.write(lambda tx: money.award(tx, **(given | more)).order_no)
    return number


async def win(bank: Any, key: str, member: str, fen: int, **more: Any) -> str:
    """A prize that is due: its order number."""
    number = await award(bank, key, member, fen, **more)
    await bank.write(payouts.mature, TODAY, bank.clock.now())
    return number


async def press(bank: Any, sender: str, key: str) -> list[tuple[str, str]]:
    """What is answered to whom when a button is pressed."""
    to = ReplyTo("card_update", {"response_code": "c", "user": sender})
    event = Pressed(bank.clock.now(), sender, "t", key, to)
    row = inbox.NewEvent(
        f"pressed/{key}/{sender}", sender, kind_of(event), to_json(event), event.at
    )
    await bank.write(inbox.add, [row])
    assert await bank.dispatcher.step() == 1
    owed: list[tuple[str, str]] = await bank.owed()
    return owed


async def statuses(bank: Any) -> list[tuple[str, str | None]]:
    """Of the prizes k1 to k8."""
    rows = await bank.write(payout_rows.listing)
    by_key = {order_number(f"k{n}"): f"k{n}" for n in range(1, 9)}
    return sorted((by_key[row.order_no], row.status) for row in rows if row.order_no in by_key)


def tail(key: str) -> str:
    """What people type of a prize's order number."""
    return order_number(key)[-4:]


async def buttons(bank: Any) -> list[str]:
    """The keys of every button that was sent."""
    rows = sorted(await bank.write(outbox.listing, None, 100), key=lambda row: row.id)
    cards = [row.body["card"] for row in rows if "card" in row.body]
    return [button["key"] for card in cards for button in card["buttons"]]
