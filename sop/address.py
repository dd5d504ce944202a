"""Addresses on the web that a customer may safely open."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from sop.times import wrong

LONGEST = 1024
"""Characters."""
_PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
"""What an address is made of (RFC 3986); everything else is written with a % sign."""


def is_safe(address: str) -> bool:
    """Whether it is a complete https address of a named host, without a user or another port."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    named = "." in host.strip(".") and "@" not in parts.netloc and port in (None, 443)
    plain = len(address) <= LONGEST and _PLAIN.fullmatch(address) is not None
    return parts.scheme == "https" and plain and named


def safe(address: str) -> str:
    """The address. Raises ValueError, told in Chinese, for one that nobody may be sent to."""
    if not is_safe(address):
        hint = "请写完整的网址，以 https:// 开头。"
        raise wrong("value", f"“{address}”不是可以发给客户的网址。", hint)
    return address


Https = Annotated[str, Field(max_length=LONGEST), AfterValidator(safe)]
"""A field with such an address."""
