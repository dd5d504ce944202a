"""What the core's effects mean for the model."""

from datetime import date

from sop import effects as does
from sop.effects import Effect
from storage.types import order_number
from tests.machines.model import Model, Points


def answered(effects: list[Effect]) -> str:
    """taken, entered, or refused."""
    if any(isinstance(one, does.TakeCard) for one in effects):
        return "taken"
    return "entered" if any(isinstance(one, does.EnterDeck) for one in effects) else "refused"


def follow(model: Model, effects: list[Effect], last_day: date | None) -> list[str]:
    """Does in the model what the effects did in the bank: the orders that came of it. Points last
    until `last_day`."""
    orders = []
    for one in effects:
        if isinstance(one, does.TakeCard):
            key = f"draw/{one.deck}/{one.member}/{one.number}"
            orders.append(order_number(key))
            kind, _, _, worth = model.decks[one.deck].cards[one.position]
            model.take(
                one.deck,
                one.member,
                orders[-1],
                date.fromisoformat(one.payable_on),
                date.fromisoformat(one.claim_by),
                date.fromisoformat(one.day),
                one.request,
            )
            if kind == "points":
                model.entries.append(Points(key, one.member, worth, "prize", last_day))
        elif isinstance(one, does.EnterDeck):
            model.decks[one.deck].entrants.add(one.member)
        elif isinstance(one, does.DecideDeck):
            model.decks[one.deck].links += 1
        elif isinstance(one, does.CloseDeck) and not model.decks[one.deck].closed:
            model.close(one.deck)
    return orders
