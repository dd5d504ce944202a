"""Answers to the core's questions about prizes (`sop.payout_ports`), read from rows."""

from collections.abc import Sequence

from sqlalchemy import Connection

from sop.payout_ports import Prize
from storage import coupons, payout_rows


class SqlPayoutFacts:
    """One transaction's view."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def prizes(self, member: str) -> Sequence[Prize]:
        return [self._prize(row) for row in payout_rows.of_member(self._tx, member)]

    def prize(self, order_no: str) -> Prize | None:
        row = payout_rows.get(self._tx, order_no)
        return None if row is None else self._prize(row)

    def _prize(self, row: payout_rows.PayoutRow) -> Prize:
        code = row.code
        if row.kind == "coupon":
            code = coupons.code(self._tx, row.order_no)
        return Prize(
            row.order_no,
            row.member,
            row.community,
            row.prize,
            row.kind,
            row.amount_fen,
            row.points,
            row.won_at,
            row.source,
            row.status,
            row.payable_on,
            row.claim_by,
            row.reason,
            code or "",
            row.confirm,
            row.awaits_gate,
        )
