"""What simulated members know of a game is true: right words score, wrong ones do not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.rehearsal.tactic import prompt
from sop.game import Player, State, Turn
from sop.games import all_games
from sop.loader import SHIPPED, load
from storage.games import SessionRow

START = datetime(2026, 11, 24, 11, 40, tzinfo=UTC)
BANKS = load([SHIPPED / "banks"])[0].banks
RACES = ("lyrics", "riddle", "emoji_idiom")
MEMBER = Player("wm1", "安娜")


@pytest.fixture
def row() -> Callable[[str, Turn], SessionRow]:
    """The round of a game as the database has it."""

    def of(name: str, turn: Turn) -> SessionRow:
        values: dict[str, Any] = dict.fromkeys(SessionRow.__dataclass_fields__)
        options = all_games()[name].Options().model_dump(mode="json")
        given = {"game": name, "options": options, "state": turn.state, "started_at": START}
        return SessionRow(**{**values, **given})

    return of


def opened(name: str, number: int) -> Turn:
    game = all_games()[name]
    return game.start(game.Options(), BANKS, bytes([number]) * 32, START)


def after(name: str, state: State, text: str) -> State:
    game = all_games()[name]
    turn = game.said(game.Options(), state, MEMBER, text, START + timedelta(seconds=5))
    return state if turn is None else turn.state


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("name", RACES)
def test_race_words_are_what_they_are_taken_for(
    name: str, number: int, row: Callable[[str, Turn], SessionRow]
) -> None:
    turn = opened(name, number)
    wanted = prompt(row(name, turn))
    assert wanted is not None
    assert (wanted.key, wanted.opened_at) == ("0", START)
    assert [one for one in wanted.right if not after(name, turn.state, one)["right"]] == []
    assert [one for one in wanted.wrong if after(name, turn.state, one)["right"]] == []
    guesses = [one for one in wanted.wrong if after(name, turn.state, one)["guesses"]]
    assert guesses


@pytest.mark.parametrize("name", RACES)
def test_race_wants_nothing_while_an_answer_is_read(
    name: str, row: Callable[[str, Turn], SessionRow]
) -> None:
    game = all_games()[name]
    turn = game.reveal(game.Options(), opened(name, 1).state, START)
    assert prompt(row(name, turn)) is None


@pytest.mark.parametrize("number", range(5))
def test_chain_words_are_what_they_are_taken_for(
    number: int, row: Callable[[str, Turn], SessionRow]
) -> None:
    turn = opened("idiom_chain", number)
    wanted = prompt(row("idiom_chain", turn))
    assert wanted is not None
    chain = turn.state["chain"]
    lengths = [len(after("idiom_chain", turn.state, one)["chain"]) for one in wanted.right]
    assert min(lengths) > len(chain)
    assert {after("idiom_chain", turn.state, one)["chain"][-1][0] for one in wanted.wrong} == {
        chain[-1][0]
    }
    assert wanted.key == "1"
