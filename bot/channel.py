"""What a channel is: one way to send, one file in `bot/channels`.

A channel turns an owed message into calls of WeCom and says what became of it. It never
retries, sleeps or limits by itself: `bot.delivery` does, for all channels alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wecom.api import WecomApi
    from bot.wecom.long_connection import LongConnection


@dataclass(frozen=True, slots=True)
class Sent:
    """WeCom accepted the message."""

    receipt: str = ""
    """Message id where WeCom gives one."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Not now: WeCom asked to wait, or was busy. Nothing was delivered."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Never like this: bad key, no right, bad content. Nothing was delivered."""

    reason: str
    """What is wrong and what to do, in Chinese, with WeCom's code."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request left and no answer came: neither success nor failure."""

    reason: str


Outcome = Sent | Busy | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages in any window of `window` for everything under `key`."""

    key: str
    count: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Letter:
    """An owed message as a channel sees it."""

    id: int
    dedup_key: str
    channel: str
    target: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Connections:
    """What channels may use to send."""

    settings: "Settings"
    api: "WecomApi"
    long_connection: "LongConnection | None"


class Channel(Protocol):
    """One way to send. A module in `bot/channels` exports the class as `CHANNEL`."""

    name: ClassVar[str]
    longest: ClassVar[int]
    """Bytes of UTF-8 that one message may have; what is longer is split."""
    resend_unknown: ClassVar[bool]
    """True: an unknown outcome is sent again (the receiver dedupes, or a double is harmless);
    False: it is held for a person to decide."""
    urgent: ClassVar[bool]
    """True: its letters leave before those of other channels, for soon they are worth nothing."""

    def __init__(self, connections: Connections) -> None: ...

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """One body per message on the wire, each within WeCom's byte limits, nothing lost."""

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """The windows that a message to this target counts in."""

    async def send(self, letter: Letter) -> Outcome:
        """Sends once. Never raises for what WeCom or the network does."""


class Single:
    """Base of a channel whose letter is one message, and counts in no window: it can be sent only
    once for whatever it answers."""

    urgent: ClassVar[bool] = False

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """One message, whatever it says."""
        return [body]

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """None."""
        return []
