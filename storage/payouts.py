"""Payouts: an award's way to its member, as a closed state machine.

    held ──► due ──► approved ──► submitted ──► paid
      │       │        │  │          │  ▲─┐
      │       │        │  │          ▼    │ (the payer is asked again under the same number)
      │       │        │  │        unknown ──► paid
      │       │        │  │          └──────► failed ──► expired
      │       │        │  └──► paid  (a gift or a coupon, handed out by us)
      └───────┴────────┴─────► rejected, expired: the money returns to its budget

What was sent to a payer can neither be rejected nor expire before the payer has answered. What
failed, expired or was rejected is given once more by a new award with a number of its own
(`reissue`), since a payer answers a spent number as it did before.

What becomes of a winner's prizes:

| the winner | outcome |
|---|---|
| has left the community when it falls due | flagged; a person approves or rejects it |
| has left later | paid as promised; a gift or coupon can be taken until its last day |
| has blocked or removed the colleague | the payer refuses: failed; reissued, or expired later |
| does not take it in time | expires: after its last day, or when a red packet is returned |
| asks for erasure | forfeits what is not yet sent (`forfeit`); what is on its way is finished |

The award, its ledger entries and its payout stay in any case: they are the legal archive.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update

from storage import coupons, ledger, money, payout_rows
from storage.ledger import Entry
from storage.payout_rows import PayoutRow
from storage.rows import every
from storage.tables.money import Award, Payout
from storage.types import table

_AWARD = table(Award)
_PAYOUT = table(Payout)

MOVES: dict[str, tuple[str, tuple[str, ...]]] = {
    "mature": ("due", ("held",)),
    "approve": ("approved", ("due",)),
    "submit": ("submitted", ("approved",)),
    "unknown": ("unknown", ("submitted", "unknown")),
    "paid": ("paid", ("submitted", "unknown")),
    "failed": ("failed", ("submitted", "unknown")),
    "hand_out": ("paid", ("approved",)),
    "found_paid": ("paid", ("held", "due", "approved", "submitted", "unknown", "failed")),
    "reject": ("rejected", ("held", "due", "approved")),
    "expire": ("expired", ("held", "due", "approved", "failed")),
}
"""Each move: where it leads, and from where it may be made."""

GIVEN_UP = ("failed", "expired", "rejected")
"""What can be given once more."""
HANDED_OUT = ("gift", "coupon")
"""Kinds that we hand out ourselves; cash goes through the payer."""
_AT_ONCE = 500


class IllegalMove(Exception):
    """The payout is not in a status from which this is allowed, or its amount differs."""


def mature(tx: Connection, today: date, now: datetime, limit: int | None = None) -> list[PayoutRow]:
    """Held payouts whose payable date has come are due, at most `limit` of them. Returns them as
    they were."""
    held = payout_rows.ripe(tx, today, limit)
    for start in range(0, len(held), _AT_ONCE):
        numbers = [row.order_no for row in held[start : start + _AT_ONCE]]
        ripe = update(_PAYOUT).where(_PAYOUT.c.order_no.in_(numbers), _PAYOUT.c.status == "held")
        tx.execute(ripe.values(status="due", updated_at=now))
    return held


def await_gate(tx: Connection, order_no: str) -> None:
    """What is held stays so until the gate has said yes of its winner."""
    _await(tx, order_no, True)


def gate_passed(tx: Connection, order_no: str) -> None:
    """The gate said yes."""
    _await(tx, order_no, False)


def flag(tx: Connection, order_no: str, flags: str) -> None:
    """Says what a person should look at before approving."""
    tx.execute(update(_PAYOUT).where(_PAYOUT.c.order_no == order_no).values(flags=flags))


def approve(tx: Connection, order_no: str, amount_fen: int, by: str, now: datetime) -> None:
    """A person, or the rule for small amounts, approves exactly this amount. Raises
    IllegalMove."""
    _move(tx, "approve", order_no, now, amount_fen, approved_by=by, approved_at=now, reason="")


def submit(tx: Connection, order_no: str, now: datetime, ask_at: datetime | None) -> None:
    """The payer is about to be asked to pay: from here on an answer may be lost. A person who
    pays from a list is not asked again (None). Raises IllegalMove."""
    attempts = _PAYOUT.c.attempts + 1
    _move(tx, "submit", order_no, now, submitted_at=now, attempts=attempts, next_at=ask_at)


def unknown(
    tx: Connection, order_no: str, reason: str, now: datetime, ask_at: datetime, confirm: str = ""
) -> None:
    """No answer that tells; asked again at `ask_at`. A `confirm` once given stays until the end.
    Raises IllegalMove."""
    asked = _PAYOUT.c.asked + 1
    more = {"confirm": confirm} if confirm else {}
    _move(tx, "unknown", order_no, now, None, reason=reason, next_at=ask_at, asked=asked, **more)


def ask_now(tx: Connection, order_no: str, now: datetime) -> bool:
    """The payer is to be asked at once (it let us know that something happened). False for what
    is not on its way."""
    on_its_way = update(_PAYOUT).where(
        _PAYOUT.c.order_no == order_no, _PAYOUT.c.status.in_(("submitted", "unknown"))
    )
    return tx.execute(on_its_way.values(next_at=now)).rowcount == 1


def failed(tx: Connection, order_no: str, reason: str, now: datetime) -> None:
    """The payer will not pay, or has its money back. Raises IllegalMove."""
    _move(tx, "failed", order_no, now, reason=reason, next_at=None, confirm="")


def paid(tx: Connection, order_no: str, receipt: str, now: datetime) -> None:
    """The member has the money. Raises IllegalMove."""
    _settle(tx, "paid", order_no, receipt, now)


def hand_out(tx: Connection, order_no: str, by: str, now: datetime) -> None:
    """The member has the gift, or has seen the coupon's code. Raises IllegalMove."""
    _settle(tx, "hand_out", order_no, by, now)


