"""How a town's story ends: every round is over, and everybody has been answered and paid."""

import asyncio

from tests.faults.town import Town


async def end_everything(town: Town, kills: tuple[float, ...] = (), twin: str = "") -> None:
    """The bot is down at the beginning and at the end.

    `kills`: so many seconds into each of these lives it is killed, the last time while the winners
    among the entrants are being decided.
    """
    await town.start(twin=twin)
    await town.until(town.opened)
    await town.errands_done()
    await town.settled()
    await town.stop()
    await town.time_is_up()
    for seconds in kills[:-1]:
        await _killed(town, seconds, twin)
    await town.start(twin=twin)
    await town.until(town.frozen)
    await town.decide()
    if kills:
        await asyncio.sleep(kills[-1])
        town.kill()
        await town.died()
        await town.start(twin=twin)
        await town.until(town.listens)
    await town.until(town.all_closed)
    await town.settled()
    await town.stop()
    await town.approve_payouts()
    await town.start(twin=twin)
    await town.until(town.listens)
    await town.claimed_somewhere(most=town.members)
    await town.errands_done()
    await town.settled()
    await town.stop()


async def _killed(town: Town, seconds: float, twin: str) -> None:
    await town.start(crash_at="K3:2", twin=twin)
    if not await town.dies_within(seconds):
        town.kill()
    await town.died()
