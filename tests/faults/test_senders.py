"""kill -9 around group-send tasks: made and not recorded, recorded and not told, confirmed or
withdrawn and not written. After a restart there is one task per step and colleague, the group has
read it once, and the rows say so.

`QUNYUN_FAULTS=long` kills a hundred times on each database; CI does a handful.
"""

import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.installation import LONG
from tests.faults.records import Records
from tests.faults.senders import RMS, TEXTS, Senders

SEED = int(os.environ.get("QUNYUN_FAULTS_SEED", "1"))
LONGEST = 1.5
"""Seconds that the bot is left alive, at most."""
POINTS = ("K3", "K4", "K5", "K6", "K7", "K24", "K25")
EVERYTHING = [(who, step) for who in RMS for step in TEXTS]


@pytest.fixture
async def senders(nest: Path, tmp_path: Path, records: Records) -> AsyncIterator[Senders]:
    """Before the bot's first start."""
    one = Senders(nest, tmp_path, records)
    await one.open()
    yield one
    await one.close()


async def finish(senders: Senders) -> list[str]:
    """The bot lives on, and whatever is left is confirmed; what is wrong then."""
    await senders.start()
    await senders.asked()
    for who, step in EVERYTHING:
        if (who, step) not in senders.confirmed | senders.skipped:
            assert senders.confirm(who, step), f"{who} has nothing to confirm for {step}"
    await senders.settled()
    return await senders.findings()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "point",
    [
        "K4",  # a task claimed, not asked for
        "K6",  # a task made, not recorded
        "K24",  # recorded, nobody told
    ],
)
async def test_kill_while_tasks_are_made(senders: Senders, point: str) -> None:
    await senders.start(crash_at=point)
    await senders.died()
    assert await finish(senders) == []


@pytest.mark.timeout(120)
async def test_kill_between_the_confirmation_and_its_row(senders: Senders) -> None:
    await senders.start()
    await senders.asked()
    await senders.stop()
    assert senders.confirm("lijing", "brief")
    await senders.start(crash_at="K24")
    await senders.until_dead()
    assert await finish(senders) == []


@pytest.mark.timeout(120)
async def test_kill_between_the_withdrawal_and_its_row(senders: Senders) -> None:
    await senders.start(crash_at="K25")
    await senders.asked()
    senders.skip("lijing", "brief")
    await senders.until_dead()
    assert await finish(senders) == []


@pytest.mark.timeout(120)
async def test_a_twin_that_makes_tasks_again_is_caught(senders: Senders) -> None:
    await senders.start(crash_at="K6", twin="made_again")
    await senders.died()
    await senders.start(twin="made_again")
    await senders.asked()
    assert {one.partition(": ")[2] for one in senders.doubled()} == {"2 tasks"}


@pytest.mark.timeout(3600 if LONG else 120)
@pytest.mark.parametrize(
    ("records", "kills"),
    [("sqlite", 100), ("postgres", 100)] if LONG else [("sqlite", 4), ("postgres", 2)],
    indirect=["records"],
)
async def test_random_kills(senders: Senders, kills: int) -> None:
    print(f"QUNYUN_FAULTS_SEED={SEED}")
    chance = random.Random(SEED)
    left = list(EVERYTHING)
    chance.shuffle(left)
    for number in range(kills):
        point = f"{chance.choice(POINTS)}:{chance.randint(1, 4)}" if chance.random() < 0.6 else ""
        await senders.start(crash_at=point)
        if left and number * len(EVERYTHING) >= kills * (len(EVERYTHING) - len(left)):
            who, step = left[-1]
            if senders.confirm(who, step):
                left.pop()
        if not await senders.dies_within(chance.uniform(0, LONGEST)):
            senders.kill()
        await senders.died()
    assert await finish(senders) == []
