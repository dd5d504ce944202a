"""Commitments: known answers that any other program must reproduce."""

import hashlib
from datetime import date

import pytest

from sop.draws.commitment import canonical, commit, member_code, rules_hash
from sop.draws.deck import DeckLine

SEED = bytes(range(32))
CARDS = [
    DeckLine("cash", "红包 8.88 元", 888, 0, 1),
    DeckLine("points", "积分 50", 0, 50, 3),
    DeckLine("cash", "红包 0.88 元", 88, 0, 6),
]
RULES = {"campaign": "join-hook", "title": "入群有礼"}
RULES_HASH = "e2a9504f12c0c9bf55c77694f2b31021aafe50127f7f7b1917c5d8f0c7ffacac"


def test_canonical_has_one_spelling() -> None:
    assert canonical({"b": [1, "元\n\x01\x7f\u2028"], "a": None}) == (
        '{"a":null,"b":[1,"元\\n\\u0001\x7f\u2028"]}'.encode()
    )


def test_canonical_sorts_keys_by_code_point() -> None:
    assert canonical({"😀": 1, "\uffff": 2, "a": 3}) == '{"a":3,"\uffff":2,"😀":1}'.encode()


def test_rules_hash_is_the_published_vector() -> None:
    text = '{"campaign":"join-hook","title":"入群有礼"}'
    assert rules_hash(RULES) == hashlib.sha256(text.encode()).hexdigest() == RULES_HASH


def test_commit_is_the_published_vector() -> None:
    commitment = commit(
        campaign="join-hook",
        round="standing",
        mode="instant",
        public_value="",
        rules_hash=RULES_HASH,
        seed=SEED,
        cards=CARDS,
    )
    text = (
        '{"campaign":"join-hook",'
        '"cards":[["cash","红包 8.88 元",888,0,1],["points","积分 50",0,50,3],'
        '["cash","红包 0.88 元",88,0,6]],'
        '"format":"qunyun-deck-2","mode":"instant","public_value":"","round":"standing",'
        f'"rules_hash":"{RULES_HASH}",'
        '"seed":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}'
    )
    assert commitment == hashlib.sha256(text.encode()).hexdigest()
    assert commitment == "ac93e16d070a83c5975aee23bde235cb9c12eabc07cd70ee963271fc42322bb2"


@pytest.mark.parametrize(
    "change",
    [
        {"campaign": "other"},
        {"round": "2026-11-27"},
        {"mode": "entrants"},
        {"public_value": "2026-11-27 双色球"},
        {"rules_hash": "0" * 64},
        {"seed": bytes(32)},
        {"cards": [*CARDS[:2], DeckLine("cash", "红包 0.88 元", 88, 0, 7)]},
        {"cards": [*CARDS[:2], DeckLine("gift", "红包 0.88 元", 88, 0, 6)]},
        {"cards": CARDS[::-1]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_commit_changes_with_every_part(change: dict[str, object]) -> None:
    parts: dict[str, object] = {
        "campaign": "join-hook", "round": "standing", "mode": "instant", "public_value": "",
        "rules_hash": RULES_HASH, "seed": SEED, "cards": CARDS,
    }  # fmt: skip
    assert commit(**(parts | change)) != commit(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("nan"), date(2026, 11, 22)])
def test_canonical_of_what_is_not_json(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical({"x": value})


def test_member_code_is_the_published_vector_and_another_one_in_another_deck() -> None:
    commitment = "ac93e16d070a83c5975aee23bde235cb9c12eabc07cd70ee963271fc42322bb2"
    assert member_code(commitment, "wm01") == "60eef4478457a767"
    assert member_code("0" * 64, "wm01") != "60eef4478457a767"
