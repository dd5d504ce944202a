"""Who reads the pages of the weekly summary: a colleague whom WeCom named, or who has a link."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.links import Signed
from bot.pages.keys import DOOR_LIFE

SESSION_LIFE = timedelta(hours=8)
"""A working day: nobody signs in twice to look at one week."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A colleague with a session."""

    staff: str
    link_scope: str = ""
    """What a link let in to; empty for who signed in by WeCom, who may see what the role may."""

    @property
    def signed_in(self) -> bool:
        """WeCom has said who it is; a link may have been passed on."""
        return not self.link_scope


class StaffKeys:
    """Writes and reads sessions and doors for one installation."""

    def __init__(self, secret: str) -> None:
        self._session = Signed(secret, "summary/session")
        self._door = Signed(secret, "summary/door")

    def session(self, reader: Reader, now: datetime) -> str:
        """The session's cookie."""
        return self._session.write([reader.staff, reader.link_scope], now + SESSION_LIFE)

    def reader(self, cookie: str, now: datetime) -> Reader | None:
        """Whose session it is; None for one that is over or was not written here."""
        found = self._session.read(cookie, 2)
        if found is None or now >= found[1]:
            return None
        staff, scope = found[0]
        return Reader(staff, scope)

    def door(self, to: str, nonce: str, now: datetime) -> str:
        """The cookie that must come back with the state; `to` is where to go then."""
        return self._door.write([to, nonce], now + DOOR_LIFE)

    def read_door(self, cookie: str, now: datetime) -> tuple[str, str] | None:
        """(to, nonce) of a door's cookie."""
        found = self._door.read(cookie, 2)
        if found is None or now >= found[1]:
            return None
        to, nonce = found[0]
        return to, nonce
