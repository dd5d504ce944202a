"""docs/fair-draw.md: every literal value of its worked examples is what the program computes."""

import hmac
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sop.draws.commitment import canonical, commit, member_code, rules_hash
from sop.draws.deck import DeckLine, build
from sop.draws.entrants import entrants_hash, order, spelled
from sop.draws.log import close_entry, draw_entry
from sop.draws.stream import Stream

PAGE = (Path(__file__).parents[3] / "docs" / "fair-draw.md").read_text(encoding="utf-8")
SEED = bytes(range(32))
RULES = {"campaign": "join-hook", "title": "入群有礼"}
CARDS = [
    DeckLine("cash", "红包 8.88 元", 888, 0, 1),
    DeckLine("points", "积分 50", 0, 50, 3),
    DeckLine("cash", "红包 0.88 元", 88, 0, 6),
]
PUBLIC_VALUE = "2026-11-27 双色球第 2026136 期红球"
VALUE = "3 11 17 20 26 31"


def blocks(heading: str) -> list[str]:
    """The indented blocks below a heading, lines joined as they are."""
    section = re.split(r"^##+ ", PAGE.split(heading + "\n", 1)[1], maxsplit=1, flags=re.M)[0]
    found = re.findall(r"(?:^    .*\n)+", section, flags=re.M)
    return ["\n".join(line[4:] for line in block.splitlines()) for block in found]


def test_shared_values_of_the_examples() -> None:
    deck = ", ".join(str(card.amount_fen or card.points) for card in build(CARDS, SEED))
    cards = ", ".join(
        canonical([one.kind, one.prize, one.amount_fen, one.points, one.count]).decode()
        for one in CARDS
    )
    assert blocks("## Worked examples") == [
        f"{SEED.hex()}\n{canonical(RULES).decode()}\n{cards}",
        f"{rules_hash(RULES)}\n{deck}",
    ]


def test_example_of_an_instant_draw() -> None:
    commitment = commit(
        campaign="join-hook",
        round="standing",
        mode="instant",
        public_value="",
        rules_hash=rules_hash(RULES),
        seed=SEED,
        cards=CARDS,
    )
    code = member_code(commitment, "wm01")
    at = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
    entry = draw_entry(commitment, 0, at, 0, code, build(CARDS, SEED)[0])
    closed = close_entry(entry.hash, 1, at.replace(hour=12, minute=0), "活动期满")
    shown, link, receipt, head = blocks("### Mode `instant`")
    assert shown == f"{commitment}\n{code}"
    assert link.replace("\n", "") == canonical(entry.json).decode()
    assert (receipt, head) == (entry.hash, closed.hash)


def test_example_of_a_draw_among_entrants() -> None:
    commitment = commit(
        campaign="join-hook",
        round="2026-11-27",
        mode="entrants",
        public_value=PUBLIC_VALUE,
        rules_hash=rules_hash(RULES),
        seed=SEED,
        cards=CARDS,
    )
    codes = sorted(member_code(commitment, f"wm0{number}") for number in range(1, 6))
    assert codes[3] == member_code(commitment, "wm01")
    hashed = entrants_hash(codes)
    key = hmac.digest(SEED, f"qunyun/public/1/{hashed}/{VALUE}".encode(), "sha256")
    assert blocks("### Mode `entrants`") == [
        f"{commitment}\n{', '.join(codes)}",
        f"{hashed}\n{key.hex()}\n{', '.join(order(SEED, codes, VALUE))}",
    ]
    assert f"public value `{PUBLIC_VALUE}`" in PAGE
    assert f"with the value `{VALUE}`" in PAGE


def test_example_of_the_stream() -> None:
    stream = Stream(SEED, "test")
    sixes = [Stream(SEED, "test")] * 12
    section = PAGE.split("### The stream\n", 1)[1].split("\n## ", 1)[0]
    numbers = [
        f"{stream.word():016x}",
        ", ".join(str(one.below(6)) for one in sixes),
        ", ".join(str(one) for one in Stream(SEED, "test").shuffled(range(10))),
    ]
    assert [one for one in numbers if one in section.replace("\n", " ")] == numbers


@pytest.mark.parametrize(("typed", "value"), [("红球 03、31、11", "3 11 31")])
def test_example_of_a_spelling(typed: str, value: str) -> None:
    assert spelled(typed) == value
    assert f"{typed} is `{value}`" in PAGE


def test_golden_eggs_of_the_page() -> None:
    from sop.game import Player
    from sop.games.golden_egg import GAME

    options = GAME.Options.model_validate({"eggs": 6})
    now = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
    state = GAME.start(options, {}, SEED, now).state
    turn = GAME.said(options, state, Player("wm01", "甲"), "砸 1", now)
    assert turn is not None
    assert turn.state["players"]["wm01"]["stars"] == 6
    stars = [Stream(SEED, "golden-egg/fb52b217f3a956bc").shuffled([1, 2, 3, 4, 5, 6])]
    assert blocks("## Chance in games") == [
        f"commitment {state['commitment']}\n"
        f"wm01 {member_code(state['commitment'], 'wm01')}\n"
        f"eggs {', '.join(map(str, stars[0]))}"
    ]
