"""G18: never more than 20 messages of a robot in any 60 seconds, and the limiter's own speed.

The real outbox, the real delivery worker and a clock that is moved from one due instant to the
next; the channel writes down when it was called. A token bucket of 20 is beside it.
"""

import asyncio
import bisect
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Connection

from bot.channel import Letter, Limit, Outcome, Sent
from bot.clock import MovableClock
from bot.delivery import Delivery
from bot.limits import free_at
from storage import outbox
from storage.database import open_database
from tests.benchmarks.report import Row, alternating, ensure, middle, per_second, spread

ROBOTS, LETTERS = 5, 70
WINDOW = timedelta(seconds=60)
COUNT = 20
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
SLICE = 0.3


class Robot:
    """A channel that only looks at the clock."""

    name: ClassVar[str] = "group_robot"
    resend_unknown: ClassVar[bool] = False
    urgent: ClassVar[bool] = False

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self.sent: dict[str, list[datetime]] = defaultdict(list)

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [body]

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        return [Limit(f"robot/{target['community']}", COUNT, WINDOW)]

    async def send(self, letter: Letter) -> Outcome:
        self.sent[letter.target["community"]].append(self._clock.now())
        return Sent()


async def delivered() -> dict[str, list[datetime]]:
    """When each robot's letters went out."""
    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        database = await open_database(f"sqlite:///{folder}/limits.db")
        clock = MovableClock(NOW)
        robot = Robot(clock)
        delivery = Delivery(database, {"group_robot": robot}, clock)
        await database.write(_owe)
        while (due := await delivery.next_due()) is not None:
            await clock.advance(max(due - clock.now(), timedelta(0)))
            await delivery.settle()
        await database.close()
    return robot.sent


def _owe(tx: Connection) -> None:
    letters = [
        outbox.NewLetter(
            dedup_key=f"bench/{robot}/{number}",
            channel="group_robot",
            target={"community": f"c{robot}"},
            body={"markdown": str(number)},
            order_key=f"c{robot}/{number}",
            not_before=NOW,
            created_at=NOW,
        )
        for number in range(LETTERS)
        for robot in range(ROBOTS)
    ]
    outbox.add(tx, letters)


def worst_window(sent: list[datetime]) -> int:
    """Most messages in any 60 seconds."""
    ordered = sorted(sent)
    return max(bisect.bisect_left(ordered, at + WINDOW) - index for index, at in enumerate(ordered))


def token_bucket() -> int:
    """What a bucket of 20, refilled at 20 a minute, lets through in its worst window."""
    tokens, at = float(COUNT), NOW
    sent: list[datetime] = []
    while len(sent) < LETTERS:
        if tokens >= 1:
            tokens -= 1
            sent.append(at)
        else:
            at += timedelta(seconds=1)
            tokens = min(COUNT, tokens + COUNT / WINDOW.total_seconds())
    return worst_window(sent)


def decisions() -> float:
    """Decisions per second on a full log."""
    limit = Limit("robot/c", COUNT, WINDOW)
    sent = [NOW + timedelta(seconds=number) for number in range(COUNT)]
    until, done = time.perf_counter() + SLICE, 0
    began = time.perf_counter()
    while time.perf_counter() < until:
        for _ in range(100):
            free_at(sent, limit, NOW)
        done += 100
    return done / (time.perf_counter() - began)


def run(rounds: int) -> list[Row]:
    """Two rows."""
    sent = asyncio.run(delivered())
    counts = {robot: len(times) for robot, times in sent.items()}
    expected = {f"c{robot}": LETTERS for robot in range(ROBOTS)}
    ensure(counts == expected, f"limits: sent {counts}, owed {expected}")
    worst = max(worst_window(times) for times in sent.values())
    ensure(worst <= COUNT, f"limits: {worst} messages in 60 s")
    (speeds,) = alternating(rounds, [decisions])
    return [
        Row("G18", "worst 60 s of a robot, through outbox and delivery; a token bucket of 20",
            str(worst), str(token_bucket()), str(worst), "<= 20", worst <= COUNT),
        Row("", "… decisions of the limiter", spread(speeds, per_second), "",
            per_second(middle(speeds)), ">= 1,000,000/s", middle(speeds) >= 1e6),
    ]  # fmt: skip
