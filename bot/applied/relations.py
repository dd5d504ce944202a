"""Who is whose contact."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import relations


def become_contact(batch: Batch, effect: does.BecomeContact) -> None:
    relations.begin(batch.tx, effect.staff, effect.member, effect.state, batch.now)


def end_contact(batch: Batch, effect: does.EndContact) -> None:
    relations.end(batch.tx, effect.staff, effect.member, batch.now)


HANDLERS: Handlers = {
    does.BecomeContact: become_contact,
    does.EndContact: end_contact,
}
