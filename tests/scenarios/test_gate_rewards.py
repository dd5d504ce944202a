"""What is won while the bank has not said who is its customer: it waits, and nobody is let in by
error. The platform is asked over real HTTP: down, silent, then yes, no, or still nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import MovableClock
from bot.due import Due
from bot.gate import Gate
from bot.gate_settings import GateSettings
from bot.gatekeeping import Gatekeeping
from bot.runtime import Runtime
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from tests.house import House, at, opened

SEED = Seed(
    corp=CorpSeed("ww1", "示例银行"),
    app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
    aibot=AibotSeed(id="aib1", secret="b", token="t", aes_key="k" * 43),
    staff=(StaffSeed("li", "李静"),),
    customers=(CustomerSeed("wm1", "王1"), CustomerSeed("wm2", "王2")),
    payer_secret="gate-secret",
)
WINNERS = ("wm1", "wm2")
PAYOUTS = (
    "SELECT a.member, p.status, p.awaits_gate, p.reason FROM payout p "
    "JOIN award a ON a.order_no = p.order_no ORDER BY a.member"
)
NO = "核对结果：不是本行客户"


@dataclass
class Gated:
    """A house whose bank is asked about everybody who comes."""

    house: House
    sandbox: Sandbox
    keeper: Gatekeeping

    async def ask(self) -> None:
        """The gate is asked about whom it is time to."""
        await self.keeper.step()

    async def played(self) -> str:
        """Two members play the dice of Tuesday; the closing list."""
        house = self.house
        for one in WINNERS:
            await house.join(one)
            await house.write(f"UPDATE member SET name = '王{one[-1]}' WHERE id = '{one}'")
        await self.ask()
        await house.until("11-24 19:30")
        for one in WINNERS:
            await house.say(one, "掷")
        await house.owed()
        await house.until("11-24 19:40")
        return (await house.owed())[-1]

    async def payouts(self) -> list[tuple[Any, ...]]:
        rows = await self.house.rows(PAYOUTS)
        return [(who, status, bool(awaits), why) for who, status, awaits, why in rows]


@pytest.fixture
async def gated(database_url: str) -> AsyncIterator[Gated]:
    clock = MovableClock(at("11-24 19:00"), seed=b"gate")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    async with opened(database_url, "", service=sandbox.url, clock=clock) as house:
        second, day = timedelta(seconds=1), timedelta(hours=24)
        chosen = GateSettings(f"{sandbox.url}/marketing", second, day, "gate-secret")
        house.settings = replace(house.settings, gate=chosen)
        runtime = Runtime(house.settings, house.due.runtime._channels, house.library)
        house.due = Due(house.settings, house.library, house.workdays, runtime)
        gate = Gate(chosen, house.http, clock)
        keeper = Gatekeeping(house.database, gate, lambda: house.due, clock)
        yield Gated(house, sandbox, keeper)
    await sandbox.close()


async def test_place_is_kept_and_said_so_while_the_gate_is_down(gated: Gated) -> None:
    gated.sandbox.faults.set("gate_down", True)
    *_, first, second, when, _ = (await gated.played()).split("\n")
    assert sorted((first, second)) == ["🎁 王1　5.00 元（核对中）", "🎁 王2　5.00 元（核对中）"]
    assert when == (
        "> （核对中）的还在核对是不是本行客户：核对通过就照常发放，没有通过的不发放，名次不顺延。"
    )
    assert await gated.payouts() == [(one, "held", True, "") for one in WINNERS]
    (mine,) = await gated.house.say("wm1", "我的奖品")
    assert mine.endswith("骰子红包 5.00 元，正在核对客户身份，核对通过后发放")


async def test_whom_the_bank_knows_wins_as_ever(gated: Gated) -> None:
    for one in WINNERS:
        gated.sandbox.gate_platform.set(one, "yes")
    assert "核对" not in await gated.played()
    assert await gated.payouts() == [(one, "held", False, "") for one in WINNERS]


async def test_yes_pays_no_gives_back(gated: Gated) -> None:
    gated.sandbox.faults.set("gate_silent", 2)
    await gated.played()
    gated.sandbox.gate_platform.set("wm1", "yes")
    gated.sandbox.gate_platform.set("wm2", "no")
    await gated.house.jump("11-24 20:00")
    await gated.ask()
    assert [status for _, status, _, _ in await gated.payouts()] == ["held", "held"]
    await gated.house.jump("12-20 09:00")
    assert await gated.payouts() == [("wm1", "due", False, ""), ("wm2", "rejected", True, NO)]
    lines = await gated.house.rows("SELECT committed_fen, returned_fen FROM budget")
    assert lines == [(1000, 500)]


async def test_no_answer_waits_for_ever_and_wakes_nobody(gated: Gated) -> None:
    gated.sandbox.gate_platform.set("wm1", "unknown")
    gated.sandbox.gate_platform.set("wm2", "unknown")
    await gated.played()
    await gated.house.jump("12-20 09:00")
    assert await gated.payouts() == [(one, "held", True, "") for one in WINNERS]
    due = await gated.house.calendar.next_due()
    assert due is not None
    assert due > gated.house.clock.now()
    for one in WINNERS:
        gated.sandbox.gate_platform.set(one, "yes")
    await gated.ask()
    await gated.house.jump("12-20 11:00")
    assert [status for _, status, _, _ in await gated.payouts()] == ["due", "due"]


async def test_where_nobody_asks_any_more_nothing_waits(gated: Gated) -> None:
    gated.sandbox.faults.set("gate_down", True)
    await gated.played()
    house = gated.house
    house.due = replace(house.due, settings=replace(house.settings, gate=None))
    await house.jump("12-20 09:00")
    assert [status for _, status, _, _ in await gated.payouts()] == ["due", "due"]
