"""kill -9 at every point of reliability.md section 3, over the real process (K1–K12).

After a restart nothing is lost and nothing is doubled, but for the one letter whose answer died
with the process: a group robot says it again, an answer to a member is held for a person.
"""

import pytest

from tests.faults.bank import KEYWORD, Bank, customer

FIRST_REPLY = 5
"""The letters before: opening notice, step in the group, script and card for the colleague."""


async def live_on(bank: Bank) -> None:
    """A day with people in it, after which the bot is idle."""
    newcomer = bank.join("新来的")
    for member in (customer(1), newcomer):
        bank.say(member, KEYWORD)
    bank.say(customer(1), KEYWORD)
    bank.say(customer(2), "签到")
    await bank.settled()


async def test_no_kill_changes_nothing(bank: Bank) -> None:
    await bank.start()
    await bank.settled()
    await live_on(bank)
    await bank.stop()
    assert await bank.findings() == []


@pytest.mark.parametrize(
    "point",
    [
        "K3",  # an occurrence handled, before its commit
        "K4",  # a letter claimed, not sent
        "K5",  # a letter on the wire
        "K6",  # a letter answered, not recorded
        "K7",  # an occurrence taken up
        "K8",  # the deck committed, nobody told
    ],
)
async def test_kill_at_the_start_of_the_day(bank: Bank, point: str) -> None:
    await bank.start(crash_at=point)
    await bank.died()
    decks = await bank.records.select("SELECT seed, commitment FROM deck")
    assert len(decks) == 1 or point != "K8"
    await bank.start()
    await bank.settled()
    await live_on(bank)
    assert await bank.findings(resent=point != "K4") == []
    # A seed that was committed before the kill is the seed of this deck for ever.
    assert decks == await bank.records.select("SELECT seed, commitment FROM deck")


@pytest.mark.parametrize(
    "point",
    [
        "K1",  # heard, not yet in the inbox
        "K2",  # in the inbox, not yet acknowledged
        "K3",  # handled, not yet committed
        "K9",  # card chosen, not yet committed
    ],
)
async def test_kill_while_a_member_draws(bank: Bank, point: str) -> None:
    await bank.start()
    await bank.settled()  # the night's chores and the day's occurrences are done
    await bank.stop()
    await bank.start(crash_at=point)
    await bank.settled()
    (first,) = await bank.records.select("SELECT prize FROM card WHERE position = 0")
    bank.say(customer(0), KEYWORD)
    await bank.died()
    await bank.start()
    await bank.settled()
    # The order of the cards was fixed before the kill: it is the same card.
    assert first["prize"] in bank.sandbox.messages.all()[-1].text
    await live_on(bank)
    assert await bank.findings() == []


async def test_kill_while_a_newcomer_joins(bank: Bank) -> None:
    await bank.start(crash_at="K1")
    await bank.settled()
    bank.join("新来的")
    await bank.died()
    await bank.start()
    await bank.settled()
    assert await bank.findings() == []


@pytest.mark.parametrize("point", ["K4", "K6"])
async def test_kill_while_an_answer_is_sent(bank: Bank, point: str) -> None:
    await bank.start(crash_at=f"{point}:{FIRST_REPLY}")
    await bank.settled()
    bank.say(customer(0), KEYWORD)
    await bank.died()
    await bank.start()
    await bank.settled()
    await live_on(bank)
    # An answer can be given once, so nobody but a person may decide to try again.
    (held,) = await bank.records.select("SELECT id, reason FROM outbox WHERE status = 'unknown'")
    assert held["reason"] == "发送结果不明，等待人工处理：上次发送时程序中断"
    await bank.stop()
    assert await bank.findings() == []


@pytest.mark.parametrize("point", ["K10", "K11"])
async def test_kill_while_a_prize_is_paid(bank: Bank, point: str) -> None:
    await bank.start()
    for number in range(3):
        bank.say(customer(number), KEYWORD)
    await bank.settled()
    await bank.stop()
    assert await bank.approve_payouts() == 3
    if point == "K11":  # paid, and neither the answer nor its commit came to be
        bank.at_payment(bank.kill)
    await bank.start(crash_at=point)
    await bank.died()
    paid_before = bank.sandbox.payer.paid_fen
    await bank.start()
    await bank.settled()
    assert (paid_before > 0) == (point == "K11")
    assert await bank.findings() == []
    assert len(bank.deeds.paid) == 3
