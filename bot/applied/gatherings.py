"""Gatherings and their replies."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import gatherings


def open_gathering(batch: Batch, effect: does.OpenGathering) -> None:
    gatherings.open_(
        batch.tx,
        community=effect.community,
        kind=effect.kind,
        occurrence=effect.occurrence,
        options=effect.options,
        phase=effect.phase,
        seed=effect.seed,
        quiet_hours=effect.quiet_hours,
        next_at=effect.next_at,
        closes_at=effect.closes_at,
        now=batch.now,
    )


def keep_reply(batch: Batch, effect: does.KeepReply) -> None:
    gatherings.keep_reply(batch.tx, effect.gathering, effect.member, effect.value, batch.now)


def turn_gathering(batch: Batch, effect: does.TurnGathering) -> None:
    gatherings.turn(batch.tx, effect.gathering, effect.phase, effect.next_at, effect.closes_at)


def close_gathering(batch: Batch, effect: does.CloseGathering) -> None:
    gatherings.close(batch.tx, effect.gathering, effect.reason, effect.result, batch.now)


HANDLERS: Handlers = {
    does.OpenGathering: open_gathering,
    does.KeepReply: keep_reply,
    does.TurnGathering: turn_gathering,
    does.CloseGathering: close_gathering,
}
