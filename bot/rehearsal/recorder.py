"""Stands in front of a real channel: nothing is sent, everything is kept.

The channel's own splitting, limits and rule for unknown outcomes stay in force, so that delivery
treats a rehearsed letter exactly as a real one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from bot.channel import Channel, Connections, Letter, Limit, Outcome, Refused, Sent

Keep = Callable[[Letter, Sequence[Limit]], str]
"""Takes a letter that arrived; returns why it would have been refused, or nothing."""


class Recorder:
    """A channel that hands each letter to the rehearsal; made by `recording`."""

    name: ClassVar[str] = ""
    resend_unknown: ClassVar[bool] = True
    urgent: ClassVar[bool] = False
    inner: ClassVar[Channel]
    keep: ClassVar[Keep]

    def __init__(self, connections: Connections | None = None) -> None:
        """Needs no connection."""

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """As the channel does."""
        return self.inner.split(body)

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """Those of the channel."""
        return self.inner.limits(target)

    async def send(self, letter: Letter) -> Outcome:
        """Keeps the letter."""
        refusal = type(self).keep(letter, self.limits(letter.target))
        return Refused(refusal) if refusal else Sent(f"rehearsal-{letter.id}")


def recording(inner: Channel, keep: Keep) -> Channel:
    """A recorder with the name and the rule of the channel that it stands in front of."""
    kept = {
        "name": inner.name,
        "resend_unknown": inner.resend_unknown,
        "urgent": inner.urgent,
        "inner": inner,
        "keep": staticmethod(keep),
    }
    made: Channel = type("Recorder", (Recorder,), kept)()
    return made
