"""kill -9 at the points of the member page, the payers and the night (K18–K20, and K3, K12 where
points, coupons and referrals are written): one life for each act, then the whole is audited."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.faults.auditor import audit
from tests.faults.endings import end_everything
from tests.faults.phone import Phone
from tests.faults.records import sql
from tests.faults.town import Builder, Town
from tests.faults.town_files import (
    CHANCES,
    CHATS,
    HOOK,
    LOTS,
    LOUD,
    PRICED,
    WORDS,
    customer,
    referral,
)

pytestmark = pytest.mark.timeout(240)
MEMBERS = 12
READER, TALKER = customer(1), customer(0)
Act = Callable[[Phone], Coroutine[Any, Any, None]]


def page_acts(town: Town) -> list[Act]:
    """Everything that a member can press."""
    return [
        lambda phone: town.draw(phone, HOOK, READER),
        lambda phone: town.draw(phone, LOTS, READER),
        lambda phone: town.draw(phone, PRICED, READER),
        lambda phone: town.check_in(phone, READER),
        lambda phone: town.redeem(phone, READER, 2),
        town.claim,
    ]


@pytest.mark.parametrize(
    "point",
    [
        "K18",  # an act of the page applied, not committed
        "K19",  # committed, the browser not answered
    ],
)
async def test_kill_in_every_act_of_the_page(town_on: Builder, point: str) -> None:
    town = await town_on("marketing_platform", MEMBERS)
    await town.start()
    phone = await town.phone(READER)
    await town.until(town.opened)
    await town.stop()
    for act in page_acts(town):
        await town.approve_payouts()
        await town.start(crash_at=point)
        await town.until(town.listens)
        pressing = town.goes(act(phone))
        await town.died()
        await town.start()
        await pressing
        await town.settled()
        await town.stop()
    await end_everything(town)
    assert await audit(town) == []
    won = await town.records.select(
        f"SELECT order_no FROM award WHERE kind = 'coupon' AND member = '{READER}'"
    )
    assert town.wishes.claimed != set()
    assert town.wishes.claimed <= {row["order_no"] for row in won}


@pytest.mark.parametrize("text", [WORDS[LOTS], WORDS[PRICED], "签到", "兑换 2"])
async def test_kill_while_a_message_is_handled(town_on: Builder, text: str) -> None:
    town = await town_on("marketing_platform", MEMBERS)
    await town.start()
    await town.until(town.opened)
    await town.settled()
    await town.stop()
    await town.start(crash_at="K3")
    await town.until(town.listens)
    town.say(TALKER, text)
    await town.died()
    await end_everything(town)
    assert await audit(town) == []


@pytest.mark.parametrize(
    ("payer", "point"),
    [
        ("marketing_platform", "K12"),  # paid and answered, not recorded
        ("wechat_transfer", "K12"),
        ("wechat_transfer", "K20"),  # a notification believed, not acted upon
    ],
)
async def test_kill_while_prizes_are_paid(town_on: Builder, payer: str, point: str) -> None:
    town = await town_on(payer, MEMBERS)
    await town.start()
    await town.until(town.opened)
    # Every third prize is no money: three draws alone left nothing to pay once in 160 runs.
    for number in (0, 3, 6, 9):
        for _ in range(CHANCES):
            town.say(customer(number), WORDS[HOOK])
        town.say(customer(number), WORDS[PRICED])
    await town.settled()
    await town.stop()
    await town.approve_payouts()
    await town.start(crash_at=point)
    await town.until_dead()
    await town.died()
    assert town.payments(())
    await end_everything(town)
    assert await audit(town) == []


@pytest.mark.parametrize("passage", [1, 2, 3, 4])
async def test_kill_while_an_invitation_is_credited(town_on: Builder, passage: int) -> None:
    town = await town_on("marketing_platform", MEMBERS)
    town.write("library/referrals/town.yaml", referral())
    await town.start()
    await town.until(town.opened)
    town.sandbox.actions.say(TALKER, CHATS[LOUD], "邀请", at_bot=True)
    await town.until(town.invited)
    (row,) = await town.records.select("SELECT code FROM invitation")
    friend = town.sandbox.actions.join(CHATS[LOUD], name="新朋友", state=row["code"]).id
    await town.until(town.arrived)
    await town.settled()
    await town.stop()
    long_ago = (town.clock.now() - timedelta(days=8)).replace(microsecond=0)
    people = town.sandbox.world.groups[CHATS[LOUD]].people
    for person, one in people.items():  # WeCom tells when they came, and is believed
        people[person] = replace(one, joined_at=long_ago)
    then = sql(long_ago)
    await town.records.execute(
        f"UPDATE referral SET joined_at = {then}",
        f"UPDATE membership SET joined_at = {then}",
        f"UPDATE watermark SET at = {then} WHERE name = 'began'",
    )
    await town.start(crash_at=f"K3:{passage}")
    await town.died()
    await town.start()
    await town.until(town.credited)
    await town.settled()
    await town.stop()
    assert await town.records.select("SELECT inviter, invited, status FROM referral") == [
        {"inviter": TALKER, "invited": friend, "status": "credited"}
    ]
    assert await town.records.select(
        "SELECT member, points FROM points_entry WHERE kind = 'invited'"
    ) == [{"member": TALKER, "points": 30}]
