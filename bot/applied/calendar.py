"""The calendar, and what its steps have used up."""

from bot.applied import assist
from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import contacts, lists, occurrences, people


def use_item(batch: Batch, effect: does.UseItem) -> None:
    lists.use(
        batch.tx,
        effect.community,
        effect.list,
        effect.item,
        effect.occurrence,
        batch.now,
    )


def skip_step(batch: Batch, effect: does.SkipStep) -> None:
    if batch.runtime.in_person(effect.occurrence) and occurrences.decline(
        batch.tx, effect.occurrence, effect.by, effect.reason, batch.now
    ):
        contacts.withdraw(batch.tx, effect.occurrence)
        lists.give_back(batch.tx, effect.occurrence)
        assist.skip(batch, effect.occurrence, effect.reason)
        return
    if batch.runtime.in_person(effect.occurrence) and _was_skipped(batch, effect.occurrence):
        assist.skip(batch, effect.occurrence, effect.reason)
        return
    _override(batch, effect, "skipped")


def postpone_step(batch: Batch, effect: does.PostponeStep) -> None:
    """What was handed to the RM already is asked for again later; it does not run twice."""
    if not assist.put_off(batch, effect.occurrence, effect.due_at):
        _override(batch, effect, "planned")


def _was_skipped(batch: Batch, occurrence: str) -> bool:
    """Whether the RM was asked and decided against it."""
    row = occurrences.get(batch.tx, occurrence)
    return row is not None and row.status == "skipped" and row.changed_by is not None


def _override(batch: Batch, effect: does.SkipStep | does.PostponeStep, status: str) -> None:
    row = batch.runtime.planned(effect.occurrence)
    if row is not None:
        now = batch.now
        occurrences.override(batch.tx, row, status, effect.due_at, effect.reason, effect.by, now)


def restore_step(batch: Batch, effect: does.RestoreStep) -> None:
    if not assist.restore(batch, effect.occurrence):
        occurrences.restore(batch.tx, effect.occurrence)


def confirm_step(batch: Batch, effect: does.ConfirmStep) -> None:
    occurrences.confirm(batch.tx, effect.occurrence, effect.by, batch.now)
    assist.confirm(batch, effect.occurrence)


def pause(batch: Batch, effect: does.Pause) -> None:
    people.pause(batch.tx, effect.community)


def resume(batch: Batch, effect: does.Resume) -> None:
    people.resume(batch.tx, effect.community)


HANDLERS: Handlers = {
    does.UseItem: use_item,
    does.SkipStep: skip_step,
    does.PostponeStep: postpone_step,
    does.RestoreStep: restore_step,
    does.ConfirmStep: confirm_step,
    does.Pause: pause,
    does.Resume: resume,
}