def found_paid(tx: Connection, order_no: str, receipt: str, now: datetime) -> None:
    """The payer has paid what this database, restored from an older copy, has not yet sent.
    Raises IllegalMove."""
    _settle(tx, "found_paid", order_no, receipt, now)


def reject(tx: Connection, order_no: str, by: str, reason: str, now: datetime) -> None:
    """A person decides against it; the money returns to its budget. Raises IllegalMove."""
    _move(tx, "reject", order_no, now, approved_by=by, reason=reason, finished_at=now)
    _return(tx, "rejected", order_no, now)


def expire(tx: Connection, order_no: str, reason: str, now: datetime) -> None:
    """The member did not take it; the money returns to its budget. Raises IllegalMove."""
    _move(tx, "expire", order_no, now, reason=reason, finished_at=now)
    _return(tx, "expired", order_no, now)


def expire_unclaimed(
    tx: Connection, today: date, failed_before: datetime, now: datetime
) -> list[PayoutRow]:
    """What nobody took by its last day, and what failed before an instant and was not given once
    more, expires. Returns those payouts as they were."""
    late = _AWARD.c.kind.in_(HANDED_OUT) & (_AWARD.c.claim_by < today)
    left = late & _PAYOUT.c.status.in_(("held", "due", "approved"))
    dead = (_PAYOUT.c.status == "failed") & (_PAYOUT.c.updated_at < failed_before)
    found = every(
        tx, payout_rows.selected().where(or_(left, dead)).order_by(_PAYOUT.c.order_no), PayoutRow
    )
    for row in found:
        reason = f"发放没有成功：{row.reason}" if row.status == "failed" else "逾期未领取"
        expire(tx, row.order_no, reason, now)
    return found


def forfeit(tx: Connection, member: str, by: str, reason: str, now: datetime) -> tuple[int, int]:
    """A member gives up everything that is not yet sent. Returns how many prizes those were, and
    how many are still on their way: these must be finished before the member can be erased."""
    rows = payout_rows.of_member(tx, member)
    mine = [row for row in rows if row.status in MOVES["reject"][1]]
    for row in mine:
        reject(tx, row.order_no, by, reason, now)
    return len(mine), sum(row.status in ("submitted", "unknown") for row in rows)


