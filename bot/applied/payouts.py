"""Payouts: approved, refused, given once more, handed out."""

from datetime import timedelta

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import payouts

CLAIM_AGAIN = timedelta(days=30)
"""How long what is given once more can be taken."""


def approve(batch: Batch, effect: does.ApprovePayout) -> None:
    payouts.approve(batch.tx, effect.order_no, effect.amount_fen, effect.by, batch.now)


def reject(batch: Batch, effect: does.RejectPayout) -> None:
    payouts.reject(batch.tx, effect.order_no, effect.by, effect.reason, batch.now)


def reissue(batch: Batch, effect: does.ReissuePayout) -> None:
    today = batch.runtime.today(batch.now)
    payouts.reissue(batch.tx, effect.order_no, effect.by, today, CLAIM_AGAIN, batch.now)


def hand_out(batch: Batch, effect: does.HandOutPrize) -> None:
    payouts.hand_out(batch.tx, effect.order_no, effect.by, batch.now)


def claim(batch: Batch, effect: does.ClaimCoupon) -> None:
    payouts.hand_out(batch.tx, effect.order_no, effect.by, batch.now)


HANDLERS: Handlers = {
    does.ApprovePayout: approve,
    does.RejectPayout: reject,
    does.ReissuePayout: reissue,
    does.HandOutPrize: hand_out,
    does.ClaimCoupon: claim,
}
