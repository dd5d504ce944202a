"""What groups, colleagues and members read and say in a rehearsal, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Reader = Literal["group", "rm", "member"]


@dataclass(frozen=True, slots=True)
class Message:
    """Something that the bot sent, and that arrived."""

    at: datetime
    community: str
    """Id; empty where a message belongs to no single community."""
    to: Reader
    who: str
    """The userid or member id that read it; empty for a group."""
    channel: str
    text: str
    origin: str
    """Key of what was being handled: `occurrence/…`, `game/…`, `deck/…`, `open/…`, `event/…`."""
    buttons: tuple[str, ...] = ()
    answers: int = 0
    """Number of the word that it answers; 0: none."""


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a simulated person said or pressed."""

    at: datetime
    community: str
    who: str
    text: str
    number: int
    """Unique in a rehearsal, from 1."""
    call: str = ""
    """Key of the call that it answers."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One message that counted under a limit."""

    at: datetime
    key: str
    whom: str
    """Who reads it, in words: a community's or a colleague's name."""
    community: str
    """Whose message it is; empty where it belongs to no single one."""
    count: int
    seconds: int
    """The limit: at most `count` in any `seconds`."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A message that WeCom would have refused."""

    at: datetime
    channel: str
    reason: str
