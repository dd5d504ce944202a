"""Yesterday's line in the morning digest; the first Monday is 2026-11-23."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import time

import pytest

from bot.digest_settings import DigestSettings
from sop.events import Left
from tests.house import CHATS, FIRST, GUIDED, SECOND, House, opened

CHOSEN = DigestSettings(time(8, 45), {})


@asynccontextmanager
async def morning(url: str, start: str) -> AsyncIterator[House]:
    """Digests at 08:45."""
    async with opened(url, start) as one:
        one.due = replace(one.due, settings=replace(one.due.settings, digest=CHOSEN))
        yield one


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Thursday noon; the week's draw is on Friday evening."""
    async with morning(sqlite_url, "11-26 12:00") as one:
        yield one


async def notes(house: House, when: str) -> list[str]:
    """The first block of each digest that is sent until then."""
    await house.owed()
    await house.until(when)
    found = [one for one in await house.owed() if "早上好" in one]
    return [f"{one.split(':')[0]}: {one.split(chr(10))[2]}" for one in found]


async def test_note_tells_of_yesterday_in_own_communities(house: House) -> None:
    await house.join("wm1", "wm2", "wm3")
    await house.join("wm4", "wm1", community=SECOND)
    await house.say("wm1", "大家好")
    await house.say("wm1", "早")
    await house.hear(Left(house.clock.now(), CHATS[FIRST], ("wm3",)))
    await house.work()
    assert await notes(house, "11-27 08:46") == [
        "li: **昨天**　活跃 3 人，进群 3 人，退群 1 人",
        "chen: **昨天**　活跃 ≥ 2 人，进群 2 人",  # one of two communities is not heard
    ]


async def test_note_on_monday_tells_of_the_weekend_too(house: House) -> None:
    await house.jump("11-27 12:00")
    await house.join("wm1")
    await house.jump("11-29 22:00")
    await house.join("wm2")
    assert await notes(house, "11-30 08:46") == ["li: **周五到昨天**　活跃 2 人，进群 2 人"]


async def test_note_after_holidays_says_since_when(sqlite_url: str) -> None:
    async with morning(sqlite_url, "09-30 12:00") as house:
        await house.join("wm1")
        await house.jump("10-03 12:00")
        await house.join("wm2")
        assert await notes(house, "10-08 08:46") == [
            "li: **9 月 30 日到昨天**　活跃 2 人，进群 2 人"
        ]


async def test_note_counts_who_played(sqlite_url: str) -> None:
    async with morning(sqlite_url, "11-24 19:00") as house:
        await house.join("wm1", "wm2")
        await house.until("11-24 19:31")
        await house.say("wm1", "掷")
        await house.say("wm1", "掷")
        assert await notes(house, "11-25 08:46") == [
            "li: **昨天**　活跃 2 人，玩游戏 1 人，进群 2 人"
        ]


async def test_note_leaves_colleagues_out(house: House) -> None:
    await house.join("wm1", "li")
    assert await notes(house, "11-27 08:46") == ["li: **昨天**　活跃 1 人，进群 1 人"]


async def test_nothing_happened_and_nothing_is_said(house: House) -> None:
    await house.join("wm1", community=GUIDED)
    await house.jump("11-27 12:00")
    assert await notes(house, "11-27 23:00") == []
