"""What is published before the first draw, so that nobody can change the deck afterwards.

The commitment is the SHA-256, in lower-case hex, of these bytes: a JSON object in UTF-8 with its
keys in alphabetical order, without any space, and only the escapes that JSON demands:

    {"campaign":"…","cards":[["kind","prize",amount_fen,points,count],…],
     "format":"qunyun-deck-2","mode":"instant","public_value":"","round":"…",
     "rules_hash":"…","seed":"hex"}

(shown on three lines, made as one). JavaScript's `JSON.stringify` gives the same bytes when the
keys are written in this order.
"""

import hashlib
import json
from typing import Any, Literal

from sop.draws.deck import Cards

DECK_FORMAT = "qunyun-deck-2"

Mode = Literal["instant", "entrants"]
"""`instant`: who asks gets the next card. `entrants`: members enter, and a public value that
nobody knew before decides among them after entering has ended."""


def canonical(value: Any) -> bytes:
    """JSON that has one spelling only: sorted keys, no spaces, UTF-8, no NaN."""
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def fingerprint(value: Any) -> str:
    """SHA-256, 64 lower-case hex digits, of a value's canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def rules_hash(rules: Any) -> str:
    """The fingerprint of the rules: the campaign as plain JSON values, or its text."""
    return fingerprint(rules)


def commit(
    *,
    campaign: str,
    round: str,
    mode: Mode,
    public_value: str,
    rules_hash: str,
    seed: bytes,
    cards: Cards,
) -> str:
    """The commitment of one deck, 64 hex digits.

    `public_value` says which value will decide in the mode `entrants`, as it was announced
    (`2026-11-27 双色球第 2026136 期红球`); empty in the mode `instant`.
    """
    return fingerprint(
        {
            "campaign": campaign,
            "cards": plain(cards),
            "format": DECK_FORMAT,
            "mode": mode,
            "public_value": public_value,
            "round": round,
            "rules_hash": rules_hash,
            "seed": seed.hex(),
        }
    )


def plain(cards: Cards) -> list[list[str | int]]:
    """A deck's definition as commitment and evidence write it."""
    return [[one.kind, one.prize, one.amount_fen, one.points, one.count] for one in cards]


def member_code(commitment: str, member: str) -> str:
    """What stands for a member in everything published about one deck (凭证): 16 hex digits that
    only the member can find, because nobody else knows their id."""
    return hashlib.sha256(f"{commitment}/{member}".encode()).hexdigest()[:16]
