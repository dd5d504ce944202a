"""Members' wishes for their own data."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import privacy


def opt_out(batch: Batch, effect: does.OptOut) -> None:
    privacy.opt_out(batch.tx, effect.member, batch.now)


def opt_in(batch: Batch, effect: does.OptIn) -> None:
    privacy.opt_in(batch.tx, effect.member)


def notice(batch: Batch, effect: does.Notice) -> None:
    privacy.notice(batch.tx, effect.members, batch.now)


def ask_erasure(batch: Batch, effect: does.AskErasure) -> None:
    privacy.ask_erasure(batch.tx, effect.member, effect.community, batch.now)


def take_back_erasure(batch: Batch, effect: does.TakeBackErasure) -> None:
    privacy.take_back_erasure(batch.tx, effect.member)


HANDLERS: Handlers = {
    does.OptOut: opt_out,
    does.OptIn: opt_in,
    does.Notice: notice,
    does.AskErasure: ask_erasure,
    does.TakeBackErasure: take_back_erasure,
}
