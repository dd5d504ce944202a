"""Prizes whose day has come: looked at, approved by the rule or put before a person; and those
whose last day is over, which expire. Every hour, in slices."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot import approval
from bot.approval import APPROVERS
from bot.due import Due
from bot.letters import Origin
from sop.effects import Effect, Tell
from sop.flags import BURST, Win, flags
from sop.money import yuan
from storage import coupons, decks, payout_rows, payouts, winners
from storage.payout_rows import PayoutRow

AT_ONCE = 1000
"""Payouts to a transaction: a bad day's twenty thousand must not hold up the callbacks."""
BY_RULE = "系统"
"""Who approves what the threshold lets through."""
NO_CUSTOMER = "核对结果：不是本行客户"
RUNNING_LOW = (20, 5, 0)
"""Coupon codes left at which operators are told."""
KEEP_FAILED = timedelta(days=30)
"""How long a failed payout waits for somebody to give it once more."""
_OFFICE_HOURS = time(9, 0)


def mature(tx: Connection, due: Due, now: datetime) -> int:
    """One slice of what falls due today. Returns how many payouts it held; ask again while that
    is `AT_ONCE`."""
    today = now.astimezone(due.settings.zone).date()
    _hear_gate(tx, due, today, now)
    ripe = payouts.mature(tx, today, now, AT_ONCE)
    if not ripe:
        return 0
    suspicious = _flagged(tx, due, ripe)
    limit = due.settings.approve_above_fen
    to_person = False
    for row in ripe:
        reasons = suspicious.get(row.order_no)
        if reasons:
            payouts.flag(tx, row.order_no, "\n".join(reasons))
        if reasons or not limit or row.amount_fen > limit:
            to_person = True
        else:
            payouts.approve(tx, row.order_no, row.amount_fen, BY_RULE, now)
    if to_person and len(ripe) < AT_ONCE:
        due.runtime.apply(tx, _told(tx, due, now), Origin(f"payouts/due/{now.isoformat()}", now))
    return len(ripe)


def next_day(tx: Connection, zone: ZoneInfo) -> datetime | None:
    """The first instant of the next day on which something falls due."""
    day = payout_rows.next_payable(tx)
    return None if day is None else datetime.combine(day, time(), zone).astimezone(UTC)


def expire(tx: Connection, due: Due, now: datetime) -> int:
    """What nobody took in time returns to its budget. Returns how many payouts those were."""
    today = now.astimezone(due.settings.zone).date()
    return len(payouts.expire_unclaimed(tx, today, now - KEEP_FAILED, now))


def warn_of_coupons(tx: Connection, due: Due, now: datetime) -> None:
    """Operators hear when the codes of a coupon that is being given away run low, once for each
    step down."""
    used = {deck.campaign for deck in decks.unfinished(tx)}
    for stock in coupons.stocks(tx):
        steps = [one for one in RUNNING_LOW if stock.left <= one]
        in_use = stock.source in used or stock.source.startswith("points/")
        if not steps or not in_use or stock.left == stock.total:
            continue
        state = f"只剩 {stock.left} 个" if stock.left else "已经发完"
        text = (
            f"⚠️ “{approval.title(stock.source, due.library)}”的“{stock.prize}”券码{state}。\n"
            f"> 请补充：qunyun payouts codes import 文件 --source {stock.source} "
            f"--prize {stock.prize} --by 您的userid"
        )
        key = f"coupons/{stock.source}/{stock.prize}/{stock.total}/{min(steps)}"
        told = [Tell(one.id, text) for one in due.facts(tx).operators()]
        due.runtime.apply(tx, told, Origin(key, now))


def _hear_gate(tx: Connection, due: Due, today: date, now: datetime) -> None:
    """What was won before the bank said whether its winner is a customer: paid after a yes, given
    back after a no, and else it goes on waiting. Where nobody asks any more nothing waits."""
    for order_no, verdict in payout_rows.awaiting(tx, today):
        if due.settings.gate is None or verdict == "yes":
            payouts.gate_passed(tx, order_no)
        elif verdict == "no":
            payouts.reject(tx, order_no, BY_RULE, NO_CUSTOMER, now)


def _flagged(tx: Connection, due: Due, rows: Sequence[PayoutRow]) -> dict[str, tuple[str, ...]]:
    found = winners.of_orders(tx, [row.order_no for row in rows])
    by_source: dict[str, list[winners.WinnerRow]] = defaultdict(list)
    for one in found:
        by_source[one.source].append(one)
    joins = _joins(tx, found)
    staff = due.settings.staff.values()
    colleagues = {one.id for one in staff} | {one.name for one in staff}
    judged: dict[str, tuple[str, ...]] = {}
    for source, ones in by_source.items():
        brought = winners.by_inviter(tx, source, sorted({one.inviter or "" for one in ones}))
        named = winners.by_name(tx, source, sorted({one.name or "" for one in ones}))
        for one in ones:
            win = Win(
                one.order_no,
                one.member,
                one.name or "",
                one.community,
                one.joined_at,
                one.left_at is not None,
                one.inviter or "",
                brought.get(one.inviter or "", 0),
                named.get(one.name or "", 0),
            )
            judged[one.order_no] = flags(win, joins.get(one.community, ()), colleagues)
    return judged


def _joins(tx: Connection, found: Sequence[winners.WinnerRow]) -> dict[str, Sequence[datetime]]:
    came: dict[str, list[datetime]] = defaultdict(list)
    for one in found:
        if one.joined_at is not None:
            came[one.community].append(one.joined_at)
    return {
        community: winners.joins(tx, community, min(instants) - BURST, max(instants))
        for community, instants in came.items()
    }


def _told(tx: Connection, due: Due, now: datetime) -> list[Effect]:
    """Those who may approve read in the morning what waits for them."""
    local = now.astimezone(due.settings.zone)
    morning = datetime.combine(local.date(), _OFFICE_HOURS, due.settings.zone).astimezone(
        now.tzinfo
    )
    waiting = payout_rows.listing(tx, "due")
    total = yuan(sum(row.amount_fen for row in waiting))
    text = f"💰 {len(waiting)} 笔奖励到期，共 {total} 元，等您批准。\n> 查看请发：批准"
    return [
        Tell(one.id, text, not_before=morning if morning > now else None)
        for one in due.settings.staff.values()
        if one.roles & APPROVERS
    ]
