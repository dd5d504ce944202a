"""Decks and what is drawn from them."""

from datetime import date

from bot.crash import crash_point
from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import (
    decks,
    money,
)


def reward(batch: Batch, effect: does.Reward) -> None:
    money.award(
        batch.tx,
        key=effect.key,
        source=f"pool/{effect.pool}",
        budget_fen=effect.budget_fen,
        community=effect.community,
        member=effect.member,
        prize=effect.prize,
        amount_fen=effect.amount_fen,
        payable_on=date.fromisoformat(effect.payable_on),
        now=batch.now,
    )


def open_deck(batch: Batch, effect: does.OpenDeck) -> None:
    decks.open_deck(
        batch.tx,
        campaign=effect.campaign,
        round=effect.round,
        community=effect.community,
        cards=[(one["prize"], one["amount_fen"]) for one in effect.cards["cards"]],
        seed=effect.seed,
        commitment=effect.commitment,
        rules_hash=effect.rules_hash,
        rules=effect.rules,
        budget_fen=effect.budget_fen,
        payable_after=effect.payable_after,
        closes_at=effect.closes_at,
        now=batch.now,
    )


def take_card(batch: Batch, effect: does.TakeCard) -> None:
    decks.take_card(
        batch.tx,
        effect.deck,
        effect.position,
        effect.community,
        effect.member,
        date.fromisoformat(effect.payable_on),
        batch.now,
    )
    crash_point("K9")


def close_deck(batch: Batch, effect: does.CloseDeck) -> None:
    decks.close_deck(batch.tx, effect.deck, effect.reason, batch.now)


HANDLERS: Handlers = {
    does.Reward: reward,
    does.OpenDeck: open_deck,
    does.TakeCard: take_card,
    does.CloseDeck: close_deck,
}
