"""A restored database pays nothing twice: backup, pay, restore, start, over real HTTP."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import MovableClock
from bot.payer import Order
from bot.paying import Paying
from bot.payouts.manual import Manual
from bot.payouts.marketing_platform import MarketingPlatform
from bot.restored import Mark, found
from bot.sandbox.server import Sandbox
from storage import books, money, paying, payouts
from storage.backup import backup, restore
from storage.paying import PayingRow
from tests.bot.conftest import SEED
from tests.house import House, at, opened

FEN = 100


@dataclass
class Site:
    """A machine with its database, a payer outside, and what is kept of a day ago."""

    url: str
    path: Path
    clock: MovableClock
    sandbox: Sandbox

    def open(self) -> Any:
        """The bot, started anew."""
        return opened(self.url, "", service=self.sandbox.url, clock=self.clock)

    def paying_of(self, house: House) -> Paying:
        """Its payer's desk."""
        payer = MarketingPlatform(house.settings, house.http, house.clock)
        return Paying(
            house.database, payer, house.clock, lambda: house.due, mark=Mark.beside(self.url)
        )

    @property
    def copy(self) -> Path:
        return self.path.with_name("yesterday.db")


@pytest.fixture
async def site(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    clock = MovableClock(at("11-23 09:00"), seed=b"site")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    yield Site(sqlite_url, tmp_path / "qunyun.db", clock, sandbox)
    await sandbox.close()


async def won(house: House, *numbers: int, approve: bool = True) -> None:
    now = house.clock.now()

    def work(tx: Any) -> None:
        for number in numbers:
            money.award(
                tx,
                key=f"test/{number}",
                source="pool/small",
                budget_fen=2000,
                community="first",
                member="wm1",
                prize="骰子红包",
                amount_fen=FEN,
                payable_on=now.date(),
                now=now,
            )
        for row in payouts.mature(tx, now.date(), now):
            if approve:
                payouts.approve(tx, row.order_no, FEN, "wang", now)

    await house.database.write(work)


async def statuses(house: House) -> dict[Any, Any]:
    rows = await house.rows("SELECT status, count(*) FROM payout GROUP BY status ORDER BY status")
    return dict(rows)


async def pay_ten_after_the_backup(site: Site) -> None:
    """Twelve awards; two are paid, then the backup, then the other ten are paid."""
    async with site.open() as house:
        desk = site.paying_of(house)
        await won(house, 1, 2)
        assert await desk.step() == 2
        await won(house, *range(3, 8), approve=True)
        await won(house, *range(8, 13), approve=False)
        backup(site.url, site.copy)
        await site.clock.advance(timedelta(hours=1))
        await won(house)
        for number in range(8, 13):
            order = money.Award.of(f"test/{number}", *[""] * 4, 0, None, None).order_no  # type: ignore[arg-type]
            now = house.clock.now()
            await house.database.write(
                lambda tx, o=order, n=now: payouts.approve(tx, o, FEN, "wang", n)
            )
        assert await desk.step() == 10
        assert await statuses(house) == {"paid": 12}
    assert site.sandbox.payer.paid_fen == 12 * FEN


@pytest.mark.parametrize("by_command", [True, False])
async def test_restored_day_old_backup_pays_nothing_twice(site: Site, by_command: bool) -> None:
    await pay_ten_after_the_backup(site)
    if by_command:
        restore(site.url, site.copy, site.clock.now())
    else:
        for suffix in ("-wal", "-shm"):
            site.path.with_name(site.path.name + suffix).unlink(missing_ok=True)
        shutil.copy(site.copy, site.path)
    async with site.open() as house:
        await house.owed()
        assert await statuses(house) == {"approved": 5, "due": 5, "paid": 2}
        desk = site.paying_of(house)
        assert await desk.step() == 11  # ten orders booked, and the mode left
        assert await statuses(house) == {"paid": 12}
        assert await desk.step() == 0
        assert await house.database.read(books.wrong) == []
        told = await house.owed()
        assert told[-1] == "wang: ✅ 恢复后的核对做完了，问了 10 笔，发奖继续。"
        assert len(told) == (1 if by_command else 2)
        await won(house, 13)
        assert await desk.step() == 1
    assert site.sandbox.payer.paid_fen == 13 * FEN
    assert [order.payments for order in site.sandbox.payer.orders.values()] == [1] * 13


async def test_nothing_is_paid_while_the_payer_cannot_be_asked(site: Site) -> None:
    await pay_ten_after_the_backup(site)
    restore(site.url, site.copy, site.clock.now())
    async with site.open() as house:
        desk = site.paying_of(house)
        site.sandbox.faults.set("payer_bad_signature", 1000)
        assert await desk.step() == 5  # what was approved may be on its way: it counts as sent
        assert await statuses(house) == {"due": 5, "paid": 2, "unknown": 5}
        assert await desk.step() == 0
        assert await desk.next_due() == site.clock.now() + timedelta(minutes=5)
        site.sandbox.faults.set("payer_bad_signature", 0)
        await site.clock.advance(timedelta(minutes=5))
        await desk.step()
        assert await desk.step() == 0
        assert await statuses(house) == {"paid": 12}
    assert site.sandbox.payer.paid_fen == 12 * FEN


async def test_payment_that_the_backup_never_heard_of_is_told(site: Site) -> None:
    async with site.open() as house:
        await won(house, 1)
        await site.paying_of(house).step()
        backup(site.url, site.copy)
        await won(house, 2)
        await site.paying_of(house).step()
    restore(site.url, site.copy, site.clock.now())
    lost = money.Award.of("test/2", *[""] * 4, 0, None, None).order_no  # type: ignore[arg-type]
    async with site.open() as house:
        await house.owed()
        assert await site.paying_of(house).step() == 1
        assert await house.owed() == [
            "wang: ⚠️ 恢复后的核对做完了，发奖继续。对方付过 1 笔我们没有记录或已退回的，"
            f"请人工核对：\n> {lost}　1.00 元"
        ]
        await won(house, 2)  # the member draws again: the same key, so the same number
        await site.paying_of(house).step()
        assert await statuses(house) == {"paid": 2}
    assert site.sandbox.payer.paid_fen == 2 * FEN


async def test_list_of_finance_waits_for_a_person(site: Site) -> None:
    async with site.open() as house:
        await won(house, 1)
    backup(site.url, site.copy)
    restore(site.url, site.copy, site.clock.now())
    async with site.open() as house:
        payer = Manual(house.settings, house.http, house.clock)
        desk = Paying(house.database, payer, house.clock, lambda: house.due)
        assert await desk.step() == 0
        assert (await house.database.read(paying.state)).mode == "reconcile"
        assert await house.database.write(paying.leave)
        assert not await house.database.write(paying.leave)


@pytest.mark.parametrize(
    ("submitted", "home", "mark", "reason"),
    [
        (0, "", None, None),
        (3, "", "3", None),
        (3, "", "2", None),
        (3, "", "4", "数据库里只提交过 3 次付款，记号是 4 次：数据库是较早的备份"),
        (3, "", None, "数据库旁边没有付款记号：换了机器，或从备份恢复"),
        (3, "", "rubbish", "数据库旁边没有付款记号：换了机器，或从备份恢复"),
        (3, "7/1/99", "3", "数据库换了地方：从备份恢复，或主备切换"),
    ],
)
def test_signs_of_a_restored_database(
    tmp_path: Path, submitted: int, home: str, mark: str | None, reason: str | None
) -> None:
    file = tmp_path / "qunyun.db.paid"
    if mark is not None:
        file.write_text(mark, encoding="ascii")
    row = PayingRow(submitted, home, "normal", None, "")
    assert found(row, "", Mark(file)) == reason


async def test_postgres_knows_where_it_lives(postgres_url: str) -> None:
    async with opened(postgres_url, "11-23 09:00") as house:
        home = await house.database.read(paying.home)
        assert home.count("/") == 2
        assert await house.database.read(paying.home) == home
        assert Mark.beside(postgres_url) is None
        row = PayingRow(0, home, "normal", None, "")
        assert found(row, home, None) is None
        assert found(row, f"{home}0", None) == "数据库换了地方：从备份恢复，或主备切换"


async def test_restored_postgres_is_compared_before_it_pays(postgres_url: str, site: Site) -> None:
    async with opened(postgres_url, "", service=site.sandbox.url, clock=site.clock) as house:
        payer = MarketingPlatform(house.settings, house.http, house.clock)
        await won(house, 1, 2)
        rows = await house.rows("SELECT order_no FROM payout ORDER BY order_no")
        known = Order(rows[0][0], "wm1", FEN, "骰子红包")
        await payer.pay(known)  # by the database that this one is a copy of
        await house.database.write(lambda tx: paying.settle_at(tx, "another/1/2"))
        await house.owed()
        desk = Paying(house.database, payer, house.clock, lambda: house.due)
        assert await desk.step() == 4  # two orders asked about, the mode left, one paid
        assert await statuses(house) == {"paid": 2}
        assert await house.owed() == [
            "wang: ⚠️ 发奖已暂停：数据库换了地方：从备份恢复，或主备切换。"
            "正在向发奖渠道逐笔核对，核对完会告诉您。",
            "wang: ✅ 恢复后的核对做完了，问了 2 笔，发奖继续。",
        ]
        assert await desk.step() == 0
    assert site.sandbox.payer.paid_fen == 2 * FEN
    assert [order.payments for order in site.sandbox.payer.orders.values()] == [1, 1]
