"""The only reader of wall time and entropy.

Everything else is told what time it is. `MovableClock` serves the demo, the tests and the
rehearsal: it can be moved, and moving it steps through every instant at which something is due,
so that a week passed in a second is the same week.
"""

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

STRIDE = timedelta(seconds=1)
"""The least step of a moved clock."""
LONGEST_STRIDE = timedelta(minutes=1)
"""The longest step past something that stays overdue."""


class Clock(Protocol):
    """What the shell asks for time and chance."""

    def now(self) -> datetime:
        """The current instant, aware UTC."""

    def entropy(self, size: int) -> bytes:
        """`size` fresh unpredictable bytes."""


class SystemClock:
    """The machine's clock and entropy."""

    def now(self) -> datetime:
        """The current instant, aware UTC."""
        return datetime.now(UTC)

    def entropy(self, size: int) -> bytes:
        """`size` bytes from the operating system."""
        return os.urandom(size)


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who has things to do at given instants and can do them all now."""

    next_due: Callable[[], Awaitable[datetime | None]]
    settle: Callable[[], Awaitable[None]]


class MovableClock:
    """A clock that can be moved forward; it stands still unless it runs.

    With `seed` its entropy is reproducible (tests, rehearsal); without, it is the machine's.
    """

    def __init__(
        self, start: datetime | None = None, *, running: bool = False, seed: bytes | None = None
    ) -> None:
        self._base = start or datetime.now(UTC)
        self._running_since: float | None = time.monotonic() if running else None
        self._seed = seed
        self._drawn = 0
        self._participants: list[Participant] = []
        self._next: datetime | None = None
        self._moving = asyncio.Lock()

    def now(self) -> datetime:
        """The virtual instant, aware UTC."""
        if self._running_since is None:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._running_since)

    def entropy(self, size: int) -> bytes:
        """Unpredictable bytes, or the next ones of the seed's stream."""
        if self._seed is None:
            return os.urandom(size)
        parts = []
        for _ in range((size + 31) // 32):
            parts.append(hmac.digest(self._seed, self._drawn.to_bytes(8), hashlib.sha256))
            self._drawn += 1
        return b"".join(parts)[:size]

    @property
    def running(self) -> bool:
        """True while time passes by itself."""
        return self._running_since is not None

    def run(self, running: bool) -> None:
        """Lets time pass by itself, or stops it."""
        self._base = self.now()
        self._running_since = time.monotonic() if running else None

    def standing(self) -> asyncio.Lock:
        """`async with clock.standing():` nobody moves it meanwhile."""
        return self._moving

    def join(self, participant: Participant) -> None:
        """From now on moving the clock stops wherever this participant has something due."""
        self._participants.append(participant)

    def next_due(self) -> datetime | None:
        """The next instant at which something is due, as of the last `look_ahead`."""
        return self._next

    async def look_ahead(self) -> datetime | None:
        """Asks every participant anew."""
        dues = [await one.next_due() for one in self._participants]
        self._next = min((due for due in dues if due is not None), default=None)
        return self._next

    async def settle(self) -> None:
        """Lets everybody finish what is due at this very instant."""
        for one in self._participants:
            await one.settle()
        await self.look_ahead()

    async def advance(self, by: timedelta) -> None:
        """Moves forward by a duration."""
        await self.advance_to(self.now() + by)

    async def advance_to(self, target: datetime) -> None:
        """Moves forward to `target`, stopping at everything due on the way; never backward."""
        async with self._moving:
            await self.settle()
            stride = STRIDE
            while (due := self._next) is not None and due <= target:
                if (now := self.now()) >= target:
                    break
                self._set(min(max(due, now + stride), target))
                # What is still overdue after settling waits for something else: let time pass,
                # in growing steps, because it may wait for ever.
                stride = min(stride * 2, LONGEST_STRIDE) if due <= now else STRIDE
                await self.settle()
            self._set(max(target, self.now()))
            await self.settle()

    def _set(self, instant: datetime) -> None:
        self._base = instant
        if self._running_since is not None:
            self._running_since = time.monotonic()
