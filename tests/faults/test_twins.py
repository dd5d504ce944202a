"""The checker catches bots that are broken on purpose: a fault test that cannot fail is none."""

import pytest

from tests.faults.bank import KEYWORD, Bank, customer


@pytest.mark.parametrize(
    ("twin", "point", "caught"),
    [
        (
            "early_ack",
            "K1",
            [
                f"message lost: ('{customer(0)}', '{KEYWORD}') ×1",
                "letter lost: aibot_reply ×1",
                f"counted message lost: {customer(0)} ×1",
                f"draw lost: {customer(0)} ×1",
            ],
        ),
        (
            "no_dedupe",
            "K2",
            [
                f"message doubled: ('{customer(0)}', '{KEYWORD}') ×1",
                "letter doubled: aibot_reply ×1",
                f"counted message doubled: {customer(0)} ×1",
            ],
        ),
    ],
)
async def test_twin_that_hears_badly_is_caught(
    bank: Bank, twin: str, point: str, caught: list[str]
) -> None:
    await bank.start(crash_at=point, twin=twin)
    await bank.settled()
    bank.say(customer(0), KEYWORD)
    await bank.died()
    await bank.await_minutes()
    await bank.start(twin=twin)
    await bank.settled()
    assert await bank.findings() == caught


async def test_twin_that_records_before_sending_is_caught(bank: Bank) -> None:
    await bank.start(crash_at="K4", twin="record_first")
    await bank.died()
    await bank.await_minutes()
    await bank.start(twin="record_first")
    await bank.settled()
    (found, *more) = await bank.findings()
    assert found.startswith("not shown: (")
    assert more == []


async def test_twin_that_renumbers_payments_is_caught(bank: Bank) -> None:
    await bank.start()
    bank.say(customer(0), KEYWORD)
    await bank.settled()
    await bank.stop()
    assert await bank.approve_payouts() == 1
    bank.at_payment(bank.kill)
    await bank.start(twin="new_number")
    await bank.died()
    await bank.await_minutes()
    await bank.start(twin="new_number")
    await bank.settled()
    kinds = [one.partition(":")[0] for one in await bank.findings()]
    assert kinds == ["payment lost", "payment doubled", "payment doubled"]
