"""Logs hold no personal values, whatever an exception carries."""

import io
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.logs import Discreet, discreet
from storage.database import Database

MEMBER = "wmqfasd1e1927831123109rBAAAA"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"customer {MEMBER} not found", "customer wm*** not found"),
        ("call 13800138000 or +86 138-0013-8000", "call *** or ***"),
        ("id 110101194912311234 and 11010119491231123X", "id *** and ***"),
        ("card 6222021234567890123", "card ***"),
        ("letter 1234567 at 1763874000", "letter 1234567 at 1763874000"),
        ("2026-11-23 09:00:00,123 INFO bot.app", "2026-11-23 09:00:00,123 INFO bot.app"),
        ("127.0.0.1:13800", "127.0.0.1:13800"),
        ("order QY13800138000138001380013800", "order QY13800138000138001380013800"),
    ],
)
def test_numbers_and_ids_of_people_are_masked(said: str, kept: str) -> None:
    assert discreet(said) == kept


def logged(error: Exception) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Discreet("%(levelname)s %(message)s"))
    log = logging.getLogger("tests.logs")
    log.addHandler(handler)
    try:
        raise error
    except Exception:
        log.exception("event failed")
    finally:
        log.removeHandler(handler)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("error", "last"),
    [
        (KeyError("魏铭澄"), "KeyError: …"),
        (
            ValueError("invalid literal: 魏铭澄 said 'my number'"),
            "ValueError: invalid literal: … said …",
        ),
        (RuntimeError(f"{MEMBER} is gone"), "RuntimeError: wm*** is gone"),
        (ValueError("one\n魏铭澄"), "…"),
    ],
)
def test_texts_of_exceptions_lose_their_values(error: Exception, last: str) -> None:
    lines = logged(error).rstrip("\n").split("\n")
    assert (lines[0], lines[1], lines[-1]) == (
        "ERROR event failed",
        "Traceback (most recent call last):",
        last,
    )
    assert lines[2].startswith('  File "/')


async def test_errors_of_the_database_do_not_carry_the_values(database: Database) -> None:
    query = text("INSERT INTO member (id, name, first_seen) VALUES (:id, :name, NULL)")
    with pytest.raises(DBAPIError) as caught:
        await database.write(lambda tx: tx.execute(query, {"id": MEMBER, "name": "魏铭澄"}))
    shown = logged(caught.value)
    assert (MEMBER in shown, "魏铭澄" in shown) == (False, False)
