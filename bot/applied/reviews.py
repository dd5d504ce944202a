"""Stamps of reviewers."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import reviews


def stamp(batch: Batch, effect: does.Stamp) -> None:
    reviews.stamp(
        batch.tx,
        plan=effect.plan,
        step=effect.step,
        hash=effect.hash,
        sheet=effect.sheet,
        by=effect.by,
        note=effect.note,
        now=batch.now,
    )


def unstamp(batch: Batch, effect: does.Unstamp) -> None:
    reviews.revoke(
        batch.tx,
        plan=effect.plan,
        step=effect.step,
        by=effect.by,
        reason=effect.reason,
        now=batch.now,
    )


HANDLERS: Handlers = {
    does.Stamp: stamp,
    does.Unstamp: unstamp,
}
