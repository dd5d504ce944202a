"""The course of a round that nobody takes part in, as the RM of a customer group reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sop.games import all_games
from sop.loader import SHIPPED, load
from sop.pieces import MOST_LINES, course

START = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
SEED = bytes(range(32))
BANKS = load([SHIPPED / "banks"])[0].banks
SAMPLES: dict[str, Any] = {
    "question": "周六会下雨吗？",
    "choices": ["会下雨", "不会下雨"],
    "bank": "riddles",
}


def course_of(name: str, **given: Any) -> list[tuple[timedelta, str]]:
    game = all_games()[name]
    known = {one: SAMPLES[one] for one in SAMPLES if one in game.Options.model_fields}
    options = game.Options.model_validate(known | given)
    opening = game.start(options, BANKS, SEED, START)
    return [(at - START, text) for at, text in course(game, options, opening, START)]


@pytest.mark.parametrize("name", sorted(all_games()))
def test_course_of_every_game_goes_forward_and_ends(name: str) -> None:
    bank = {"lyrics": "poem-lines", "emoji_idiom": "emoji-idioms", "quiz": "finance-basics"}
    bank["scam_spotting"] = "scam-cases"
    given = {"bank": bank[name]} if name in bank else {}
    found = course_of(name, **given)
    instants = [after for after, _ in found]
    assert instants == sorted(instants)
    assert 0 < len(found) <= MOST_LINES
    assert all(0 < len(text) <= 40 for _, text in found)


def test_course_of_dice_has_its_calls_and_the_end() -> None:
    minute = timedelta(minutes=1)
    assert course_of("dice", duration=5 * minute) == [
        (2.5 * minute, "⏳ 还有 2 分钟 30 秒，还没有人掷，说“掷”就能参加。"),
        (4 * minute, "⏳ 还有 1 分钟，还没有人掷，说“掷”就能参加。"),
        (5 * minute, "收尾：公布结果"),
    ]


def test_nobody_is_handed_lines_faster_than_they_can_be_forwarded() -> None:
    """Hints every 20 seconds; the answer at 60 goes with the second riddle, 8 seconds later."""
    found = [after.total_seconds() for after, _ in course_of("riddle", questions=2, seconds=60)]
    assert found == [40, 68, 108, 128]