def reissue(
    tx: Connection, order_no: str, by: str, today: date, claim_within: timedelta, now: datetime
) -> money.Award:
    """Gives once more what came to nothing: a new award, due at once, which another person must
    approve. Raises IllegalMove, `money.OverBudget`, `money.NoCouponLeft`."""
    row = payout_rows.get(tx, order_no)
    before = money.get(tx, order_no)
    if row is None or before is None or row.status not in GIVEN_UP:
        raise IllegalMove(f"{order_no} ({_state(row)}) cannot be given once more")
    if row.status == "failed":
        expire(tx, order_no, f"改为补发：{row.reason}", now)
    key = f"reissue/{order_no}"
    if money.known(tx, key):
        raise IllegalMove(f"{order_no} has been given once more already")
    new = money.Award.of(
        key,
        before.source,
        before.community,
        before.member,
        before.prize,
        before.amount_fen,
        today,
        now,
        kind=before.kind,
        points=before.points,
        claim_by=None if before.claim_by is None else today + claim_within,
        replaces=order_no,
        deck=before.deck,
    )
    money.commit_money(tx, new.source, new.amount_fen)
    money.write_awards(tx, [new])
    _move(tx, "mature", new.order_no, now, requested_by=by)
    return new


def _await(tx: Connection, order_no: str, waits: bool) -> None:
    held = update(_PAYOUT).where(_PAYOUT.c.order_no == order_no, _PAYOUT.c.status == "held")
    tx.execute(held.values(awaits_gate=waits))


def _move(
    tx: Connection,
    move: str,
    order_no: str,
    now: datetime,
    amount_fen: int | None = None,
    **values: Any,
) -> None:
    """Changes the status if this move may be made, and the amount is as expected."""
    status, allowed = MOVES[move]
    change = (
        update(_PAYOUT)
        .where(_PAYOUT.c.order_no == order_no, _PAYOUT.c.status.in_(allowed))
        .values(status=status, updated_at=now, **values)
    )
    if amount_fen is not None:
        change = change.where(_PAYOUT.c.amount_fen == amount_fen)
    if move == "hand_out":
        ours = select(_AWARD.c.order_no).where(
            _AWARD.c.order_no == order_no, _AWARD.c.kind.in_(HANDED_OUT)
        )
        change = change.where(_PAYOUT.c.order_no.in_(ours))
    if tx.execute(change).rowcount != 1:
        raise IllegalMove(
            f"{order_no} ({_state(payout_rows.get(tx, order_no))}) cannot become {status}"
        )


def _state(row: PayoutRow | None) -> str:
    return "unknown order" if row is None else f"{row.status}, {row.amount_fen} fen"


def _settle(tx: Connection, move: str, order_no: str, receipt: str, now: datetime) -> None:
    _move(
        tx,
        move,
        order_no,
        now,
        receipt=receipt,
        reason="",
        finished_at=now,
        next_at=None,
        confirm="",
    )
    source, amount_fen, _, deck = _booked(tx, order_no)
    entry = Entry("paid", order_no, "owed", "paid", amount_fen, now)
    ledger.append(tx, source, [entry])
    money.settle(tx, source, deck, amount_fen, now)


def _return(tx: Connection, event: str, order_no: str, now: datetime) -> None:
    source, amount_fen, kind, deck = _booked(tx, order_no)
    entry = Entry(event, order_no, "owed", f"budget/{source}", amount_fen, now)
    ledger.append(tx, source, [entry])
    money.give_back(tx, source, deck, amount_fen, now)
    if kind == "coupon":
        coupons.give_back(tx, order_no)


def _booked(tx: Connection, order_no: str) -> tuple[str, int, str, int]:
    columns = (_AWARD.c.source, _AWARD.c.amount_fen, _AWARD.c.kind, _AWARD.c.deck)
    source, amount_fen, kind, deck = tx.execute(
        select(*columns).where(_AWARD.c.order_no == order_no)
    ).one()
    return source, amount_fen, kind, deck
