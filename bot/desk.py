"""What the terminal shows and does with payouts and owed messages."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sop.money import yuan
from storage import audit, money, outbox

PAYOUT_WORDS = {
    "held": "待到期",
    "due": "待批准",
    "approved": "已批准",
    "submitted": "已提交",
    "unknown": "待查询",
    "paid": "已发放",
    "failed": "失败",
    "expired": "已过期",
}
LETTER_WORDS = {
    "pending": "待发",
    "sending": "发送中",
    "sent": "已发",
    "unknown": "搁置",
    "dead": "发不出",
    "expired": "已过期",
    "dropped": "已丢弃",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Refused(Exception):
    """What was asked for cannot be done; the text says why."""


def payout_lines(tx: Connection, status: str | None) -> str:
    """One line per payout, with the sum at the end."""
    _known(status, PAYOUT_WORDS)
    rows = money.payouts(tx, status)
    lines = [
        f"{row.order_no}  {row.payable_on}  {yuan(row.amount_fen):>10} 元  "
        f"{PAYOUT_WORDS[row.status]}  {row.member}  {row.prize}  {row.reason}".rstrip()
        for row in rows
    ]
    total = sum(row.amount_fen for row in rows)
    return "\n".join([*lines, f"共 {len(rows)} 笔，{yuan(total)} 元"])


def payout_csv(tx: Connection, status: str) -> tuple[str, int]:
    """The list for finance, and how many it holds: no cell can be taken for a formula."""
    _known(status, PAYOUT_WORDS)
    rows = money.payouts(tx, status)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["订单号", "成员", "奖品", "金额（元）", "应发日期", "状态", "来源"])
    for row in rows:
        cells = [
            row.order_no,
            row.member,
            row.prize,
            yuan(row.amount_fen).replace(",", ""),
            row.payable_on.isoformat(),
            PAYOUT_WORDS[row.status],
            row.source,
        ]
        writer.writerow([_harmless(cell) for cell in cells])
    return out.getvalue(), len(rows)


def approve_due(tx: Connection, orders: Sequence[str] | None, by: str, now: datetime) -> str:
    """Approves due payouts, each bound to its exact amount; all of them or none."""
    due = {row.order_no: row for row in money.payouts(tx, "due")}
    wanted = list(orders or due)
    strangers = [one for one in wanted if one not in due]
    if strangers:
        raise Refused("这些订单不在“待批准”里：\n  " + "\n  ".join(strangers))
    total = 0
    for number in wanted:
        amount = due[number].amount_fen
        money.approve(tx, number, amount, by, now)
        audit.append(
            tx,
            actor=by,
            action="批准发奖",
            subject=number,
            detail=f"{yuan(amount)} 元",
            undo=[],
            now=now,
        )
        total += amount
    return f"批准了 {len(wanted)} 笔，共 {yuan(total)} 元"


def outbox_lines(tx: Connection, status: str | None, limit: int, zone: ZoneInfo) -> str:
    """One line per letter: number, state, why, and where to. Bodies and keys are not shown."""
    _known(status, LETTER_WORDS)
    rows = outbox.listing(tx, status, limit)
    lines = [
        f"{row.id:>6}  {LETTER_WORDS[row.status]}  {row.channel}  "
        f"{row.not_before.astimezone(zone):%m-%d %H:%M}  "
        f"试过 {row.attempts} 次  {row.reason}".rstrip()
        for row in rows
    ]
    counts = "，".join(f"{LETTER_WORDS[one]} {n}" for one, n in sorted(outbox.counts(tx).items()))
    return "\n".join([*lines, counts or "发件箱是空的"])


def outbox_act(tx: Connection, verb: str, number: int, reason: str, now: datetime) -> str:
    """retry, hold or drop one letter by hand."""
    row = next((one for one in outbox.listing(tx, None, 100_000) if one.id == number), None)
    if row is None:
        raise Refused(f"发件箱里没有 {number} 号")
    if verb == "retry":
        done = outbox.retry(tx, number, now)
    elif verb == "drop":
        done = outbox.drop(tx, number, reason, now)
    else:
        done = row.status == "pending"
        if done:
            outbox.hold(tx, number, reason, now)
    if not done:
        raise Refused(f"{number} 号现在是“{LETTER_WORDS[row.status]}”，不能这样处理")
    words = {"retry": "会再发一次", "drop": "不再发送", "hold": "先搁置"}
    return f"{number} 号{words[verb]}"


def _known(status: str | None, words: dict[str, str]) -> None:
    if status is not None and status not in words:
        choices = "、".join(f"{one}（{word}）" for one, word in words.items())
        raise Refused(f"没有“{status}”这种状态；可以是：{choices}")


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would compute gets an apostrophe in front."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell
