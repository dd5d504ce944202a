"""Consent: every word is kept, the latest counts."""

from collections.abc import Callable
from datetime import datetime

from storage import consent
from storage.consent import ConsentRow
from storage.database import Database


async def test_nobody_has_said_anything_yet(database: Database) -> None:
    assert await database.read(lambda tx: consent.latest(tx, "wm1")) is None
    assert await database.read(lambda tx: consent.history(tx, "wm1")) == []


async def test_latest_word_counts_and_every_word_is_kept(
    database: Database, at: Callable[[float], datetime]
) -> None:
    words = [("v1", True), ("v1", False), ("v1", False), ("v2", True), ("v2", True)]

    def say(tx):
        for minute, (version, given) in enumerate(words):
            consent.say(tx, "wm1", version, given, at(minute))
        consent.say(tx, "wm2", "v1", True, at(9))

    await database.write(say)
    kept = [
        ConsentRow("v1", True, at(0)),
        ConsentRow("v1", False, at(1)),
        ConsentRow("v2", True, at(3)),
    ]
    assert await database.read(lambda tx: consent.history(tx, "wm1")) == kept
    assert await database.read(lambda tx: consent.latest(tx, "wm1")) == kept[-1]
    assert await database.read(lambda tx: consent.latest(tx, "wm2")) == ConsentRow(
        "v1", True, at(9)
    )
