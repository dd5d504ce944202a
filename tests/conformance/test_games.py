"""What every game must keep, whoever wrote it: judged on each file of `sop/games`."""

import json
import unicodedata
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.rehearsal.tactic import prompt
from sop.game import Decided, Game, Player, State, Turn
from sop.games import all_games
from sop.loader import SHIPPED, load
from sop.wording import shown
from storage.games import SessionRow

START = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
SEED = bytes(range(32))
BANKS = load([SHIPPED / "banks"])[0].banks
GAMES = sorted(all_games())
VERBS = ("tick", "hint", "reveal", "extend", "end")

HOSTILE = (
    "",
    " ",
    "\x00\x1b[2J",
    "\u202e掷\u202c",
    "\u200b\u200d\ufeff",
    "<@all> [点我](http://x.cn) **粗**",
    "{{ 7 * 7 }} {% for x in y %}",
    "’ OR 1=1 --",
    "=HYPERLINK(1)",
    "Z̴̡͎a̷l̵g̸o",
    "\ud7ff\U0010ffff",
    "啊" * 1400,
    "A" * 4096,
    "9" * 4096,
    "亿" * 4096,
)
WORDS = (
    "掷",
    "🎲",
    "A",
    "b",
    "我选C",
    "d",
    "50万",
    "录像",
    "600",
    "96110",
    "猜 1",
    "砸 3",
    "50",
    "51",
    "49",
    "签到",
    "补签",
    "假",
    "真",
    "哈哈",
    *HOSTILE,
)
SAMPLES: dict[str, Any] = {
    "bank": min(BANKS),
    "question": "周六会下雨吗？",
    "choices": ["会下雨", "不会下雨"],
}
"""For options that a game does not do without."""
NAMES = ("安娜", "小波", "", "\u202e\u200b", "<@all>[x](http://x)", "**" * 2000, "Z̴̡͎a̷l̵g̸o")


@pytest.fixture(params=GAMES)
def game(request: pytest.FixtureRequest) -> Game:
    return all_games()[request.param]


def options_of(game: Game) -> BaseModel:
    """The shortest options that the game takes."""
    fields = game.Options.model_fields
    return game.Options.model_validate(
        {name: SAMPLES[name] for name, field in fields.items() if field.is_required()}
    )


def opened(game: Game, seed: bytes = SEED) -> Turn:
    return game.start(options_of(game), BANKS, seed, START)


def fresh(state: State) -> State:
    """The state as it comes back from the database."""
    read: State = json.loads(json.dumps(state, allow_nan=False))
    return read


def move(game: Game, state: State, verb: str, who: int, text: str, now: datetime) -> Turn | None:
    options = options_of(game)
    if verb == "said":
        return game.said(options, state, Player(f"wm{who}", NAMES[who % len(NAMES)]), text, now)
    if verb == "extend":
        return game.extend(options, state, now, 30)
    if verb == "decide":
        return game.decide(options, state, now, text) if isinstance(game, Decided) else None
    turn: Turn = getattr(game, verb)(options, state, now)
    return turn


def told(broken: dict[str, bool]) -> list[str]:
    """The names of the rules that are broken."""
    return [rule for rule, is_broken in broken.items() if is_broken]


def faults(turn: Turn) -> list[str]:
    """What must hold for every turn and does not."""
    texts = (*turn.posts, turn.reply or "")
    seen = {unicodedata.category(one) for text in texts for one in text if one != "\n"}
    winners = () if turn.over is None else turn.over.winners
    return told(
        {
            "it wakes exactly while it is not over": (turn.next_at is None)
            != (turn.over is not None),
            "it wakes at an aware time": turn.next_at is not None and turn.next_at.tzinfo is None,
            "its state survives the database": fresh(turn.state) != turn.state,
            "its texts are short": any(len(text.encode()) >= 3000 for text in texts),
            "its texts hide nothing": not seen.isdisjoint(("Cc", "Cf", "Co", "Cs")),
            "its texts name nobody": any("<@" in text for text in texts),
            "its texts hold no link": any("](" in text for text in texts),
            "nobody wins twice": len(set(winners)) != len(winners),
        }
    )


def view_faults(game: Game, state: State, now: datetime) -> list[str]:
    """What must hold for every view and does not, of members who take part and of others."""
    found = []
    for member in ("wm0", "wm9", "nobody"):
        view = game.view(options_of(game), state, member, now)
        texts = (*view.lines, *view.choices, view.free_text)
        seen = {unicodedata.category(one) for text in texts for one in text}
        player = Player(member, "安娜")
        found += told(
            {
                "it survives the database": view
                != game.view(options_of(game), fresh(state), member, now),
                "it says something": not view.lines,
                "its texts are short": any(len(text.encode()) >= 1500 for text in texts),
                "its texts hide nothing": not seen.isdisjoint(("Cc", "Cf", "Co")),
                "its texts are plain": any("**" in one or one.startswith("> ") for one in texts),
                "it closes at an aware time": view.closes_at is not None
                and view.closes_at.tzinfo is None,
                "nothing is chosen when it is over": bool(
                    state["over"] and (view.choices or view.free_text)
                ),
                "what it offers is heard": not all(
                    game.said(options_of(game), state, player, one, now) for one in view.choices
                ),
            }
        )
    return found


