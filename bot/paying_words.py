"""What those who may approve payouts are told of the payer, each thing once a day."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from bot.approval import APPROVERS, tail
from bot.due import Due
from bot.letters import Origin
from sop.effects import Tell
from sop.money import yuan
from storage.payout_rows import PayoutRow


def tell_approvers(tx: Connection, due: Due, text: str, what: str, now: datetime) -> None:
    """Owes managers and administrators a word; the same `what` on the same day is owed once."""
    day = now.astimezone(due.settings.zone).date()
    told = [Tell(one.id, text) for one in due.settings.staff.values() if one.roles & APPROVERS]
    due.runtime.apply(tx, told, Origin(f"payer/{what}/{day}", now))


def tell_failed(tx: Connection, due: Due, row: PayoutRow, reason: str, now: datetime) -> None:
    """A payer refused: without a colleague the winner waits for ever. The first of a day with
    this reason is told; the others are on the list."""
    text = (
        f"⚠️ 没有发成功：{row.prize} {yuan(row.amount_fen)} 元，{reason}\n"
        f"> 今天同样原因的只提醒一次，全部请看：名单 {row.source}\n"
        f"> 查清原因后请发：补发 {tail(row)}"
    )
    what = hashlib.sha256(f"{row.source}/{reason}".encode()).hexdigest()[:12]
    tell_approvers(tx, due, text, f"failed/{what}", now)
