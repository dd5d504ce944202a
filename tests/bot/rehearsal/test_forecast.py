"""The forecast asks the same people again: reproducible, ordered, never above the ceiling."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bot.rehearsal.forecast import Deck, Occasions, Prizes, forecast
from bot.rehearsal.people import Span, populate
from bot.rehearsal.temperament import Call
from sop.draws.deck import DeckLine

START = datetime(2026, 11, 22, 16, tzinfo=UTC)
SPAN = Span(START, 1)
OPEN = START + timedelta(hours=20)
ROLL = Call("game/1/", "game/1", "one", "game", OPEN, OPEN + timedelta(minutes=5), ("掷",))
DRAW = Call(
    "deck/1/one", "deck/1/one", "one", "draw", OPEN, OPEN + timedelta(minutes=30), ("抽奖",)
)
CARDS = (DeckLine("cash", "大", 500, 0, 2), DeckLine("cash", "小", 100, 0, 8))


def costs(occasions: Occasions, seeds: int = 20, members: int = 60) -> Any:
    populated = partial(populate, communities=["one"], members=members, span=SPAN)
    return forecast(occasions, b"seed", seeds, populated, 0)


@pytest.mark.parametrize(
    ("occasions", "ceiling"),
    [
        (Occasions([ROLL], [Prizes("game/1", 5, 500, 1000)], [], 0), 5000),
        (Occasions([DRAW], [], [Deck(1, CARDS, 1800, False)], 0), 1800),
        (Occasions([], [], [], 250), 250),
    ],
    ids=["game", "deck", "other"],
)
def test_no_seed_costs_more_than_the_ceiling(occasions: Occasions, ceiling: int) -> None:
    found = costs(occasions)
    assert found == costs(occasions)
    assert found.ceiling == ceiling
    assert list(found.costs) == sorted(found.costs)
    assert 0 < found.p50 <= found.p95 <= found.max <= ceiling


def test_who_must_play_first_draws_only_after_a_game() -> None:
    deck = Deck(1, CARDS, 1800, True)
    assert costs(Occasions([DRAW], [], [deck], 0)).max == 0
    assert costs(Occasions([ROLL, DRAW], [], [deck], 0)).p50 == 1800


def test_nobody_there_costs_nothing() -> None:
    occasions = Occasions([ROLL], [Prizes("game/1", 5, 500, 1000)], [], 0)
    assert costs(occasions, members=0).costs == (0,) * 20


def test_percentiles_are_values_that_occurred() -> None:
    found = costs(Occasions([ROLL], [Prizes("game/1", 2, 500, 1000)], [], 0), seeds=10)
    assert (found.p50, found.p95) == (found.costs[4], found.costs[9])


async def test_rehearsed_cost_is_within_its_own_forecast(
    rehearsed: Callable[..., Awaitable[Any]],
) -> None:
    result = await rehearsed(members=200, seeds=40)
    cost = result.forecast
    spent = sum(one.committed_fen for one in result.money.values())
    assert cost.here == spent
    assert cost.costs[0] <= cost.here <= cost.ceiling
