"""What falls due: flagged, approved by the rule, or put before a person; and what expires."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot import maturing
from sop.community import Role
from storage import books, coupons, money, payout_rows, payouts, people, referrals
from storage.types import order_number
from tests.house import House, at, opened

DAY = date(2026, 11, 24)
OPERATOR = frozenset({Role.OPERATOR})
WAITING = "wang: 💰 {} 笔奖励到期，共 {} 元，等您批准。\n> 查看请发：批准"
Found = tuple[str, str | None, str]


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """Monday 09:00; nothing is owed."""
    async with opened(database_url, "11-23 09:00") as house:
        await house.owed()
        yield house


async def win(house: House, number: int, fen: int = 100, **more: Any) -> None:
    given: dict[str, Any] = {
        "key": f"k{number}",
        "source": "hook",
        "budget_fen": 100_000,
        "community": "first",
        "member": f"wm{number}",
        "prize": "红包",
        "amount_fen": fen,
        "payable_on": DAY,
        "now": house.clock.now(),
    }
    await house.database.write(lambda tx: money.award(tx, **(given | more)))


async def join(house: House, number: int, name: str, minutes: float) -> None:
    """A member who joined so many minutes before now."""
    joined = house.clock.now() - timedelta(minutes=minutes)
    await house.database.write(
        lambda tx: people.arrive(tx, "first", f"wm{number}", name, "", joined)
    )


async def night(house: House) -> list[str]:
    """What is owed after the day has come."""
    await house.clock.advance_to(at("11-24 00:30"))
    now = house.clock.now()
    while await house.database.write(lambda tx: maturing.mature(tx, house.due, now)):
        pass
    return await house.owed()


async def found(house: House) -> dict[str, Found]:
    rows = await house.database.read(payout_rows.listing)
    keys = {order_number(f"k{number}"): f"k{number}" for number in range(1, 60)}
    return {keys[row.order_no]: (row.status, row.approved_by, row.flags) for row in rows}


def allow(house: House, above_fen: int) -> None:
    settings = replace(house.due.settings, approve_above_fen=above_fen)
    house.due = replace(house.due, settings=settings)


async def test_everything_waits_for_a_person_without_a_threshold(house: House) -> None:
    await join(house, 1, "甲", 60)
    await win(house, 1, 100)
    assert await night(house) == [WAITING.format(1, "1.00")]
    (due,) = await house.rows("SELECT not_before FROM outbox WHERE channel = 'app_message'")
    assert str(due[0]).startswith("2026-11-24 01:00")  # 09:00 in Shanghai
    assert await found(house) == {"k1": ("due", None, "")}


async def test_small_amounts_are_approved_by_the_rule(house: House) -> None:
    for number, name in ((1, "甲"), (2, "乙"), (3, "丙")):
        await join(house, number, name, 60)
    await win(house, 1, 100)
    await win(house, 2, 101)
    await win(house, 3, 5000, kind="gift")
    allow(house, 100)
    assert await night(house) == [WAITING.format(2, "51.01")]
    assert await found(house) == {
        "k1": ("approved", "系统", ""),
        "k2": ("due", None, ""),
        "k3": ("due", None, ""),
    }


async def test_nobody_is_told_when_the_rule_approved_everything(house: House) -> None:
    await join(house, 1, "甲", 60)
    await win(house, 1, 100)
    allow(house, 100)
    assert await night(house) == []


async def test_signs_of_one_hand_keep_the_rule_from_approving(house: House) -> None:
    for number in range(1, 4):
        await join(house, number, "同名", 600 * number)
    await join(house, 4, "王强", 6000)
    await join(house, 5, "走了", 6600)
    now = house.clock.now()
    await house.database.write(lambda tx: people.depart(tx, "first", "wm5", now))
    for number in range(10, 50):
        await join(house, number, f"新人{number}", 5 + number / 10)
    for number in (1, 2, 3, 4, 5, 10):
        await win(house, number)
    allow(house, 100)
    assert await night(house) == [WAITING.format(6, "6.00")]
    same = ("due", None, "同名账号：3 位中奖者昵称相同")
    assert await found(house) == {
        "k1": same,
        "k2": same,
        "k3": same,
        "k4": ("due", None, "疑似员工：与同事同名或同号"),
        "k5": ("due", None, "已退群：到期时不在群里"),
        "k10": ("due", None, "批量进群：进群前 10 分钟里有 40 人进群"),
    }


async def test_many_winners_of_one_inviter_are_flagged(house: House) -> None:
    now = house.clock.now()
    for number in range(1, 8):
        await join(house, number, f"客人{number}", 60 * number)
        await win(house, number)
        if number == 7:
            continue
        await house.database.write(
            lambda tx, n=number: referrals.keep(
                tx,
                community="first",
                inviter="wm99",
                invited=f"wm{n}",
                code="code",
                status="waiting",
                reason="",
                day=DAY,
                joined_at=now,
            )
        )
    allow(house, 100)
    await night(house)
    brought: Found = ("due", None, "同一邀请人：同一个人邀请了 6 位中奖者")
    assert await found(house) == {
        **{f"k{number}": brought for number in range(1, 7)},
        "k7": ("approved", "系统", ""),
    }


async def test_what_nobody_took_expires_at_night(house: House) -> None:
    now = house.clock.now()
    await house.database.write(lambda tx: coupons.add(tx, "hook", "咖啡券", ["A"], now))
    await win(house, 1, kind="coupon", prize="咖啡券", claim_by=date(2026, 11, 25))
    await house.jump("11-25 23:50")
    assert (await found(house))["k1"][0] == "due"
    await house.jump("11-26 01:00")
    assert (await found(house))["k1"][0] == "expired"
    assert await house.database.read(lambda tx: coupons.left(tx, "hook", "咖啡券")) == 1
    assert await house.database.read(books.wrong) == []


async def test_failed_payout_expires_after_thirty_days(house: House) -> None:
    await win(house, 1)
    now, number = house.clock.now(), order_number("k1")

    def fail(tx: Any) -> None:
        payouts.mature(tx, DAY, now)
        payouts.approve(tx, number, 100, "wang", now)
        payouts.submit(tx, number, now, now)
        payouts.failed(tx, number, "账户异常", now)

    await house.database.write(fail)
    late = now + timedelta(days=30, seconds=1)
    assert await house.database.write(lambda tx: maturing.expire(tx, house.due, now)) == 0
    assert await house.database.write(lambda tx: maturing.expire(tx, house.due, late)) == 1
    row = await house.database.read(lambda tx: payout_rows.get(tx, number))
    assert row is not None
    assert (row.status, row.reason) == ("expired", "发放没有成功：账户异常")


async def test_operators_hear_once_that_coupons_run_low(house: House) -> None:
    yun = replace(house.due.settings.staff["wang"], id="yun", roles=OPERATOR)
    staff = {**house.due.settings.staff, "yun": yun}
    house.due = replace(house.due, settings=replace(house.due.settings, staff=staff))
    codes = [f"A{number}" for number in range(21)]
    now = house.clock.now()
    await house.database.write(lambda tx: coupons.add(tx, "points/shop", "茶券", codes, now))

    async def look() -> list[str]:
        await house.database.write(lambda tx: maturing.warn_of_coupons(tx, house.due, now))
        return await house.owed()

    assert await look() == []
    more = {"kind": "coupon", "prize": "茶券", "source": "points/shop"}
    await win(house, 1, **more)
    said = (
        "yun: ⚠️ “points/shop”的“茶券”券码只剩 20 个。\n"
        "> 请补充：qunyun payouts codes import 文件 --source points/shop --prize 茶券 "
        "--by 您的userid"
    )
    assert await look() == [said]
    await win(house, 2, **more)
    assert await look() == []
