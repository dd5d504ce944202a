"""One fresh seed per unit of work; everything by chance in it has a stream of its own."""

import hashlib
import hmac


def derive(seed: bytes, label: str) -> bytes:
    """32 bytes that belong to `label`; the same for ever for the same seed."""
    return hmac.digest(seed, label.encode(), hashlib.sha256)
