"""Who gets which variant: fixed for ever by names alone, so that nobody ever changes sides."""

import hashlib
from collections.abc import Sequence


def assigned(experiment: str, subject: str, names: Sequence[str]) -> str:
    """One of `names` for a subject (a community, a member), evenly over many subjects."""
    digest = hashlib.sha256(f"{experiment}\n{subject}".encode()).digest()
    return names[int.from_bytes(digest[:8]) % len(names)]
