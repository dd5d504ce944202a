"""What the terminal shows of payouts."""

import csv
import io
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from bot.customers import shown_to
from bot.desk import Refused, known
from bot.payout_list import Known, Line, State
from bot.payout_words import KIND_WORDS, PAYOUT_WORDS
from sop.money import yuan
from storage import coupons, money, paying, payout_rows, people
from storage.payout_rows import PayoutRow

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_STATES: Mapping[str, State] = {
    "submitted": "listed",
    "unknown": "listed",
    "paid": "paid",
    "failed": "closed",
    "expired": "closed",
    "rejected": "closed",
}


def payout_lines(tx: Connection, status: str | None, source: str | None) -> str:
    """One line per payout, with the sum at the end."""
    rows = _listed(tx, status, source)
    lines = []
    for row in rows:
        lines.append(
            f"{row.order_no}  {row.payable_on}  {yuan(row.amount_fen):>10} 元  "
            f"{PAYOUT_WORDS[row.status]}  {row.member}  {row.prize}  {row.reason}".rstrip()
        )
        lines += [f"    ⚠️ {flag}" for flag in row.flags.split("\n") if flag]
    total = sum(row.amount_fen for row in rows)
    return "\n".join([*lines, f"共 {len(rows)} 笔，{yuan(total)} 元"])


def _listed(tx: Connection, status: str | None, source: str | None) -> list[PayoutRow]:
    """Raises Refused for a status or a source that is none."""
    known(status, PAYOUT_WORDS)
    sources = [one.source for one in money.budget_lines(tx)]
    if source is not None and source not in sources:
        there = f"有：{'、'.join(sources)}" if sources else "现在一个也没有"
        raise Refused(f"没有发过奖的活动或奖池“{source}”，{there}。")
    return payout_rows.listing(tx, status, source=source)


def payout_csv(tx: Connection, status: str | None, source: str | None) -> tuple[str, int]:
    """Payouts as a table, and how many: no cell can be taken for a formula."""
    rows = _listed(tx, status, source)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["订单号", "成员", "奖品", "类别", "金额（元）", "应发日期", "状态", "来源", "疑点", "说明"]
    )
    for row in rows:
        cells = [
            row.order_no,
            row.member,
            row.prize,
            KIND_WORDS[row.kind],
            yuan(row.amount_fen).replace(",", ""),
            row.payable_on.isoformat(),
            PAYOUT_WORDS[row.status],
            row.source,
            row.flags.replace("\n", "；"),
            row.reason,
        ]
        writer.writerow([_harmless(cell) for cell in cells])
    return out.getvalue(), len(rows)


def finance_list(tx: Connection, again: bool) -> list[Line]:
    """Approved cash for finance to pay; with `again`, what was listed and has no result yet.
    Raises Refused while a restored database is being compared."""
    if paying.state(tx).mode == paying.RECONCILE:
        raise Refused(
            "数据库是从备份恢复的，导出已暂停：请财务核对哪些已经发过，"
            "导入结果后运行 qunyun payouts reconcile --done"
        )
    statuses = ("submitted", "unknown") if again else ("approved",)
    rows = [row for one in statuses for row in payout_rows.listing(tx, one) if row.kind == "cash"]
    return [_line(tx, row) for row in rows]


def known_orders(tx: Connection, numbers: Sequence[str]) -> dict[str, Known]:
    """What we know of the orders in finance's file. After a restore every order that is not at
    its end may have been listed."""
    restored = paying.state(tx).mode == paying.RECONCILE
    unlisted: State = "listed" if restored else "unlisted"
    rows = payout_rows.many(tx, numbers)
    return {
        number: Known(row.amount_fen, _STATES.get(row.status, unlisted))
        for number, row in rows.items()
    }


def stock_lines(tx: Connection) -> str:
    """One line per coupon prize."""
    stocks = coupons.stocks(tx)
    lines = [f"{one.source}  {one.prize}  还剩 {one.left}/{one.total} 张" for one in stocks]
    return "\n".join(lines) or "还没有导入过券码。"


def _line(tx: Connection, row: PayoutRow) -> Line:
    name = shown_to(people.name(tx, row.member), own=False)
    return Line(row.order_no, name, row.member, row.prize, row.amount_fen, row.payable_on)


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would compute gets an apostrophe in front."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell
