"""The calendar, and what its steps have used up."""

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
        return
    _override(batch, effect, "skipped")


def postpone_step(batch: Batch, effect: does.PostponeStep) -> None:
    _override(batch, effect, "planned")


def _override(batch: Batch, effect: does.SkipStep | does.PostponeStep, status: str) -> None:
    row = batch.runtime.planned(effect.occurrence)
    if row is not None:
        now = batch.now
        occurrences.override(batch.tx, row, status, effect.due_at, effect.reason, effect.by, now)


def restore_step(batch: Batch, effect: does.RestoreStep) -> None:
    occurrences.restore(batch.tx, effect.occurrence)


def confirm_step(batch: Batch, effect: does.ConfirmStep) -> None:
    occurrences.confirm(batch.tx, effect.occurrence, effect.by, batch.now)


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