moves = st.lists(
    st.tuples(
        st.sampled_from(("said",) * 8 + ("decide",) * 2 + VERBS),
        st.integers(0, 9),
        st.sampled_from(WORDS) | st.text(max_size=20),
        st.sampled_from((0, 1, 7, 29, 60, 400)),
    ),
    max_size=25,
)


@pytest.mark.parametrize("name", GAMES)
@settings(max_examples=60, deadline=None)
@given(script=moves, seed=st.binary(min_size=32, max_size=32))
def test_game_goes_on_from_the_database_as_if_never_stopped(
    name: str, script: list[tuple[str, int, str, int]], seed: bytes
) -> None:
    game = all_games()[name]
    kept, read = opened(game, seed), opened(game, seed)
    assert kept == read
    now, played = START, set[str]()
    for verb, who, text, seconds in script:
        now += timedelta(seconds=seconds)
        before = deepcopy(kept.state)
        turn = move(game, kept.state, verb, who, text, now)
        again = move(game, fresh(read.state), verb, who, text, now)
        assert kept.state == before, "a turn must not change the state it was given"
        assert turn == again
        if turn is None or again is None:
            continue
        assert faults(turn) == []
        assert view_faults(game, turn.state, now) == []
        assert set(turn.played) <= ({f"wm{who}"} if verb == "said" else set())
        played |= set(turn.played)
        kept, read = turn, replace(again, state=fresh(again.state))
    if kept.over is not None:
        assert set(kept.over.winners) <= played


def test_game_opens_with_its_rules_and_a_time_to_wake(game: Game) -> None:
    turn = opened(game)
    assert faults(turn) == []
    assert turn.posts
    assert turn.next_at is not None
    assert turn.next_at > START
    assert (turn.reply, turn.played, turn.over) == (None, (), None)


def test_game_ends_by_itself(game: Game) -> None:
    turn, posts = opened(game), 0
    for _ in range(100):
        if turn.next_at is None:
            break
        turn = game.tick(options_of(game), turn.state, turn.next_at)
        assert faults(turn) == []
        posts += len(turn.posts)
    assert turn.over is not None
    assert turn.over.winners == ()
    assert posts <= 40


@pytest.mark.parametrize("verb", VERBS)
def test_game_over_stays_over(game: Game, verb: str) -> None:
    ended = game.end(options_of(game), opened(game).state, START + timedelta(seconds=5))
    assert faults(ended) == []
    assert ended.posts
    later = move(game, ended.state, verb, 0, "", START + timedelta(hours=1))
    assert later == Turn(ended.state, over=ended.over)


def test_game_over_hears_nobody(game: Game) -> None:
    ended = game.end(options_of(game), opened(game).state, START + timedelta(seconds=5))
    for text in WORDS:
        assert move(game, ended.state, "said", 0, text, START + timedelta(seconds=6)) is None


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_game_hostile_text_is_harmless(game: Game, text: str) -> None:
    turn = move(game, opened(game).state, "said", 3, text, START + timedelta(seconds=1))
    assert turn is None or faults(turn) == []


def right_word(game: Game, turn: Turn) -> str:
    """What a simulated member would say now to score; without a tactic, what the texts quote."""
    row = SessionRow(
        id=1,
        community="a",
        game=game.name,
        options=options_of(game).model_dump(mode="json"),
        rewards=None,
        state=turn.state,
        version=1,
        seed=SEED.hex(),
        status="running",
        next_at=turn.next_at,
        occurrence=None,
        started_by=None,
        beside=None,
        started_at=START,
        finished_at=None,
        reason="",
        winners=[],
    )
    wanted = prompt(row)
    assert wanted is not None
    return wanted.right[0]


@pytest.mark.parametrize("who", range(len(NAMES)))
def test_game_shows_no_hostile_name_as_it_is(game: Game, who: int) -> None:
    turn, seen = opened(game), ""
    for number in range(8):
        text = right_word(game, turn)
        said = move(game, turn.state, "said", who + len(NAMES) * number, text, START)
        turn = said or turn
        assert faults(turn) == []
    for verb, text in (("decide", "1"), ("decide", "1"), ("reveal", ""), ("end", "")):
        turn = move(game, turn.state, verb, who, text, START + timedelta(seconds=5)) or turn
        assert faults(turn) == []
        seen += "".join(turn.posts)
    assert turn.over is not None
    assert turn.over.winners
    assert shown(NAMES[who]) in seen


@pytest.mark.parametrize("seconds", [-5, 0, 10**9])
def test_game_extension_is_bounded(game: Game, seconds: int) -> None:
    turn = game.extend(options_of(game), opened(game).state, START, seconds)
    assert faults(turn) == []
    assert turn.next_at is not None
    assert turn.next_at <= START + timedelta(days=2)


def test_game_options_survive_the_database(game: Game) -> None:
    options = options_of(game)
    assert game.Options.model_validate_json(json.dumps(options.model_dump(mode="json"))) == options
    with pytest.raises(ValueError, match="extra_forbidden"):
        game.Options.model_validate({"no_such_option": 1})


def test_game_texts_ahead_are_there(game: Game) -> None:
    options = options_of(game)
    assert game.problems(options, BANKS) == []
    assert game.title
    for text in (game.announcement(options), game.host_script(options)):
        assert 20 < len(text.encode()) < 2000
        assert sum("\u4e00" <= one <= "\u9fff" for one in text) > len(text) / 2
    for field, info in game.Options.model_fields.items():
        assert info.description, f"{game.name}.{field} has no description for authors"
