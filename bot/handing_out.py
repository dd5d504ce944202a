"""Handing a gift out: by the code that its winner shows, after a look at whose it is; once,
however often somebody presses.

Only who has the code can hand the prize out, so the code is never shown to a colleague who asks:
members read it on their own page, or ask for it in their group.
"""

import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.customers import shown_to
from sop.community import Role, Staff
from sop.effects import Button, Effect, HandOutPrize, Record, Reply, SettleCard, Tell
from sop.prizes import grouped
from storage import audit
from storage.payout_rows import PayoutRow
from storage.types import PICKUP_LENGTH

WHO = frozenset({Role.RM, Role.OPERATOR})
MOST_WRONG = 5
"""Codes that a colleague may mistype within `WITHIN`."""
WITHIN = timedelta(hours=1)
WRONG, LOOKED = "核销码不对", "核销核对"
"""Deeds in the audit: a code that is none, and a look at whose prize it is."""
_NOT_NOW = {
    "held": "还没有到发放日",
    "due": "还没有批准",
    "expired": "已过期",
    "rejected": "没有通过核对",
    "paid": "已经核销过了",
}


def code_of(typed: str) -> str | None:
    """A code as it is kept, whatever its spelling: `7k3mq-xw2dp`; None if it cannot be one."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(one for one in plain if one.isalnum())
    return code if len(code) == PICKUP_LENGTH and code.isascii() else None


def blocked(tx: Connection, staff: Staff, now: datetime) -> str | None:
    """Why this colleague has to wait after too many wrong codes; None if there is no need."""
    wrong = audit.deeds(tx, staff.id, WRONG, now - WITHIN)
    if len(wrong) < MOST_WRONG:
        return None
    left = wrong[MOST_WRONG - 1].at + WITHIN - now
    minutes = -(-left // timedelta(minutes=1))
    return f"领取码输错了 {len(wrong)} 次，请 {minutes} 分钟后再试。"


def unknown(tx: Connection, staff: Staff, now: datetime) -> list[Effect]:
    """The code is nobody's: said, counted, and written down without the code itself."""
    number = len(audit.deeds(tx, staff.id, WRONG, now - WITHIN)) + 1
    left = MOST_WRONG - number
    more = f"一小时内还可以试 {left} 次" if left else "一小时内不能再试了"
    return [
        Reply(f"没有这个领取码，请和成员手机上的再对一遍（{more}）。"),
        Record(staff.id, WRONG, "", f"一小时内第 {number} 次"),
    ]


def refusal(row: PayoutRow, staff: Staff) -> str | None:
    """Why this colleague cannot hand this prize out now; None if it can be done."""
    if not staff.roles & WHO or not staff.may_see(row.community):
        return "这份奖品不在您负责的社群"
    if row.status == "approved":
        return None
    return f"“{row.prize}”{_NOT_NOW.get(row.status, '现在不能核销')}"


def ask(row: PayoutRow, staff: Staff, name: str) -> list[Effect]:
    """Shows whose prize it is, and asks."""
    code = row.code or ""
    mine = shown_to(name, row.community in staff.communities)
    text = f"{mine}的“{row.prize}”。\n请核对本人后再核销，核销不能撤销。"
    return [
        Tell(
            staff.id,
            text,
            title=f"核销：{row.prize}",
            buttons=(Button("已交给本人", f"payout|handout|{code}"),),
        ),
        Reply(f"{text}\n> 或发：核销 {grouped(code)} 确认"),
        Record(staff.id, LOOKED, row.order_no, row.prize),
    ]


def looked(tx: Connection, row: PayoutRow, staff: Staff, now: datetime) -> bool:
    """Whether this colleague has just been shown whose prize it is."""
    deeds = audit.deeds(tx, staff.id, LOOKED, now - WITHIN)
    return any(one.subject == row.order_no for one in deeds)


def hand_out(row: PayoutRow, staff: Staff) -> list[Effect]:
    """It is handed out, with a line for the audit."""
    return [
        HandOutPrize(row.order_no, staff.id),
        Record(staff.id, "核销", row.order_no, row.prize),
    ]


def pressed(row: PayoutRow, staff: Staff) -> list[Effect]:
    """The button of the card."""
    refused = refusal(row, staff)
    if refused is not None:
        return [SettleCard(refused)]
    return [*hand_out(row, staff), SettleCard("已核销")]
