"""Commitments: known answers that any other program must reproduce."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from sop.draws.commitment import canonical, commit, rules_hash
from sop.draws.deck import build
from sop.draws.stream import Stream

SEED = bytes(range(32))
CARDS = [("红包 8.88 元", 888, 1), ("红包 1.88 元", 188, 3), ("红包 0.88 元", 88, 6)]
RULES = {"campaign": "join-hook", "title": "入群有礼"}
RULES_HASH = "e2a9504f12c0c9bf55c77694f2b31021aafe50127f7f7b1917c5d8f0c7ffacac"


def test_canonical_has_one_spelling() -> None:
    assert canonical({"b": [1, "元\n"], "a": None}) == '{"a":null,"b":[1,"元\\n"]}'.encode()


def test_rules_hash_is_the_published_vector() -> None:
    text = '{"campaign":"join-hook","title":"入群有礼"}'
    assert rules_hash(RULES) == hashlib.sha256(text.encode()).hexdigest() == RULES_HASH


def test_commit_is_the_published_vector() -> None:
    commitment = commit(
        campaign="join-hook", round="standing", rules_hash=RULES_HASH, seed=SEED, cards=CARDS
    )
    text = (
        '{"campaign":"join-hook",'
        '"cards":[["红包 8.88 元",888,1],["红包 1.88 元",188,3],["红包 0.88 元",88,6]],'
        '"format":"qunyun-deck-1","round":"standing",'
        f'"rules_hash":"{RULES_HASH}",'
        '"seed":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}'
    )
    assert commitment == hashlib.sha256(text.encode()).hexdigest()
    assert commitment == "0c4c22c4ddb47d83fe902b62815acb5ded3f54d075f26d8c9b025050e3d71f92"


@pytest.mark.parametrize(
    "change",
    [
        {"campaign": "other"},
        {"round": "2026-11-27"},
        {"rules_hash": "0" * 64},
        {"seed": bytes(32)},
        {"cards": [*CARDS[:2], ("红包 0.88 元", 88, 7)]},
        {"cards": CARDS[::-1]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_commit_changes_with_every_part(change: dict[str, object]) -> None:
    parts: dict[str, object] = {
        "campaign": "join-hook", "round": "standing", "rules_hash": RULES_HASH,
        "seed": SEED, "cards": CARDS,
    }  # fmt: skip
    assert commit(**(parts | change)) != commit(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("nan"), date(2026, 11, 22)])
def test_canonical_of_what_is_not_json(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical({"x": value})


def test_worked_example_of_the_page_is_this_one() -> None:
    page = (Path(__file__).parents[3] / "docs" / "fair-draw.md").read_text(encoding="utf-8")
    commitment = commit(
        campaign="join-hook", round="standing", rules_hash=RULES_HASH, seed=SEED, cards=CARDS
    )
    deck = ", ".join(str(card.amount_fen) for card in build(CARDS, SEED))
    word = f"{Stream(SEED, 'test').word():016x}"
    for value in (SEED.hex(), RULES_HASH, commitment, deck, word):
        assert f"`{value}`" in page or f"| {value} |" in page
