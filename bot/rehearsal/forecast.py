"""What the week may cost under other seeds, without running its messages again.

The calls of the rehearsal (games, questions, decks) are put to the same mix of members anew, once
for each seed: who joins, who is right in time, which card is on top, how much a reward is. So the
spread is that of chance among members; quotas, lateness and later plans are not in it. Nothing
can cost more than the ceiling: every reward at its highest amount and every card drawn.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.rehearsal.people import Account
from bot.rehearsal.result import Forecast
from bot.rehearsal.temperament import Call
from sop.draws.amounts import amount_between
from sop.draws.deck import Cards, build
from sop.seeds import derive


@dataclass(frozen=True, slots=True)
class Prizes:
    """What one round of a game promises."""

    round: str
    """As in `Call.round`."""
    winners: int
    low_fen: int
    high_fen: int


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck that was open."""

    id: int
    cards: Cards
    sum_fen: int
    after_games: bool
    """Only who has played may draw."""


@dataclass(frozen=True, slots=True)
class Occasions:
    """Everything in a rehearsal that costs money."""

    calls: Sequence[Call]
    """In the order in which they opened."""
    prizes: Sequence[Prizes]
    decks: Sequence[Deck]
    other_fen: int
    """Awards that hang on no call: the same under every seed."""


def forecast(
    occasions: Occasions,
    seed: bytes,
    seeds: int,
    populate: Callable[[bytes], Iterable[Account]],
    here: int,
    progress: Callable[[int], None] = lambda done: None,
) -> Forecast:
    """Costs under `seeds` other seeds; `populate` makes a seed's members, `here` is
    what the rehearsal itself cost."""
    costs = []
    for number in range(seeds):
        other = derive(seed, f"forecast/{number}")
        costs.append(_cost(occasions, other, populate(other)) + occasions.other_fen)
        progress(number + 1)
    costs.sort()
    ceiling = (
        sum(one.winners * one.high_fen for one in occasions.prizes)
        + sum(one.sum_fen for one in occasions.decks)
        + occasions.other_fen
    )
    return Forecast(
        seeds=seeds,
        p50=_percentile(costs, 50),
        p95=_percentile(costs, 95),
        max=costs[-1] if costs else 0,
        ceiling=ceiling,
        here=here,
        costs=tuple(costs),
    )


def _cost(occasions: Occasions, seed: bytes, accounts: Iterable[Account]) -> int:
    """One seed: first the games, which open the way to some draws, then the decks."""
    by_community: dict[str, list[Account]] = {}
    for account in accounts:
        by_community.setdefault(account.community, []).append(account)
    rounds: dict[str, set[str]] = {}
    played: set[str] = set()
    drawing: dict[int, set[str]] = {}
    after_games = {one.id for one in occasions.decks if one.after_games}
    for call in occasions.calls:
        right = _right(call, by_community.get(call.community, []))
        if call.kind == "game":
            rounds.setdefault(call.round, set()).update(right)
            played |= right
        elif call.kind == "draw":
            deck = int(call.round.split("/")[1])
            drawing.setdefault(deck, set()).update(right & played if deck in after_games else right)
    won = {one.round: min(one.winners, len(rounds.get(one.round, ()))) for one in occasions.prizes}
    return _rewards(occasions.prizes, won, seed) + sum(
        _drawn(deck, len(drawing.get(deck.id, ())), seed) for deck in occasions.decks
    )


def _right(call: Call, accounts: Sequence[Account]) -> set[str]:
    """Who does in time what the call asks for."""
    return {
        one.id
        for one in accounts
        if one.joins_at <= call.opened_at
        and (one.leaves_at is None or call.opened_at < one.leaves_at)
        and any(line.right for line in one.temperament.answers(call, one.me))
    }


def _rewards(prizes: Sequence[Prizes], won: Mapping[str, int], seed: bytes) -> int:
    return sum(
        amount_between(one.low_fen, one.high_fen, seed, f"{one.round}/{place}")
        for one in prizes
        for place in range(won[one.round])
    )


def _drawn(deck: Deck, members: int, seed: bytes) -> int:
    """So many cards from the top of this deck, shuffled by this seed."""
    cards = build(deck.cards, derive(seed, f"deck/{deck.id}"))
    return sum(one.amount_fen for one in cards[:members])


def _percentile(ordered: Sequence[int], percent: int) -> int:
    """The nearest rank: the smallest value that so many in a hundred do not exceed."""
    if not ordered:
        return 0
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
