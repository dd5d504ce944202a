"""The sandbox with a large bank in it: `python -m tests.benchmarks.servers.members_sandbox`.

50,000 customers in 300 groups of 20 relationship managers, each customer a contact of the group's
owner. Prints its port, then serves until told to stop.
"""

import asyncio
import signal
from datetime import timedelta

from bot.clock import MovableClock, SystemClock
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from tests.benchmarks.machine import pin_as_told

CORP, AGENT, SECRET, TOKEN, AES_KEY = "wwbenchmark", 1000002, "secret", "token", "k" * 43
MEMBERS, GROUPS, MANAGERS = 50_000, 300, 20

AGE = timedelta(days=90)
"""Since everybody joined: the sandbox lives so far behind."""


def member(number: int) -> str:
    """A customer's id."""
    return f"wm{number:05}"


def name(number: int) -> str:
    """A customer's name: about 60 have the same."""
    family, given = "王李张刘陈杨黄赵吴周"[number % 10], "芳伟娜敏静强磊军洋勇艳杰娟涛明超"
    return f"{family}{given[number // 10 % 16]}{given[number // 160 % 5]}"


def chat(group: int) -> str:
    """A group's id."""
    return f"wrBench{group:03}"


def manager(group: int) -> str:
    """Who owns a group."""
    return f"rm{group % MANAGERS:02}"


def seed() -> Seed:
    """The bank."""
    return Seed(
        corp=CorpSeed(CORP, "测试银行"),
        app=AppSeed(AGENT, SECRET, TOKEN, AES_KEY),
        aibot=AibotSeed("aib", "s"),
        staff=tuple(StaffSeed(f"rm{one:02}", f"经理 {one}") for one in range(MANAGERS)),
        customers=tuple(
            CustomerSeed(member(one), name(one), (manager(one % GROUPS),)) for one in range(MEMBERS)
        ),
        groups=tuple(
            GroupSeed(
                chat(group),
                f"测试群 {group}",
                manager(group),
                members=tuple(member(one) for one in range(group, MEMBERS, GROUPS)),
            )
            for group in range(GROUPS)
        ),
    )


async def main() -> None:
    """Serves until told to stop."""
    founded = SystemClock().now() - AGE
    sandbox = Sandbox(MovableClock(founded, running=True), seed())
    print(await sandbox.start(), flush=True)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await sandbox.close()


if __name__ == "__main__":
    pin_as_told()
    asyncio.run(main())
