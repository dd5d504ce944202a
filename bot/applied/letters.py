"""Messages: rows of the outbox, by `bot.letters`."""

from bot.applied import assist
from bot.runtime import Batch, Handlers
from sop import effects as does
from sop.community import DeliveryMode


def post(batch: Batch, effect: does.Post) -> None:
    """What a step says in a customer group, its RM sends."""
    mode = batch.runtime.community(effect.community).mode
    if effect.occurrence and mode is DeliveryMode.ASSIST:
        assist.post(batch, effect)
    else:
        batch.letters.post(effect)


HANDLERS: Handlers = {
    does.Post: post,
    does.Tell: lambda batch, effect: batch.letters.tell(effect),
    does.Reply: lambda batch, effect: batch.letters.reply(effect),
    does.SettleCard: lambda batch, effect: batch.letters.settle_card(effect),
    does.HandOver: assist.hand_over,
}
