"""Decks and what is drawn from them."""

from datetime import date

from bot.crash import crash_point
from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import decks, draws, money, payouts, welcomes
from storage.deck_values import CardRow, Link, Taking


def reward(batch: Batch, effect: does.Reward) -> None:
    won = money.award(
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
    if effect.awaits_gate:
        payouts.await_gate(batch.tx, won.order_no)
        welcomes.ask(batch.tx, effect.member, batch.now)


def open_deck(batch: Batch, effect: does.OpenDeck) -> None:
    decks.open_deck(
        batch.tx,
        campaign=effect.campaign,
        round=effect.round,
        community=effect.community,
        cards=[
            CardRow(position, prize, amount_fen, kind, points)
            for position, (kind, prize, amount_fen, points) in enumerate(effect.cards["cards"])
        ],
        seed=effect.seed,
        commitment=effect.commitment,
        rules_hash=effect.rules_hash,
        rules=effect.rules,
        mode=effect.mode,
        public_value=effect.public_value,
        budget_fen=effect.budget_fen,
        payable_after=effect.payable_after,
        closes_at=effect.closes_at,
        now=batch.now,
    )


def take_card(batch: Batch, effect: does.TakeCard) -> None:
    wish = Taking(
        deck=effect.deck,
        position=effect.position,
        number=effect.number,
        community=effect.community,
        member=effect.member,
        payable_on=date.fromisoformat(effect.payable_on),
        claim_by=date.fromisoformat(effect.claim_by),
        day=date.fromisoformat(effect.day),
        code=effect.code,
        link=Link(effect.entry, effect.hash),
        request=effect.request,
    )
    draws.take_card(batch.tx, wish, batch.now)
    crash_point("K9")


def enter_deck(batch: Batch, effect: does.EnterDeck) -> None:
    draws.enter(batch.tx, effect.deck, effect.community, effect.member, effect.code, batch.now)


def freeze_deck(batch: Batch, effect: does.FreezeDeck) -> None:
    link = Link(effect.entry, effect.hash)
    decks.freeze(batch.tx, effect.deck, link, effect.remind_at, batch.now)


def remind_deck(batch: Batch, effect: does.RemindDeck) -> None:
    decks.remind(batch.tx, effect.deck, effect.remind_at)


def decide_deck(batch: Batch, effect: does.DecideDeck) -> None:
    decks.decide(batch.tx, effect.deck, effect.value, Link(effect.entry, effect.hash))


def amend_deck(batch: Batch, effect: does.AmendDeck) -> None:
    link = Link(effect.entry, effect.hash)
    decks.amend(batch.tx, effect.deck, effect.rules, effect.closes_at, link)


def refuse_amendment(batch: Batch, effect: does.RefuseAmendment) -> None:
    decks.refuse(batch.tx, effect.deck, effect.hash)


def close_deck(batch: Batch, effect: does.CloseDeck) -> None:
    link = Link(effect.entry, effect.hash)
    decks.close_deck(batch.tx, effect.deck, effect.reason, link, batch.now)


HANDLERS: Handlers = {
    does.Reward: reward,
    does.OpenDeck: open_deck,
    does.TakeCard: take_card,
    does.EnterDeck: enter_deck,
    does.FreezeDeck: freeze_deck,
    does.RemindDeck: remind_deck,
    does.DecideDeck: decide_deck,
    does.AmendDeck: amend_deck,
    does.RefuseAmendment: refuse_amendment,
    does.CloseDeck: close_deck,
}
