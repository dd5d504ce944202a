"""The log of a deck: what each entry says, and how one hangs on the other."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sop.draws.deck import PrizeCard
from sop.draws.log import (
    Entry,
    amendment_entry,
    close_entry,
    decide_entry,
    draw_entry,
    freeze_entry,
)

HEAD = "ac93e16d070a83c5975aee23bde235cb9c12eabc07cd70ee963271fc42322bb2"
AT = datetime(2026, 11, 23, 11, 30, 0, 999_999, tzinfo=UTC)
BEGIN = {"number": 3, "previous": HEAD, "at": "2026-11-23T11:30:00Z"}


@pytest.mark.parametrize(
    ("entry", "json"),
    [
        (
            draw_entry(HEAD, 3, AT, 2, "60eef4478457a767", PrizeCard("积分 50", 0, "points", 50)),
            {
                "type": "draw",
                **BEGIN,
                "position": 2,
                "code": "60eef4478457a767",
                "kind": "points",
                "prize": "积分 50",
                "amount_fen": 0,
                "points": 50,
            },
        ),
        (
            amendment_entry(HEAD, 3, AT, {"ends": "2026-12-31"}, ["延长到 2026-12-31"]),
            {
                "type": "amendment",
                **BEGIN,
                "rules": {"ends": "2026-12-31"},
                "rules_hash": "4e5c19dc0b01ec77cbf2572da9dc85258800d2bdc1ebec0984a9b98b5ea666ab",
                "changes": ["延长到 2026-12-31"],
            },
        ),
        (
            freeze_entry(HEAD, 3, AT, ["b" * 16, "a" * 16]),
            {
                "type": "freeze",
                **BEGIN,
                "count": 2,
                "entrants_hash": "955a02e0a882a7a05963a95de3f14651d9956b4661c785e32da0a37d2255f0d4",
            },
        ),
        (
            decide_entry(HEAD, 3, AT, "红球 03、31、11"),
            {"type": "decide", **BEGIN, "value": "3 11 31"},
        ),
        (close_entry(HEAD, 3, AT, "活动期满"), {"type": "close", **BEGIN, "reason": "活动期满"}),
    ],
    ids=lambda one: one.json["type"] if isinstance(one, Entry) else "",
)
def test_entry_says_exactly_this(entry: Entry, json: dict[str, object]) -> None:
    assert entry.json == json


def test_entry_is_told_in_utc() -> None:
    in_china = AT.astimezone(timezone(timedelta(hours=8)))
    assert close_entry(HEAD, 3, in_china, "x") == close_entry(HEAD, 3, AT, "x")


def test_entries_are_the_published_vectors() -> None:
    first = draw_entry(HEAD, 0, AT, 0, "60eef4478457a767", PrizeCard("红包 0.88 元", 88))
    last = close_entry(first.hash, 1, datetime(2026, 11, 23, 12, tzinfo=UTC), "活动期满")
    assert first.hash == "761579d3a4a030ca310cf7527caa4a27f240316e4a9bf6a9d5f5046feb37e589"
    assert last.json["previous"] == first.hash
    assert last.hash == "7259e03996a88c9419ce6f2e0e799e4040b5faa42a433cf2952f748e8a5fee76"


def test_decide_with_a_value_that_decides_nothing() -> None:
    with pytest.raises(ValueError, match="no public value"):
        decide_entry(HEAD, 3, AT, "红球　、")
