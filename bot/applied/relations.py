"""Who is whose contact."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import corp_tags, relations


def become_contact(batch: Batch, effect: does.BecomeContact) -> None:
    at = effect.at or batch.now
    relations.begin(batch.tx, effect.staff, effect.member, effect.state, at, half=effect.half)
    shared = batch.runtime.library.synced_labels()
    corp_tags.owe_pair(batch.tx, effect.member, effect.staff, shared, batch.now)


def end_contact(batch: Batch, effect: does.EndContact) -> None:
    if relations.end(batch.tx, effect.staff, effect.member, effect.at or batch.now):
        corp_tags.part(batch.tx, effect.staff, effect.member)


HANDLERS: Handlers = {
    does.BecomeContact: become_contact,
    does.EndContact: end_contact,
}
