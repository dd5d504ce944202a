"""Buttons of cards about prizes: `payout|approve|<source>|<digest>`, `payout|handout|<code>`."""

from sqlalchemy import Connection

from bot import approval, handing_out
from bot.due import Due
from sop.effects import Effect, SettleCard
from sop.events import Pressed
from storage import payout_rows

BUTTON = "payout|"
"""Prefix of the keys of these buttons."""


def pressed(tx: Connection, due: Due, event: Pressed) -> list[Effect]:
    """What the button does; from a stranger, or when it no longer fits, nothing."""
    facts = due.facts(tx)
    staff = facts.staff(event.sender)
    _, verb, rest = event.key.split("|", 2)
    if staff is None:
        return [SettleCard("您没有权限")]
    if verb == "approve":
        rows = payout_rows.listing(tx, "due")
        return approval.pressed(rows, staff, due.library, due.settings.approve_above_fen, rest)
    row = payout_rows.by_code(tx, rest) if verb == "handout" else None
    if row is None:
        return [SettleCard("按钮已失效")]
    return handing_out.pressed(row, staff)
