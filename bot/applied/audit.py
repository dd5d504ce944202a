"""The audit."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from sop.effects_json import to_json
from storage import audit


def record(batch: Batch, effect: does.Record) -> None:
    audit.append(
        batch.tx,
        actor=effect.actor,
        action=effect.action,
        subject=effect.subject,
        detail=effect.detail,
        undo=[to_json(one) for one in effect.undo],
        now=batch.now,
    )


def mark_undone(batch: Batch, effect: does.MarkUndone) -> None:
    audit.mark_undone(batch.tx, effect.audit, batch.now)


HANDLERS: Handlers = {
    does.Record: record,
    does.MarkUndone: mark_undone,
}
