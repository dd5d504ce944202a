"""Who is at the page: door, session and form keys, all signed, none of them stored.

The door's state goes out to WeCom and comes back (letters and digits only, at most 128); a cookie
that only this browser has must come with it. The session is a cookie of two hours; the form key is
made from it, so that no other site can post in a member's name.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.links import Signed

SESSION_LIFE = timedelta(hours=2)
DOOR_LIFE = timedelta(minutes=10)
_STATE = re.compile(r"([0-9a-f]{24})([0-9a-f]{10})([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody whom WeCom has named, in one community."""

    community: str
    person: str
    """external_userid of a customer, userid of a colleague."""
    is_staff: bool


@dataclass(frozen=True, slots=True)
class State:
    """A state that was written here."""

    nonce: str
    until: datetime


class Keys:
    """Writes and reads them for one installation."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._session = Signed(secret, "session")
        self._door = Signed(secret, "door")
        self._said = Signed(secret, "said")

    def session(self, visitor: Visitor, now: datetime) -> str:
        """The session's cookie."""
        kind = "staff" if visitor.is_staff else "member"
        values = [visitor.community, visitor.person, kind]
        return self._session.write(values, now + SESSION_LIFE)

    def visitor(self, cookie: str, now: datetime) -> Visitor | None:
        """Whose session it is; None for one that is over or was not written here."""
        found = self._session.read(cookie, 3)
        if found is None or now >= found[1]:
            return None
        community, person, kind = found[0]
        return Visitor(community, person, kind == "staff")

    def form_key(self, session: str) -> str:
        """What every form of this session carries."""
        return self._mac(f"form/{session}")

    def is_form_key(self, session: str, given: str) -> bool:
        """Whether a form was made for this session."""
        return hmac.compare_digest(self.form_key(session).encode(), given.encode(errors="replace"))

    def state(self, nonce: str, now: datetime) -> str:
        """What WeCom is to bring back; `nonce` is 24 hexadecimal digits."""
        begin = f"{nonce}{int((now + DOOR_LIFE).timestamp()):010x}"
        return begin + self._mac(f"state/{begin}")

    def read_state(self, state: str) -> State | None:
        """A state; None for one that was not written here."""
        found = _STATE.fullmatch(state)
        if found is None:
            return None
        nonce, until, mac = found.groups()
        if not hmac.compare_digest(self._mac(f"state/{nonce}{until}"), mac):
            return None
        return State(nonce, datetime.fromtimestamp(int(until, 16), UTC))

    def door(self, community: str, nonce: str, now: datetime) -> str:
        """The cookie that must come back with the state."""
        return self._door.write([community, nonce], now + DOOR_LIFE)

    def read_door(self, cookie: str) -> tuple[str, str] | None:
        """(community, nonce) of a door's cookie."""
        found = self._door.read(cookie, 2)
        if found is None:
            return None
        community, nonce = found[0]
        return community, nonce

    def said(self, text: str, now: datetime) -> str:
        """A short answer that the next page shows, as a cookie."""
        return self._said.write([text], now + timedelta(minutes=1))

    def read_said(self, cookie: str, now: datetime) -> str:
        """The answer to show; empty if there is none."""
        found = self._said.read(cookie, 1)
        return "" if found is None or now >= found[1] else found[0][0]

    def _mac(self, text: str) -> str:
        return hmac.digest(self._secret, f"qunyun/{text}".encode(), hashlib.sha256).hex()[:32]
