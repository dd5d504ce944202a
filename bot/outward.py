"""What speaks to the outside beside letters and payments: workers, each a small loop.

A worker asks the outside world outside of any transaction and writes what it learns. One process
runs them (`bot.app`); the movable clock and tests call `step` themselves.
"""

import asyncio
import logging
from datetime import datetime
from typing import Protocol

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks."""


class Worker(Protocol):
    """Work that is due at certain instants."""

    name: str
    """Of its loop: one word."""

    async def step(self) -> int:
        """Does what is due now. Returns how much was settled: nought once there is no more."""

    async def next_due(self) -> datetime | None:
        """When there is something to do next; None: nothing is foreseen."""


async def keep_at(worker: Worker) -> None:
    """Works until cancelled; a failure is logged, and the next look tries again."""
    while True:
        try:
            await worker.step()
        except Exception:
            log.exception("%s failed", worker.name, extra={"action": f"{worker.name}_failed"})
        await asyncio.sleep(PAUSE)
