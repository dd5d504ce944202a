"""Payouts with what they are for: the questions that may be asked of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, or_, select

from storage.rows import every, one
from storage.tables.money import Award, Payout
from storage.tables.onboarding import GateCheck
from storage.types import table

_AWARD = table(Award)
_PAYOUT = table(Payout)
_CHECK = table(GateCheck)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """A payout with what it is for."""

    order_no: str
    status: str
    source: str
    community: str
    member: str
    prize: str
    kind: str
    amount_fen: int
    points: int
    won_at: datetime
    payable_on: date
    claim_by: date | None
    approved_by: str | None
    approved_at: datetime | None
    submitted_at: datetime | None
    finished_at: datetime | None
    attempts: int
    asked: int
    """Times that the payer gave no clear answer since it was submitted."""
    next_at: datetime | None
    """When the payer is to be asked."""
    receipt: str
    reason: str
    flags: str
    """What a person should look at before approving, a line each; empty: nothing."""
    requested_by: str | None
    """Who asked for it to be given once more."""
    code: str | None
    """A gift's pick-up code."""
    confirm: str
    """What the member hands to WeChat to confirm a transfer (`package_info`)."""
    replaces: str | None
    updated_at: datetime
    awaits_gate: bool = False
    """Won while the bank had not said whether the member is its customer."""


def listing(
    tx: Connection,
    status: str | None = None,
    payable_by: date | None = None,
    limit: int | None = None,
    *,
    source: str | None = None,
    communities: Collection[str] | None = None,
) -> list[PayoutRow]:
    """Payouts by payable date, of one status or all, of one source or all."""
    query = selected()
    if status is not None:
        query = query.where(_PAYOUT.c.status == status)
    if payable_by is not None:
        query = query.where(_PAYOUT.c.payable_on <= payable_by)
    if source is not None:
        query = query.where(_AWARD.c.source == source)
    if communities is not None:
        query = query.where(_AWARD.c.community.in_(communities))
    in_order = query.order_by(_PAYOUT.c.payable_on, _AWARD.c.won_at, _PAYOUT.c.order_no)
    return every(tx, in_order.limit(limit), PayoutRow)


def tally(
    tx: Connection, source: str, communities: Collection[str] | None
) -> dict[str, tuple[int, int]]:
    """How many payouts of a source have each status, and their sum in fen."""
    query = (
        select(_PAYOUT.c.status, func.count(), func.sum(_AWARD.c.amount_fen))
        .select_from(_JOINED)
        .where(*_won(source, communities))
        .group_by(_PAYOUT.c.status)
    )
    return {status: (count, int(fen)) for status, count, fen in tx.execute(query)}


def newest(
    tx: Connection, source: str, communities: Collection[str] | None, limit: int
) -> list[PayoutRow]:
    """Payouts of a source, what was won last first."""
    query = selected().where(*_won(source, communities))
    in_order = query.order_by(_AWARD.c.won_at.desc(), _PAYOUT.c.order_no.desc())
    return every(tx, in_order.limit(limit), PayoutRow)


def _won(source: str, communities: Collection[str] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_AWARD.c.source == source]
    return found if communities is None else [*found, _AWARD.c.community.in_(communities)]


def ripe(tx: Connection, today: date, limit: int | None = None) -> list[PayoutRow]:
    """What is held and falls due by a day, without what waits for the gate."""
    held = (_PAYOUT.c.status == "held", _PAYOUT.c.payable_on <= today, ~_PAYOUT.c.awaits_gate)
    in_order = selected().order_by(_PAYOUT.c.payable_on, _AWARD.c.won_at, _PAYOUT.c.order_no)
    return every(tx, in_order.where(*held).limit(limit), PayoutRow)


def awaiting(tx: Connection, today: date) -> list[tuple[str, str]]:
    """What falls due by a day and waits for the gate, with what the gate has said of its winner:
    (order number, `yes`, `no` or nothing)."""
    check = _CHECK.c
    query = (
        select(_PAYOUT.c.order_no, func.coalesce(check.verdict, ""))
        .select_from(_JOINED.outerjoin(_CHECK, check.member == _AWARD.c.member))
        .where(_PAYOUT.c.status == "held", _PAYOUT.c.payable_on <= today, _PAYOUT.c.awaits_gate)
    )
    return [(order, verdict) for order, verdict in tx.execute(query.order_by(_PAYOUT.c.order_no))]


def get(tx: Connection, order_no: str) -> PayoutRow | None:
    """One payout."""
    return one(tx, selected().where(_PAYOUT.c.order_no == order_no), PayoutRow)


def many(tx: Connection, orders: Sequence[str]) -> dict[str, PayoutRow]:
    """Payouts by order number; those that are not there are left out."""
    found: dict[str, PayoutRow] = {}
    for start in range(0, len(orders), _AT_ONCE):
        part = selected().where(_PAYOUT.c.order_no.in_(orders[start : start + _AT_ONCE]))
        found.update((row.order_no, row) for row in every(tx, part, PayoutRow))
    return found


