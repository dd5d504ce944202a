"""The order among entrants: known answers, one spelling of the value, every entrant alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.draws.entrants import entrants_hash, order, spelled

SEED = bytes(range(32))
CODES = [
    "6bc9f470acacdfc8", "029199e8d3792aea", "18bb58b4e0832a29", "665ff383ade2c004",
    "81a9a35326afa537",
]  # fmt: skip
VALUE = "3 11 17 20 26 31"


def test_order_is_the_published_vector() -> None:
    assert order(SEED, CODES, VALUE) == [
        "665ff383ade2c004", "81a9a35326afa537", "6bc9f470acacdfc8", "18bb58b4e0832a29",
        "029199e8d3792aea",
    ]  # fmt: skip


def test_entrants_hash_is_the_published_vector() -> None:
    published = "a06f40a66d9c054a5900a703582220cbd199fa0b5d3493a2f908a56d0540b35e"
    assert entrants_hash(CODES) == entrants_hash(CODES[::-1]) == published


def test_order_of_nobody_and_of_one() -> None:
    assert order(SEED, [], VALUE) == []
    assert order(SEED, CODES[:1], VALUE) == CODES[:1]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("3 11 17 20 26 31", VALUE),
        ("红球 03、11、17、20、26、31", VALUE),
        ("31,26,20,17,11,03", VALUE),
        ("０３　１１　１７　２０　２６　３１", VALUE),
        ("00 007", "0 7"),
        ("Block 00A7", "00a7 block"),
        ("7 7", "7 7"),
        ("红球", ""),
        ("", ""),
        ("\u212a İ ٣", "k"),
    ],
)
def test_value_has_one_spelling(typed: str, value: str) -> None:
    assert spelled(typed) == value


@given(st.text())
def test_spelling_is_stable(typed: str) -> None:
    assert spelled(spelled(typed)) == spelled(typed)


@given(st.lists(st.from_regex("[0-9a-f]{16}", fullmatch=True), unique=True), st.text())
def test_order_holds_every_entrant_once(codes: list[str], value: str) -> None:
    assert sorted(order(SEED, codes, value)) == sorted(codes)


def test_order_depends_on_seed_value_and_entrants() -> None:
    orders = {
        tuple(order(SEED, CODES, VALUE)),
        tuple(order(bytes(32), CODES, VALUE)),
        tuple(order(SEED, CODES, "3 11 17 20 26 32")),
        tuple(order(SEED, [*CODES, "f" * 16], VALUE)),
    }
    assert len(orders) == 4
