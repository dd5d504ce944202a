"""The clock as the sandbox needs it, and the one who moves it for the chat page."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from bot.sandbox.errors import Json, Mistake

PROGRESS_SECONDS = 0.25
"""How often, in real time, a moving clock is shown."""


class SandboxClock(Protocol):
    """Virtual time, shared with the bot when both run in one process."""

    @property
    def running(self) -> bool:
        """Whether time passes by itself."""

    def now(self) -> datetime:
        """Aware UTC."""

    def run(self, running: bool) -> None:
        """Lets time pass by itself, or stops it."""

    async def look_ahead(self) -> datetime | None:
        """The next instant at which something is due, asked anew."""

    def next_due(self) -> datetime | None:
        """The same, as of the last time somebody asked."""

    async def advance_to(self, target: datetime) -> None:
        """Steps through every due instant up to `target`; returns when all is done."""


class Clockwork:
    """Moves the clock on request and tells the page."""

    def __init__(
        self,
        clock: SandboxClock,
        publish: Callable[[str, Json], None],
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._publish = publish
        self._settle = settle
        self._moves = 0

    def describe(self) -> Json:
        """Virtual now and what the clock is doing, as the page shows it."""
        due = self._clock.next_due()
        return {
            "now": self._clock.now().isoformat(),
            "clock": {
                "running": self._clock.running,
                "moving": self._moves > 0,
                "next_due": due.isoformat() if due else None,
            },
        }

    async def move(self, instant: datetime) -> None:
        """Advances to `instant` and returns when every callback has been answered."""
        if instant < self._clock.now():
            raise Mistake("时钟只能往前走。")
        self._moves += 1
        progress = asyncio.create_task(self._show_progress())
        try:
            await self._clock.advance_to(instant)
            await self._settle()
        finally:
            self._moves -= 1
            progress.cancel()
            with suppress(asyncio.CancelledError):
                await progress
            self._publish("clock", self.describe())

    async def move_by(self, span: timedelta) -> None:
        """Advances by `span`."""
        await self.move(self._clock.now() + span)

    async def move_to_next(self) -> None:
        """Advances to the next thing that is due; nothing due is a mistake."""
        due = await self._clock.look_ahead()
        if due is None:
            raise Mistake("后面没有安排了。")
        await self.move(max(due, self._clock.now()))

    def run(self, running: bool) -> None:
        """Lets virtual time follow real time, or stops it."""
        self._clock.run(running)
        self._publish("clock", self.describe())

    async def _show_progress(self) -> None:
        while True:
            self._publish("clock", self.describe())
            await asyncio.sleep(PROGRESS_SECONDS)
