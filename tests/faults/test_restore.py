"""A day-old backup is put back: nothing is paid twice, whatever the copy has forgotten.

Full stack: backup, payments, restore, start. The sandbox's payer counts.
"""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import books
from storage.database import open_database
from tests.faults.records import SqliteRecords
from tests.faults.town import Builder, Town
from tests.faults.town_files import CHANCES, HOOK, PRICED, WORDS, customer

OPENING = (0, 3)
"""Paid before the backup."""
APPROVED = (6, 9, 18, 21)
"""Approved in the backup, paid after it."""
FORGOTTEN = (12, 15)
"""Drawn and paid after the backup."""
MEMBERS = 24


async def drawn_by(town: Town, numbers: tuple[int, ...]) -> None:
    """These members draw, then the bot is stopped and a person approves. Most cards are cash."""
    await town.start()
    await town.until(town.opened)
    for number in numbers:
        for word in (*[WORDS[HOOK]] * CHANCES, WORDS[PRICED]):
            town.say(customer(number), word)
    await town.settled()
    await town.stop()
    await town.approve_payouts()


async def paid(town: Town) -> None:
    """A life in which everything approved is paid."""
    await town.start()
    await town.until(town.listens)
    await town.settled()
    await town.stop()


async def back_up(town: Town, copy: Path) -> None:
    await town.command("db", "backup", str(copy))


async def put_back(town: Town, copy: Path, way: str) -> None:
    """By the command, or by hand: an operator copies the file over."""
    if way == "command":
        await town.command("db", "restore", str(copy))
        return
    assert isinstance(town.records, SqliteRecords)
    path = town.records.path
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(copy, path)


async def recovered(town: Town) -> bool:
    """Whether paying goes on."""
    return await town.records.select("SELECT mode FROM paying") == [{"mode": "normal"}]


async def wrong_in_the_books(town: Town) -> list[str]:
    def work(tx: Connection) -> list[str]:
        return books.wrong(tx)

    database = await open_database(town.records.url)
    try:
        return await database.read(work)
    finally:
        await database.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("payer", "way", "points"),
    [
        ("marketing_platform", "command", ()),
        ("marketing_platform", "by hand", ("K21", "K21:2", "K22")),
        ("wechat_transfer", "command", ("K21:2",)),
    ],
)
async def test_restored_backup_pays_nothing_twice(
    town_on: Builder, tmp_path: Path, payer: str, way: str, points: tuple[str, ...]
) -> None:
    town = await town_on(payer, MEMBERS)
    copy = tmp_path / "copy.db"
    await drawn_by(town, OPENING)
    await paid(town)
    await drawn_by(town, APPROVED)
    await back_up(town, copy)
    await paid(town)
    await drawn_by(town, FORGOTTEN)
    await paid(town)
    before = Counter(one.order_no for one in town.payments(()))

    await put_back(town, copy, way)
    for point in points:
        await town.start(crash_at=point)
        await town.until_dead()
        await town.died()
    await town.start()
    await town.until(town.listens)

    async def over() -> bool:
        return await recovered(town)

    await town.until(over)
    await town.settled()
    # Who drew in the forgotten time draws again: the same number, so no second payment.
    for number in FORGOTTEN:
        town.say(customer(number), WORDS[HOOK])
    await town.settled_but_payouts()
    await town.stop()
    await town.approve_payouts()
    await town.start()
    await town.until(town.listens)
    await town.until(town.asked_all)
    await town.stop()

    after = Counter(one.order_no for one in town.payments(()))
    assert set(after.values()) == {1}
    assert {one: n for one, n in after.items() if one in before} == dict(before)
    kept = "SELECT count(*) AS n FROM payout JOIN award ON award.order_no = payout.order_no WHERE"
    members = ", ".join(f"'{customer(one)}'" for one in (*OPENING, *APPROVED))
    unpaid = f"{kept} award.kind = 'cash' AND status <> 'paid' AND award.member IN ({members})"
    assert await town.records.select(unpaid) == [{"n": 0}]
    assert await wrong_in_the_books(town) == []
    assert await town.records.damage() == []
