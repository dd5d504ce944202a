"""Simulated members play the action games: their words are moves, and whole rounds come of them."""

import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.rehearsal.tactic import Prompt, prompt
from sop.game import Player, Turn
from sop.games import all_games
from sop.loader import SHIPPED, load
from storage.games import SessionRow

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
BANKS = load([SHIPPED / "banks"])[0].banks
ANNA, BOB = Player("wm1", "安娜"), Player("wm2", "小波")
PLAN = """
plan: evening
title: 三天
applies_to: {labels: [wealth]}
daily_cap: 9
week:
  monday:
    - {id: relay, at: "09:00", game: {name: streak, days: 3, goal: 12}}
    - id: rain
      at: "09:30"
      game: {name: prediction, question: 周二会下雨吗？, choices: [会, 不会], decide_within: 1d}
    - {id: bomb, at: "19:00", game: {name: number_bomb, duration: 5m}}
    - {id: egg, at: "19:30", game: {name: golden_egg, duration: 5m}}
    - {id: scam, at: "20:00", game: {name: scam_spotting, questions: 3}}
"""


def asked(name: str, turn: Turn, **options: Any) -> Prompt | None:
    """What simulated members are asked for, of a round as the database has it."""
    chosen = all_games()[name].Options.model_validate(options)
    values: dict[str, Any] = dict.fromkeys(SessionRow.__dataclass_fields__)
    values |= {"game": name, "options": chosen.model_dump(mode="json")}
    return prompt(SessionRow(**{**values, "state": turn.state, "started_at": START}))


def opened(name: str, number: int = 1, **options: Any) -> Turn:
    game = all_games()[name]
    chosen = game.Options.model_validate(options)
    return game.start(chosen, BANKS, bytes([number]) * 32, START)


def said(name: str, turn: Turn, player: Player, text: str, **options: Any) -> Turn | None:
    game = all_games()[name]
    chosen = game.Options.model_validate(options)
    return game.said(chosen, turn.state, player, text, START + timedelta(seconds=30))


@pytest.mark.parametrize("number", range(5))
def test_bomb_words_shrink_the_range_or_hit(number: int) -> None:
    turn = opened("number_bomb", number)
    wanted = asked("number_bomb", turn)
    assert wanted is not None
    for text in wanted.right:
        after = said("number_bomb", turn, ANNA, text)
        assert after is not None
        assert after.state["players"][ANNA.id]["points"] >= 49
    hits = [said("number_bomb", turn, ANNA, text) for text in wanted.wrong]
    assert [one.over.reason for one in hits if one is not None and one.over] == ["踩中炸弹"]


def test_egg_words_smash_each_egg() -> None:
    turn = opened("golden_egg")
    wanted = asked("golden_egg", turn)
    assert wanted is not None
    smashed = [said("golden_egg", turn, ANNA, text) for text in wanted.right]
    eggs = [one.state["players"][ANNA.id]["egg"] for one in smashed if one is not None]
    assert eggs == [1, 2, 3, 4, 5, 6]
    missed = [said("golden_egg", turn, ANNA, text) for text in wanted.wrong]
    assert [one.played for one in missed if one is not None] == [(), ()]


@pytest.mark.parametrize("number", range(5))
def test_scam_words_are_right_and_wrong(number: int) -> None:
    turn = opened("scam_spotting", number)
    wanted = asked("scam_spotting", turn)
    assert wanted is not None
    for words, right in ((wanted.right, True), (wanted.wrong, False)):
        turns = [said("scam_spotting", turn, ANNA, text) for text in words]
        assert [one and one.state["answers"][ANNA.id]["right"] for one in turns] == [right] * 4


def test_prediction_words_pick_each_choice_until_it_closes() -> None:
    options = {"question": "周二会下雨吗？", "choices": ["会", "不会"]}
    turn = opened("prediction", **options)
    wanted = asked("prediction", turn, **options)
    assert wanted is not None
    picks = [said("prediction", turn, ANNA, text, **options) for text in wanted.right]
    assert [one and one.state["picks"][ANNA.id]["choice"] for one in picks] == [0, 1]
    game = all_games()["prediction"]
    closed = game.tick(game.Options.model_validate(options), turn.state, START + timedelta(hours=1))
    assert asked("prediction", closed, **options) is None


def test_relay_asks_once_a_day() -> None:
    turn = opened("streak")
    first = asked("streak", turn)
    game = all_games()["streak"]
    report = turn.next_at
    assert report is not None
    later = asked("streak", game.tick(game.Options(), turn.state, report))
    assert first is not None
    assert later is not None
    assert (first.opened_at, first.closes_at, first.right) == (START, report, ("签到",))
    assert later.closes_at == report + timedelta(days=1)
    assert later.key != first.key


async def test_rehearsal_of_the_action_games(
    rehearsed: Callable[..., Awaitable[Any]], shelf: Path
) -> None:
    shutil.copy(SHIPPED / "banks" / "scam-cases.yaml", shelf)
    result = await rehearsed(PLAN, days=3, seeds=1, members=40)
    played = {one.game: one for one in result.games}
    ended = {name: (one.players > 1, bool(one.winners)) for name, one in played.items()}
    assert ended == {
        "streak": (True, True),
        "prediction": (True, False),
        "number_bomb": (True, True),
        "golden_egg": (True, True),
        "scam_spotting": (True, True),
    }
    assert [one.text for one in result.problems if one.code in ("error", "endless-game")] == []