def find(tx: Connection, typed: str, limit: int = 5) -> list[PayoutRow]:
    """Payouts whose order number ends so, newest first."""
    wanted = "".join(one for one in typed.upper() if one.isalnum() and one.isascii())
    if len(wanted) < 4:
        return []
    query = selected().where(_PAYOUT.c.order_no.endswith(wanted, autoescape=True))
    newest = query.order_by(_AWARD.c.won_at.desc(), _PAYOUT.c.order_no)
    return every(tx, newest.limit(limit), PayoutRow)


def by_code(tx: Connection, code: str) -> PayoutRow | None:
    """The gift that a pick-up code is for."""
    return one(tx, selected().where(_PAYOUT.c.code == code), PayoutRow)


def by_receipt(tx: Connection, receipts: Sequence[str]) -> dict[str, str]:
    """Which of a payer's numbers belong to cash that was paid: number → order number."""
    found: dict[str, str] = {}
    paid = select(_PAYOUT.c.receipt, _PAYOUT.c.order_no).select_from(_JOINED)
    paid = paid.where(_AWARD.c.kind == "cash", _PAYOUT.c.status == "paid")
    for start in range(0, len(receipts), _AT_ONCE):
        part = paid.where(_PAYOUT.c.receipt.in_(receipts[start : start + _AT_ONCE]))
        found.update((receipt, order) for receipt, order in tx.execute(part))
    return found


def of_member(tx: Connection, member: str) -> list[PayoutRow]:
    """What a member won, newest first, without what was given once more."""
    again = select(_AWARD.c.replaces).where(
        _AWARD.c.member == member, _AWARD.c.replaces.is_not(None)
    )
    mine = selected().where(_AWARD.c.member == member, _AWARD.c.order_no.not_in(again))
    return every(tx, mine.order_by(_AWARD.c.won_at.desc(), _AWARD.c.order_no), PayoutRow)


def to_pay(tx: Connection, now: datetime, limit: int = 50) -> list[PayoutRow]:
    """Cash for the payer: first what is approved, then what is unanswered and must be asked
    about; at most `limit` of each, so that neither starves the other."""
    ripe = or_(_PAYOUT.c.next_at.is_(None), _PAYOUT.c.next_at <= now)
    cash = selected().where(_AWARD.c.kind == "cash", ripe)
    found = []
    for statuses in (("approved",), ("submitted", "unknown")):
        query = cash.where(_PAYOUT.c.status.in_(statuses))
        in_order = query.order_by(_PAYOUT.c.next_at, _PAYOUT.c.approved_at, _PAYOUT.c.order_no)
        found += every(tx, in_order.limit(limit), PayoutRow)
    return found


def could_be_paid(tx: Connection, today: date) -> list[PayoutRow]:
    """Cash that a later state of this database may have sent to the payer."""
    on_its_way = _PAYOUT.c.status.in_(("due", "approved", "submitted", "unknown", "failed"))
    ripe = (_PAYOUT.c.status == "held") & (_PAYOUT.c.payable_on <= today)
    query = selected().where(_AWARD.c.kind == "cash", or_(on_its_way, ripe))
    return every(tx, query.order_by(_PAYOUT.c.order_no), PayoutRow)


def unanswered(tx: Connection, before: datetime) -> list[PayoutRow]:
    """What was sent to the payer before an instant and has no clear answer, oldest first."""
    query = selected().where(
        _PAYOUT.c.status.in_(("submitted", "unknown")), _PAYOUT.c.submitted_at < before
    )
    return every(tx, query.order_by(_PAYOUT.c.submitted_at, _PAYOUT.c.order_no), PayoutRow)


def first_sent(tx: Connection) -> datetime | None:
    """When anything was first sent to a payer."""
    at: datetime | None = tx.execute(select(func.min(_PAYOUT.c.submitted_at))).scalar()
    return at


def last_change(tx: Connection) -> datetime | None:
    """When a payout changed last."""
    at: datetime | None = tx.execute(select(func.max(_PAYOUT.c.updated_at))).scalar()
    return at


def next_payable(tx: Connection) -> date | None:
    """The first day on which something that is held, and not by the gate, falls due."""
    query = select(func.min(_PAYOUT.c.payable_on)).where(
        _PAYOUT.c.status == "held", ~_PAYOUT.c.awaits_gate
    )
    day: date | None = tx.execute(query).scalar()
    return day


def next_ask(tx: Connection) -> datetime | None:
    """When the next payout is to be asked about."""
    query = select(func.min(_PAYOUT.c.next_at)).where(
        _PAYOUT.c.status.in_(("approved", "submitted", "unknown"))
    )
    at: datetime | None = tx.execute(query).scalar()
    return at


_JOINED = _PAYOUT.join(_AWARD, _AWARD.c.order_no == _PAYOUT.c.order_no)
_OF_AWARD = (
    "source",
    "community",
    "member",
    "prize",
    "kind",
    "points",
    "won_at",
    "claim_by",
    "replaces",
)


def selected() -> Select[Any]:
    """SELECT of everything that `PayoutRow` holds."""

    def home(name: str) -> Table:
        return _AWARD if name in _OF_AWARD else _PAYOUT

    names = PayoutRow.__dataclass_fields__
    return select(*(home(name).c[name] for name in names)).select_from(_JOINED)
