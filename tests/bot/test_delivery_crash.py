"""kill -9 at K4, K5 and K6 (reliability.md section 3): nothing lost, nothing doubled unsaid.

A child process delivers ten letters through a channel that writes each to a file, as a receiver
would; it dies at the named point and this process goes on with its database.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.channel import Letter, Limit, Outcome, Sent
from bot.clock import MovableClock, Participant
from bot.delivery import LEASE, Delivery
from storage import outbox
from storage.database import open_database
from storage.outbox import NewLetter

START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
LETTERS = 10
CHILD = """
import asyncio, runpy, sys
world = runpy.run_path(sys.argv[1])
asyncio.run(world["deliver"](sys.argv[2], sys.argv[3], sys.argv[4] == "resend"))
"""


class Mailbox:
    """A channel whose receiver is a file: one line for each message that arrived."""

    name = "mailbox"
    urgent = False

    def __init__(self, path: str, resend: bool) -> None:
        self._path = Path(path)
        self.resend_unknown = resend

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [body]

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        return []

    async def send(self, letter: Letter) -> Outcome:
        with self._path.open("a") as mailbox:
            mailbox.write(f"{letter.dedup_key}\n")
        # The answer takes a turn of the loop, as it does on a network: K5 lies before it.
        await asyncio.sleep(0)
        return Sent()


async def deliver(url: str, mailbox: str, resend: bool, *, later: bool = False) -> dict[str, int]:
    """Sends everything that is owed; `later`, when every lease is over. Returns the counts."""
    database = await open_database(url)
    clock = MovableClock(START + LEASE if later else START)
    delivery = Delivery(database, {"mailbox": Mailbox(mailbox, resend)}, clock)  # type: ignore[dict-item]
    clock.join(Participant(delivery.next_due, delivery.settle))
    letters = [
        NewLetter(str(n), "mailbox", {}, {}, f"chat{n % 3}", START, START) for n in range(LETTERS)
    ]
    await database.write(partial(outbox.add, letters=letters))
    await clock.advance(timedelta(hours=1))
    rows = await database.read(outbox.listing)
    await database.close()
    return dict(Counter(row.status for row in rows))


@pytest.mark.parametrize("resend", [True, False], ids=["resend", "hold"])
@pytest.mark.parametrize("point", ["K4", "K5:2", "K6:4"])
async def test_kill_loses_no_letter(tmp_path: Path, point: str, resend: bool) -> None:
    url, mailbox = f"sqlite:///{tmp_path}/qunyun.db", tmp_path / "mailbox"
    mailbox.touch()
    arguments = (__file__, url, str(mailbox), "resend" if resend else "hold")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, *arguments, env=os.environ | {"CRASH_AT": point}
    )
    assert await child.wait() == -signal.SIGKILL
    counts = await deliver(url, str(mailbox), resend, later=True)
    arrived = Counter(mailbox.read_text().split())
    if resend:
        assert counts == {"sent": LETTERS}
        assert set(arrived) == {str(n) for n in range(LETTERS)}
        assert max(arrived.values()) <= 2
        return
    # What was on its way waits for a person, visibly; everything else arrived exactly once.
    assert counts.keys() == {"sent", "unknown"}
    assert counts["sent"] + counts["unknown"] == LETTERS
    assert set(arrived.values()) == {1}
    assert len(arrived) >= counts["sent"]


async def test_without_a_kill_every_letter_arrives_once(tmp_path: Path) -> None:
    mailbox = tmp_path / "mailbox"
    counts = await deliver(f"sqlite:///{tmp_path}/qunyun.db", str(mailbox), False)
    assert counts == {"sent": LETTERS}
    assert Counter(mailbox.read_text().split()) == {str(n): 1 for n in range(LETTERS)}
