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
                # The second answer: WeCom takes one.
                "letter 6 is dead: 这张卡片已经更新过，或超过 72 小时（企业微信错误码 60140）",
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
    await bank.start(twin=twin)
    await bank.settled()
    assert await bank.findings() == caught


async def test_twin_that_records_before_sending_is_caught(bank: Bank) -> None:
    await bank.start(crash_at="K4", twin="record_first")
    await bank.died()
    await bank.start(twin="record_first")
    await bank.settled()
    (lost, *more) = await bank.findings()
    assert lost.startswith("not shown: ('robot', '**🎁 见面礼**")
    assert more == ["deck 1: its commitment was never published"]


async def test_twin_that_renumbers_payments_is_caught(bank: Bank) -> None:
    await bank.start()
    bank.say(customer(0), KEYWORD)
    await bank.settled()
    await bank.stop()
    assert await bank.approve_payouts() == 1
    bank.at_payment(bank.kill)
    await bank.start(twin="new_number")
    await bank.died()
    await bank.start(twin="new_number")
    await bank.settled()
    kinds = [one.partition(":")[0] for one in await bank.findings()]
    assert kinds == ["payment lost", "payment doubled", "payment doubled"]
