"""kill -9 at random instants and at named points while a town draws, redeems, claims and is paid.

`QUNYUN_FAULTS=long` kills 500 times on SQLite and 100 times on PostgreSQL, in towns of a hundred
kills with seeds of their own; CI does a handful. The first seed is 1, or `QUNYUN_FAULTS_SEED=7`.
"""

import asyncio
import os
import random
import time

import pytest

from tests.faults.auditor import audit
from tests.faults.endings import end_everything
from tests.faults.installation import LONG
from tests.faults.town import MOODS, Builder, Town

SEED = int(os.environ.get("QUNYUN_FAULTS_SEED", "1"))
LONGEST = 0.8
"""Seconds that the bot is left alive once people come, at most."""
POINTS = ("K1", "K2", "K3", "K4", "K6", "K9", "K10", "K12", "K18", "K19", "K20")
MEMBERS_A_KILL = 2
ENDINGS = 3
"""Kills while the rounds are ended, among the others."""


async def one_life(town: Town, chance: random.Random, number: int, twin: str = "") -> None:
    """The bot is started, people come, and it is killed."""
    point = f"{chance.choice(POINTS)}:{chance.randint(1, 4)}" if chance.random() < 0.4 else ""
    for name in MOODS:
        town.mood(name, chance.choice((0, 0, 1, 2)))
    await town.start(crash_at=point, twin=twin)
    for member in range(MEMBERS_A_KILL):
        town.comes(number * MEMBERS_A_KILL + member)
    await town.claimed_somewhere(most=2)
    if not await lives_until_open(town):
        await asyncio.sleep(chance.uniform(0, LONGEST))
    town.kill()
    await town.died()
    await town.approve_payouts()


async def lives_until_open(town: Town) -> bool:
    """Waits until members can draw; True if it died before."""
    while not await town.opened():
        if await town.dies_within(0.05):
            return True
    return False


async def kill_again_and_again(
    town: Town, kills: int, seed: int = SEED, twin: str = ""
) -> list[str]:
    chance = random.Random(seed)
    print(f"QUNYUN_FAULTS_SEED={seed}")
    began = time.monotonic()
    for number in range(kills - ENDINGS):
        await one_life(town, chance, number, twin)
        if number % 20 == 19:
            print(f"{number + 1} kills, {time.monotonic() - began:.0f} s", flush=True)
    endings = (chance.uniform(0.2, 1.2), chance.uniform(0.2, 1.2), chance.uniform(0, 0.2))
    await end_everything(town, endings, twin)
    found = await audit(town)
    draws = sum(town.wishes.draws.values())
    print(
        f"{kills} kills, {time.monotonic() - began:.0f} s: {draws} draws asked for,"
        f" {len(town.deeds.paid)} payments, {len(found)} findings",
        flush=True,
    )
    return found


SHORT = [
    ("sqlite", "marketing_platform", 6, SEED),
    ("postgres", "wechat_transfer", 5, SEED),
]
THOROUGH = [
    *(("sqlite", "marketing_platform", 100, SEED + one) for one in range(3)),
    *(("sqlite", "wechat_transfer", 100, SEED + one) for one in range(2)),
    ("postgres", "marketing_platform", 60, SEED),
    ("postgres", "wechat_transfer", 40, SEED),
]


@pytest.mark.timeout(3600 if LONG else 240)
@pytest.mark.parametrize(
    ("records", "payer", "kills", "seed"), THOROUGH if LONG else SHORT, indirect=["records"]
)
async def test_random_kills(town_on: Builder, payer: str, kills: int, seed: int) -> None:
    town = await town_on(payer, kills * MEMBERS_A_KILL)
    assert await kill_again_and_again(town, kills, seed) == []


@pytest.mark.timeout(3600 if LONG else 240)
async def test_a_naive_twin_doubles_and_is_caught(town_on: Builder) -> None:
    kills = 60 if LONG else 5
    town = await town_on("marketing_platform", kills * MEMBERS_A_KILL)
    found = await kill_again_and_again(town, kills, twin="naive")
    doubles = sum(int(one.rpartition("×")[2]) for one in found if " doubled: " in one)
    print(f"{doubles} doubles", flush=True)
    assert doubles >= (50 if LONG else 1), found
