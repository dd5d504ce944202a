"""kill -9 at random instants while members draw and prizes are paid, judged to the last letter.

The long loop, with everything that can be won, is in test_town_kills.py. The seed is printed with
a failure and can be given again: `QUNYUN_FAULTS_SEED=7`.
"""

import asyncio
import os
import random

import pytest

from tests.faults.bank import KEYWORD, Bank, customer

SEED = int(os.environ.get("QUNYUN_FAULTS_SEED", "1"))
MEMBERS_A_KILL = 3
LONGEST = 0.8
"""Seconds that the bot is left alive once it listens, at most."""


async def kill_again_and_again(bank: Bank, kills: int) -> tuple[list[str], int]:
    """What the checker finds afterwards, and how many approved payouts were not paid once."""
    chance = random.Random(SEED)
    print(f"QUNYUN_FAULTS_SEED={SEED}")
    approved = 0
    for number in range(kills):
        await bank.start()
        await bank.until(bank.opened)
        for member in range(MEMBERS_A_KILL):
            bank.say(customer(number * MEMBERS_A_KILL + member), KEYWORD)
        await asyncio.sleep(chance.uniform(0, LONGEST))
        bank.kill()
        await bank.died()
        approved += await bank.approve_payouts()
    await bank.start()
    await bank.settled()
    return await bank.findings(), approved - len(bank.deeds.paid)


@pytest.mark.timeout(120)
async def test_random_kills_over_sqlite(bank: Bank) -> None:
    assert await kill_again_and_again(bank, 5) == ([], 0)


@pytest.mark.timeout(120)
async def test_random_kills_over_postgres(postgres_bank: Bank) -> None:
    assert await kill_again_and_again(postgres_bank, 3) == ([], 0)
