"""Signed links to the member page (群里的入口链接): one community, 48 hours; and the names of
tracked links.

A link says only which community it was posted in; who opens it is found out by WeCom's OAuth. So a
link that is passed on gives nothing to whoever is not a member there.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

LINK_LIFE = timedelta(hours=48)
GO = "/go/"
"""Where tracked links lead first."""
TOKEN_BYTES = 16
LONGEST_TOKEN = 4000
"""Characters; what is longer was never signed here."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A link with a good signature."""

    community: str
    expired: bool


class Signed:
    """Values that only this program can have written, each purpose with a key of its own.

    The expiry is part of the value, judged by the caller's `now`: no clock is read here.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        self._serializer = URLSafeSerializer(
            secret,
            salt=f"qunyun/{purpose}/1",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def write(self, values: list[str], until: datetime) -> str:
        """Characters that go into an address or a cookie as they are."""
        return self._written([*values, int(until.timestamp())])

    def _written(self, values: Any) -> str:
        written = self._serializer.dumps(values)
        return written.decode() if isinstance(written, bytes) else written

    def read(self, text: str, count: int) -> tuple[list[str], datetime] | None:
        """`count` values and until when they were good; None for what was not written here."""
        if len(text) > LONGEST_TOKEN or not text.isascii():
            return None
        try:
            found: Any = self._serializer.loads(text)
        except BadData:
            return None
        if not hmac.compare_digest(self._written(found), text):
            return None  # the last letter of a signature has bits that count for nothing
        *values, until = found
        if len(values) != count:
            return None
        return values, datetime.fromtimestamp(until, UTC)


class Links:
    """Writes and reads the links of one installation."""

    def __init__(self, public: str, secret: str) -> None:
        self._public = public
        self._signed = Signed(secret, "link")
        self._key = hmac.digest(secret.encode(), b"qunyun/go/1", hashlib.sha256)

    def link(self, community: str, now: datetime) -> str:
        """An address for the group's next message."""
        return f"{self._public}/m/{self._signed.write([community], now + LINK_LIFE)}"

    def token(self, *what: str) -> str:
        """What stands for a tracked link: 128 bits in 22 characters, always the same for the same
        `what`, of which it tells nothing to whoever has not the secret."""
        digest = hmac.digest(self._key, "\0".join(what).encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).rstrip(b"=").decode()

    def tracked(self, token: str) -> str:
        """The address that a text gives for it."""
        return f"{self._public}{GO}{token}"

    def opened(self, token: str, now: datetime) -> Opened | None:
        """What a link says; None if nobody here wrote it."""
        found = self._signed.read(token, 1)
        if found is None:
            return None
        (community,), until = found
        return Opened(community, now >= until)
