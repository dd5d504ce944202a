"""What each temperament says to a question, to an open deck and on an ordinary day."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from bot.rehearsal.chance import Chance
from bot.rehearsal.people import Span, mix, populate
from bot.rehearsal.temperament import Call, Line, Me, temperaments
from bot.rehearsal.temperaments.spammer import DRAWS

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUESTION = Call("q", "r", "one", "game", NOON, NOON + MINUTE, ("A",), ("B", "C"))
DECK = Call("d", "d", "one", "draw", NOON, NOON + 30 * MINUTE, ("抽奖",))
SEED = b"temperaments"
PEOPLE = 400


def answers(name: str, call: Call) -> list[list[Line]]:
    """What four hundred members of a temperament say."""
    people = (Me(f"m{n}", 0, Chance(SEED, f"a{n}"), Chance(SEED, f"p{n}")) for n in range(PEOPLE))
    return [list(temperaments()[name].answers(call, me)) for me in people]


def said(name: str, call: Call) -> list[Line]:
    return [line for lines in answers(name, call) for line in lines]


def shares(name: str, call: Call) -> tuple[int, int]:
    """(members who answer, right first answers among them), in percent."""
    spoken = [lines[0] for lines in answers(name, call) if lines]
    right = sum(line.right for line in spoken)
    return round(100 * len(spoken) / PEOPLE), round(100 * right / max(len(spoken), 1))


@pytest.mark.parametrize(
    ("name", "question", "deck"),
    [
        ("eager", (90, 80), (90, 100)),
        ("casual", (22, 55), (22, 100)),
        ("answer-late", (49, 59), (49, 90)),
        ("silent", (0, 0), (0, 0)),
        ("spammer", (100, 33), (100, 100)),
        ("many-accounts", (100, 85), (100, 100)),
    ],
)
def test_temperament_answers_as_often_and_as_well_as_it_says(
    name: str, question: tuple[int, int], deck: tuple[int, int]
) -> None:
    found = (*shares(name, QUESTION), *shares(name, DECK))
    assert all(abs(a - b) <= 6 for a, b in zip(found, (*question, *deck), strict=True)), found


def test_eager_answers_in_the_first_half() -> None:
    assert max(line.after for line in said("eager", QUESTION)) <= MINUTE / 2


def test_late_answers_at_the_end_or_after_it() -> None:
    after = [line.after for line in said("answer-late", QUESTION)]
    assert min(after) >= 0.85 * MINUTE
    assert max(after) > MINUTE
    assert not any(line.right for line in said("answer-late", QUESTION) if line.after >= MINUTE)


def test_spammer_draws_ten_times_and_only_the_first_counts() -> None:
    one = answers("spammer", DECK)[0]
    assert [line.text for line in one] == ["抽奖"] * DRAWS
    assert [line.right for line in one] == [True] + [False] * (DRAWS - 1)


def test_spammer_sends_duplicates_garbage_and_very_long_texts() -> None:
    texts = {line.text for line in said("spammer", QUESTION)}
    one = answers("spammer", QUESTION)[0]
    assert one[0].text == one[1].text
    assert max(len(text) for text in texts) == 3000
    assert {"🎁" * 8, "@所有人 速来"} <= texts


def test_accounts_of_one_person_answer_alike_in_a_row() -> None:
    person = Chance(SEED, "person")
    kind = temperaments()["many-accounts"]
    lines = [
        kind.answers(QUESTION, Me(f"m{n}", n, Chance(SEED, f"a{n}"), person))[0] for n in range(4)
    ]
    assert len({line.text for line in lines}) == 1
    gaps = {after.after - before.after for before, after in itertools.pairwise(lines)}
    assert gaps == {timedelta(seconds=3)}


def test_silent_members_say_nothing_all_day() -> None:
    me = Me("m", 0, Chance(SEED, "a"), Chance(SEED, "p"))
    assert temperaments()["silent"].day(me, "day-0") == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (0, [0, 0, 0, 0, 0, 0]),
        (6, [1, 1, 1, 1, 1, 1]),
        (100, [10, 26, 14, 4, 44, 2]),
        (1000, [100, 260, 140, 40, 440, 20]),
    ],
)
def test_mix_keeps_the_shares_with_one_of_each(members: int, expected: list[int]) -> None:
    found = mix(members)
    assert [found[name] for name in sorted(found)] == expected


def test_people_with_many_accounts_join_together_on_the_first_day() -> None:
    span = Span(NOON, 7)
    accounts = [
        one for one in populate(SEED, ["one"], 100, span) if one.temperament.name == "many-accounts"
    ]
    joins = sorted(one.joins_at for one in accounts)
    assert len(accounts) == 4
    assert span.start <= joins[0]
    assert joins[-1] - joins[0] == timedelta(seconds=21)


def test_population_follows_from_the_seed_alone() -> None:
    span = Span(NOON, 7)
    assert [
        (one.id, one.name, one.joins_at, one.leaves_at)
        for one in populate(SEED, ["one", "two"], 60, span)
    ] == [
        (one.id, one.name, one.joins_at, one.leaves_at)
        for one in populate(SEED, ["one", "two"], 60, span)
    ]
