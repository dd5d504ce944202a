"""The evidence file of a closed deck, for `sop.draws.verify` and anybody else's verifier."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sop.draws.commitment import Mode, plain
from sop.draws.deck import Cards

EVIDENCE_FORMAT = "qunyun-evidence-2"


def evidence(
    *,
    campaign: str,
    round: str,
    mode: Mode,
    public_value: str,
    rules: Any,
    rules_hash: str,
    seed: bytes,
    cards: Cards,
    commitment: str,
    entrants: Collection[str],
    log: Sequence[Mapping[str, Any]],
    head: str,
) -> Mapping[str, Any]:
    """Everything needed to check a deck, and nobody's name.

    Nothing is computed here: `rules_hash`, `commitment` and `head` (the hash of the last entry)
    are what was published and stored then. `entrants` are member codes.
    """
    return {
        "format": EVIDENCE_FORMAT,
        "campaign": campaign,
        "round": round,
        "mode": mode,
        "public_value": public_value,
        "rules": rules,
        "rules_hash": rules_hash,
        "seed": seed.hex(),
        "cards": plain(cards),
        "commitment": commitment,
        "entrants": sorted(entrants),
        "log": [dict(one) for one in log],
        "head": head,
    }
