"""The order among frozen entrants, from the secret seed and a public value nobody knew before.

Neither the organiser (who knows the seed, not the value) nor anybody else (who sees the value,
not the seed) could know the order while members could still enter.
"""

import hmac
import re
import unicodedata
from collections.abc import Collection

from sop.draws.commitment import fingerprint
from sop.draws.stream import Stream

LABEL = "qunyun/entrants/1"
"""Label of the stream that shuffles entrants."""
_MIXED = "qunyun/public/1"


def entrants_hash(codes: Collection[str]) -> str:
    """The fingerprint of the sorted member codes, published when entering ends."""
    return fingerprint(sorted(codes))


def spelled(value: str) -> str:
    """The one spelling of a public value: its numbers and Latin words in small letters, without
    leading zeros, by length and then alphabet. `红球 03、31、11` is `3 11 31`.

    Whoever knows the seed could else try spellings until a friend wins. Empty for a text without
    any number or Latin word, which decides nothing.
    """
    plain = unicodedata.normalize("NFKC", value)
    words = [word.lower() for word in re.findall("[0-9A-Za-z]+", plain)]
    short = [(word.lstrip("0") or "0") if word.isdecimal() else word for word in words]
    return " ".join(sorted(short, key=lambda word: (len(word), word)))


def order(seed: bytes, codes: Collection[str], value: str) -> list[str]:
    """The member codes in winning order: the k-th gets the card at position k."""
    mixed = f"{_MIXED}/{entrants_hash(codes)}/{spelled(value)}".encode()
    key = hmac.digest(seed, mixed, "sha256")
    return Stream(key, LABEL).shuffled(sorted(codes))
