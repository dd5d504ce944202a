"""The log of a deck: every draw and decision, each entry holding the hash of the one before.

An entry is a JSON object; its hash is the SHA-256 of its canonical JSON (`commitment.canonical`).
The first `previous` is the deck's commitment, so the whole log hangs on what was published before
the first draw: no entry can be changed, dropped, added or moved later without changing the hash of
every entry after it. A winner gets their entry's hash as a receipt. docs/fair-draw.md says it for
strangers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sop.draws.commitment import fingerprint
from sop.draws.deck import PrizeCard
from sop.draws.entrants import entrants_hash, spelled


@dataclass(frozen=True, slots=True)
class Entry:
    """One link."""

    json: dict[str, Any]
    hash: str
    """64 hex digits; the `previous` of the next entry, and the receipt of a draw."""


def draw_entry(
    previous: str, number: int, at: datetime, position: int, code: str, card: PrizeCard
) -> Entry:
    """The card at `position` went to the member with this code."""
    return _entry(
        "draw",
        previous,
        number,
        at,
        position=position,
        code=code,
        kind=card.kind,
        prize=card.prize,
        amount_fen=card.amount_fen,
        points=card.points,
    )


def amendment_entry(
    previous: str, number: int, at: datetime, rules: Mapping[str, Any], changes: Sequence[str]
) -> Entry:
    """The rules were changed in the members' favour: `rules` as they are from here on, in whole
    (so that the log alone can prove them), and what changed in Chinese sentences."""
    hashed = fingerprint(rules)
    return _entry(
        "amendment",
        previous,
        number,
        at,
        rules=dict(rules),
        rules_hash=hashed,
        changes=list(changes),
    )


def freeze_entry(previous: str, number: int, at: datetime, entrants: Collection[str]) -> Entry:
    """Nobody can enter any more; `entrants` are the member codes."""
    return _entry(
        "freeze",
        previous,
        number,
        at,
        count=len(entrants),
        entrants_hash=entrants_hash(entrants),
    )


def decide_entry(previous: str, number: int, at: datetime, value: str) -> Entry:
    """The public value announced in advance has become known; it is kept in its one spelling.
    Raises ValueError for one that decides nothing (`entrants.spelled` is empty)."""
    if not spelled(value):
        raise ValueError(f"no public value: {value!r}")
    return _entry("decide", previous, number, at, value=spelled(value))


def close_entry(previous: str, number: int, at: datetime, reason: str) -> Entry:
    """The round is over; the seed is revealed."""
    return _entry("close", previous, number, at, reason=reason)


def _entry(type: str, previous: str, number: int, at: datetime, **more: Any) -> Entry:
    json = {
        "type": type,
        "number": number,
        "previous": previous,
        "at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        **more,
    }
    return Entry(json, fingerprint(json))
