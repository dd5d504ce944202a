"""Handing a gift out: whose it is, then a yes; once, however often somebody presses."""

from bot.customers import shown_to
from sop.community import Role, Staff
from sop.effects import Button, Effect, HandOutPrize, Record, Reply, SettleCard, Tell
from sop.prizes import grouped
from storage.payout_rows import PayoutRow

WHO = frozenset({Role.RM, Role.OPERATOR})
_NOT_NOW = {
    "held": "还没有到发放日",
    "due": "还没有批准",
    "expired": "已过期",
    "rejected": "没有通过核对",
    "paid": "已经核销过了",
}


def refusal(row: PayoutRow, staff: Staff) -> str | None:
    """Why this colleague cannot hand this prize out now; None if it can be done."""
    if not staff.roles & WHO or not staff.may_see(row.community):
        return "这份奖品不在您负责的社群"
    if row.kind != "gift":
        return f"“{row.prize}”不是礼品，不用核销"
    if row.status == "approved":
        return None
    return f"“{row.prize}”{_NOT_NOW.get(row.status, '现在不能核销')}"


def ask(row: PayoutRow, staff: Staff, name: str) -> list[Effect]:
    """Shows whose prize it is, and asks."""
    code = row.code or ""
    mine = shown_to(name, row.community in staff.communities)
    text = f"{mine}的“{row.prize}”，领取码 {grouped(code)}。\n请核对本人后再核销，核销不能撤销。"
    return [
        Tell(
            staff.id,
            text,
            title=f"核销：{row.prize}",
            buttons=(Button("已交给本人", f"payout|handout|{row.order_no}"),),
        ),
        Reply(f"{text}\n> 或发：核销 {code} 确认"),
    ]


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
