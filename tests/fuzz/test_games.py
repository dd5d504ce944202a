"""Every game is said anything, at any time, by anybody: no exception, and no move by a non-move."""

import json
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from sop.answers import LONGEST
from sop.game import Decided, Game, Player, State, Turn
from sop.games import all_games
from sop.loader import SHIPPED, load
from tests.conformance.test_games import START, WORDS, faults, options_of
from tests.fuzz.conftest import HOSTILE, Fuzz

BANKS = load([SHIPPED / "banks"])[0].banks
PEOPLE = tuple(Player(f"wm{n}", name) for n, name in enumerate(("安娜", "小波", "", *HOSTILE[:6])))


@pytest.mark.parametrize("name", sorted(all_games()))
def test_game_hears_anything(fuzz: Fuzz, name: str) -> None:
    game = all_games()[name]
    options = options_of(game)
    for _ in fuzz.rounds(sharing=11):
        state, now = game.start(options, BANKS, fuzz.chance.randbytes(32), START).state, START
        for _ in range(fuzz.chance.randint(1, 40)):
            now += timedelta(seconds=fuzz.pick((0, 0, 1, 7, 60, 3600)))
            before = deepcopy(state)
            turn = _heard(fuzz, game, options, state, now)
            assert state == before, "a turn must not change the state it was given"
            if turn is not None:
                assert faults(turn) == []
                state = json.loads(json.dumps(turn.state))
                if turn.over is not None:
                    break


def _heard(fuzz: Fuzz, game: Game, options: BaseModel, state: State, now: Any) -> Turn | None:
    """One move, of whatever kind."""
    player = fuzz.pick(PEOPLE)
    view = game.view(options, state, player.id, now)
    verb = fuzz.pick(("said",) * 8 + ("tick", "hint", "reveal", "extend", "end", "decide"))
    text = fuzz.text(*WORDS, *view.choices, *(view.lines[-1:]))[:LONGEST]
    if verb == "said":
        return game.said(options, state, player, text, now)
    if verb == "decide":
        return game.decide(options, state, now, text) if isinstance(game, Decided) else None
    if verb == "extend":
        return game.extend(options, state, now, 30)
    if fuzz.chance.random() < 0.8:  # hosts are rarer than members
        return None
    turn: Turn = getattr(game, verb)(options, state, now)
    return turn
