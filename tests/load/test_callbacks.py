"""Callbacks over real HTTP, repeated and shuffled over ten connections: no effect happens twice.

`make test` runs a small storm over both databases, `QUNYUN_FAULTS=long` one of 100,000 deliveries.
"""

import pytest

from bot.inbox import Inbox
from tests.faults import twins
from tests.load.storm import checks_in, delivered, post, serving, shuffled, speaker

SMALL, LARGE = 2_000, 100_000

COUNTS = {
    "events": "SELECT count(*) FROM inbox WHERE status = 'done'",
    "events not handled": "SELECT count(*) FROM inbox WHERE status <> 'done'",
    "messages": "SELECT count(*) FROM activity WHERE kind = 'message'",
    "messages in the rollup": "SELECT sum(n) FROM daily WHERE kind = 'message'",
    "answers": "SELECT count(*) FROM outbox WHERE channel = 'aibot_reply'",
    "check-ins": "SELECT count(*) FROM activity WHERE kind = 'checkin'",
    "joins": "SELECT count(*) FROM membership WHERE member LIKE 'wmNew%'",
    "leaves": "SELECT count(*) FROM membership WHERE left_at IS NOT NULL",
    "stays of who left": "SELECT count(*) FROM membership WHERE member LIKE 'wmOld%'",
    "stays of speakers": "SELECT count(*) FROM membership WHERE member LIKE 'wm0%'",
    "customers gained": "SELECT count(*) FROM audit WHERE action = '添加客户'",
    "customers lost": "SELECT count(*) FROM audit WHERE action = '解除好友'",
}


def expected(deliveries: int) -> dict[str, int]:
    """What one effect of each message makes."""
    different = set(shuffled(deliveries))
    said = [one for one in different if one % 10 < 6]
    tenth = {what: sum(one % 10 == what for one in different) for what in (6, 7, 8, 9)}
    return {
        "events": len(different),
        "events not handled": 0,
        "messages": len(said),
        "messages in the rollup": len(said),
        "answers": len(said),
        "check-ins": len({speaker(one) for one in said if checks_in(one)}),
        "joins": tenth[6],
        "leaves": tenth[7],
        "stays of who left": tenth[7],
        "stays of speakers": len({speaker(one) for one in said}),
        "customers gained": tenth[8],
        "customers lost": tenth[9],
    }


async def found(url: str, deliveries: int) -> dict[str, int]:
    """What the storm has made, every delivery having been acknowledged."""
    numbers = shuffled(deliveries)
    leaving = sorted({one for one in numbers if one % 10 == 7})
    async with serving(url, leaving) as service:
        assert await post(service.port, delivered(numbers)) == (deliveries, 0)
        await service.handled()
        return {what: await service.count(query) for what, query in COUNTS.items()}


@pytest.mark.timeout(300)
async def test_repeated_and_shuffled_callbacks_have_one_effect_each(database_url: str) -> None:
    assert await found(database_url, SMALL) == expected(SMALL)


@pytest.mark.timeout(300)
async def test_bot_that_takes_every_delivery_for_new_is_caught(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: without dedupe keys the same storm counts and answers twice."""
    monkeypatch.setattr(Inbox, "__call__", Inbox.__call__)  # put back afterwards
    twins.no_dedupe()
    seen, once = await found(sqlite_url, 500), expected(500)
    doubled = {what for what in COUNTS if seen[what] > once[what]}
    assert doubled == {
        "events",
        "messages",
        "messages in the rollup",
        "answers",
        "customers gained",
        "customers lost",
    }


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_100_000_deliveries_have_one_effect_each(sqlite_url: str) -> None:
    assert await found(sqlite_url, LARGE) == expected(LARGE)
