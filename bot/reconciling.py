"""Our payments of a day against the payer's statement: what is missing where, what differs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.payer import PaidLine, Payer
from sop.money import yuan
from storage import payout_rows, reconciliations
from storage.database import Database
from storage.payout_rows import PayoutRow
from storage.reconciliations import ReconciliationRow

AT = time(10, 0)
"""When yesterday is compared, in the company's zone."""
MOST_LINES = 20
WORDS = {
    "missing_there": "我们记为已发放，对方没有这一笔",
    "missing_here": "对方已付，我们没有记为已发放",
    "unknown_here": "对方付过一笔我们不认识的单",
    "amount": "金额不同",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """An order on which we and the payer differ."""

    order_no: str
    what: str
    """A key of `WORDS`."""
    ours_fen: int | None
    theirs_fen: int | None


def differences(
    ours: Sequence[PayoutRow],
    theirs: Sequence[PaidLine],
    before: Sequence[PaidLine],
    known: Mapping[str, PayoutRow],
) -> list[Difference]:
    """What differs, by order number.

    `ours` was recorded as paid on the day, `theirs` is the payer's statement of it, `before` that
    of the day before (what the payer paid shortly before midnight we record after it); `known`
    are our payouts for the numbers in `theirs`, whenever they were paid.
    """
    found = []
    for line in theirs:
        row = known.get(line.order_no)
        if row is None:
            found.append(Difference(line.order_no, "unknown_here", None, line.amount_fen))
        elif row.status != "paid":
            found.append(Difference(line.order_no, "missing_here", row.amount_fen, line.amount_fen))
        elif row.amount_fen != line.amount_fen:
            found.append(Difference(line.order_no, "amount", row.amount_fen, line.amount_fen))
    stated = {line.order_no for line in (*theirs, *before)}
    found += [
        Difference(row.order_no, "missing_there", row.amount_fen, None)
        for row in ours
        if row.order_no not in stated
    ]
    return sorted(found, key=lambda one: one.order_no)


async def compare(
    database: Database, payer: Payer, day: date, zone: ZoneInfo, now: datetime
) -> ReconciliationRow | None:
    """Compares one local day; None where the payer keeps no account. Raises `payer.NoStatement`.

    Nothing is written: whoever asked decides what to do with it.
    """
    start, end = bounds(day, zone)
    wide = start - timedelta(days=1)
    sent = await database.read(lambda tx: reconciliations.sent_between(tx, wide, end))
    theirs = await payer.statement(day, sent)
    before = None if theirs is None else await payer.statement(day - timedelta(days=1), sent)
    if theirs is None or before is None:
        return None
    numbers = [line.order_no for line in theirs]
    ours, known = await database.read(_ours(start, end, numbers))
    found = differences(ours, theirs, before, known)
    return ReconciliationRow(
        day,
        payer.name,
        now,
        len(ours),
        sum(row.amount_fen for row in ours),
        len(theirs),
        sum(line.amount_fen for line in theirs),
        [asdict(one) for one in found],
    )


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of a local day and that of the next."""
    return (
        datetime.combine(day, time(), zone).astimezone(ZoneInfo("UTC")),
        datetime.combine(day + timedelta(days=1), time(), zone).astimezone(ZoneInfo("UTC")),
    )


def told(row: ReconciliationRow, most: int | None = MOST_LINES) -> str:
    """A day's comparison for people, with at most so many differences."""
    head = f"{row.day.month} 月 {row.day.day} 日对账（{row.payer}）"
    figures = f"我们 {row.ours} 笔 {yuan(row.ours_fen)} 元"
    figures += f"，对方 {row.theirs} 笔 {yuan(row.theirs_fen)} 元"
    if not row.differences:
        return f"✅ {head}一致：{figures}"
    lines = [f"⚠️ {head}有 {len(row.differences)} 处差异：{figures}"]
    for one in row.differences[:most]:
        sides = [
            f"{side} {yuan(fen)} 元"
            for side, fen in (("我们", one["ours_fen"]), ("对方", one["theirs_fen"]))
            if fen is not None
        ]
        lines.append(f"> {one['order_no']}　{WORDS[one['what']]}　{'，'.join(sides)}")
    if most is not None and len(row.differences) > most:
        lines.append(f"（只列出前 {most} 处，全部：qunyun payouts reconcile --day {row.day}）")
    return "\n".join(lines)


def _ours(
    start: datetime, end: datetime, numbers: Sequence[str]
) -> Callable[[Connection], tuple[list[PayoutRow], dict[str, PayoutRow]]]:
    def work(tx: Connection) -> tuple[list[PayoutRow], dict[str, PayoutRow]]:
        return reconciliations.paid_between(tx, start, end), payout_rows.many(tx, numbers)

    return work
