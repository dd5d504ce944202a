"""Rounds over the whole stack, told by members' messages: their evidence is what the bot writes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.house import FESTIVAL, FIRST, ONE_WEEK, POOL, House, library_of, opened

NAMES = {f"wmREAL{number}": f"王小{number}" for number in range(1, 8)}
MEMBERS = tuple(NAMES)
PUBLIC_VALUE = "2026-11-28 双色球第 2026137 期红球"
RULES = [
    "群成员均可参加。",
    "奖励以微信红包发放，逾期未领取视为放弃。",
    "有疑问请私信客户经理。",
]
INSTANT: dict[str, Any] = {
    **FESTIVAL,
    "budget": "30.00",
    "chances": {"total": 2},
    "deck": [
        {"prize": "大红包", "amount": "8.88", "count": 1},
        {"prize": "积分 20", "kind": "points", "points": 20, "count": 2, "redeem": "见积分规则。"},
        {
            "prize": "茶杯",
            "kind": "gift",
            "amount": "15.00",
            "count": 1,
            "redeem": "到示例支行自提，2026-12-31 前有效。",
        },
        {"prize": "小红包", "amount": "1.00", "count": 3},
    ],
    "rules": RULES,
}
RAFFLE: dict[str, Any] = {
    **FESTIVAL,
    "campaign": "raffle",
    "title": "周末大奖",
    "keyword": "报名",
    "mode": "entrants",
    "public_value": PUBLIC_VALUE,
    "budget": "20.00",
    "deck": [
        {"prize": "大红包", "amount": "8.88", "count": 1},
        {"prize": "小红包", "amount": "1.88", "count": 2},
    ],
    "rules": RULES,
}


def _step(id: str, campaign: str) -> dict[str, Any]:
    return {
        "id": id,
        "at": "20:00",
        "window": "15m",
        "draw": {"campaign": campaign, "open_for": "30m"},
    }


PLAN = {**ONE_WEEK, "week": {"friday": [_step("draw", "festival"), _step("raffle", "raffle")]}}
LIBRARY = (PLAN, POOL, INSTANT, RAFFLE)
BETTER = {**INSTANT, "chances": {"total": 3}}
"""The same rules but one more chance: a change in the members' favour."""


@asynccontextmanager
async def friday(url: str) -> AsyncIterator[House]:
    """Friday evening: both rounds have just begun, and everybody is there."""
    async with opened(url, "11-27 19:59", library_of(*LIBRARY)) as house:
        for member, name in NAMES.items():
            await house.join(member)
            await house.write(f"UPDATE member SET name = '{name}' WHERE id = '{member}'")
        await house.until("11-27 20:00")
        yield house


async def draw_and_enter(house: House) -> None:
    """Five cards go to four members, with an amendment between them; six enter the raffle."""
    first, second, third, fourth, *rest = MEMBERS
    for member in (first, second, first):
        await house.say(member, "抽奖", FIRST)
    house.due = replace(house.due, library=library_of(PLAN, POOL, BETTER, RAFFLE))
    await house.work()
    for member in (third, fourth):
        await house.say(member, "抽奖", FIRST)
    for member in (first, second, third, fourth, *rest[:2]):
        await house.say(member, "报名", FIRST)


async def finish(house: House) -> None:
    """Both rounds end; the public value decides the raffle."""
    await house.until("11-27 20:31")
    await house.jump("11-28 21:40")
    await house.say("wang", "开奖 raffle 03 11 17 20 26 31", None)
    await house.say("wang", "开奖 raffle 03 11 17 20 26 31 确认", None)


@asynccontextmanager
async def weekend(url: str) -> AsyncIterator[House]:
    """Both rounds are over: deck 1 was drawn on the spot, deck 2 by the public value."""
    async with friday(url) as house:
        await draw_and_enter(house)
        await finish(house)
        yield house


def recorded(path: Path) -> bytes:
    """Plays the weekend once into an empty SQLite file: what it holds afterwards."""

    async def play() -> None:
        async with weekend(f"sqlite:///{path}"):
            pass

    asyncio.run(play())
    return path.read_bytes()


@asynccontextmanager
async def reopened(url: str) -> AsyncIterator[House]:
    """The house where the recorded weekend has just ended."""
    async with opened(url, "11-28 21:40", library_of(PLAN, POOL, BETTER, RAFFLE)) as house:
        house._heard = 1000
        await house.owed()
        yield house
