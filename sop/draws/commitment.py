"""What is published before the first draw, so that nobody can change the deck afterwards.

The commitment is the SHA-256, in lower-case hex, of these bytes: a JSON object in UTF-8 with its
keys in alphabetical order, without any space, and only the escapes that JSON demands:

    {"campaign":"…","cards":[["prize",amount_fen,count],…],"format":"qunyun-deck-1",
     "round":"…","rules_hash":"…","seed":"hex"}

(shown on two lines, made as one). JavaScript's `JSON.stringify` gives the same bytes when the
keys are written in this order.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sop.draws.deck import Cards
from sop.ports import PrizeCard

DECK_FORMAT = "qunyun-deck-1"
EVIDENCE_FORMAT = "qunyun-evidence-1"


def canonical(value: Any) -> bytes:
    """JSON that has one spelling only: sorted keys, no spaces, UTF-8, no NaN."""
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def rules_hash(rules: Any) -> str:
    """SHA-256 hex of the rules: the campaign as plain JSON values, or its text."""
    return hashlib.sha256(canonical(rules)).hexdigest()


def commit(*, campaign: str, round: str, rules_hash: str, seed: bytes, cards: Cards) -> str:
    """The commitment of one deck, 64 hex digits."""
    value = {
        "campaign": campaign,
        "cards": [[prize, amount_fen, count] for prize, amount_fen, count in cards],
        "format": DECK_FORMAT,
        "round": round,
        "rules_hash": rules_hash,
        "seed": seed.hex(),
    }
    return hashlib.sha256(canonical(value)).hexdigest()


def evidence(
    *,
    campaign: str,
    round: str,
    rules: Any,
    seed: bytes,
    cards: Cards,
    commitment: str,
    draws: Sequence[tuple[int, str, PrizeCard]],
) -> Mapping[str, Any]:
    """The evidence file of a closed deck, for `sop.draws.verify`.

    `draws` are (position, masked name of the member, card). `commitment` is what was published
    then, not computed now.
    """
    return {
        "format": EVIDENCE_FORMAT,
        "campaign": campaign,
        "round": round,
        "rules": rules,
        "rules_hash": rules_hash(rules),
        "seed": seed.hex(),
        "deck": [
            {"prize": prize, "amount_fen": amount, "count": count} for prize, amount, count in cards
        ],
        "commitment": commitment,
        "draws": [
            {
                "position": position,
                "member": member,
                "prize": card.prize,
                "amount_fen": card.amount_fen,
            }
            for position, member, card in draws
        ],
    }
