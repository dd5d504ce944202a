"""What those who may approve payouts are told of the payer, each thing once a day."""

from datetime import datetime

from sqlalchemy import Connection

from bot.approval import APPROVERS
from bot.due import Due
from bot.letters import Origin
from sop.effects import Tell


def tell_approvers(tx: Connection, due: Due, text: str, what: str, now: datetime) -> None:
    """Owes managers and administrators a word; the same `what` on the same day is owed once."""
    day = now.astimezone(due.settings.zone).date()
    told = [Tell(one.id, text) for one in due.settings.staff.values() if one.roles & APPROVERS]
    due.runtime.apply(tx, told, Origin(f"payer/{what}/{day}", now))
