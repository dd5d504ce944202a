"""Messages: rows of the outbox, by `bot.letters`."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import contacts


def hand_over(batch: Batch, effect: does.HandOver) -> None:
    contacts.add(batch.tx, effect.members, effect.occurrence, batch.now)
    batch.letters.hand_over(effect)


HANDLERS: Handlers = {
    does.Post: lambda batch, effect: batch.letters.post(effect),
    does.Tell: lambda batch, effect: batch.letters.tell(effect),
    does.Reply: lambda batch, effect: batch.letters.reply(effect),
    does.SettleCard: lambda batch, effect: batch.letters.settle_card(effect),
    does.HandOver: hand_over,
}
