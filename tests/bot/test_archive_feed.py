"""What members write in customer groups, through the sandbox's message archive over real HTTP: real
RSA, consent, order, repetition."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.archive_feed import EVERY, RETRY, ArchiveFeed, RoomConsents
from tests.archive_double import ArchiveDouble
from tests.house import CHATS, GUIDED, House

CHAT = CHATS[GUIDED]
HEARD = (
    "SELECT member, kind, n FROM daily WHERE community = 'guided' AND kind <> 'join' ORDER BY 1, 2"
)


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@dataclass
class Desk:
    house: House
    sandbox: Any
    feed: ArchiveFeed

    def say(self, who: str, text: str) -> None:
        self.sandbox.actions.say(who, CHAT, text)

    async def listen(self) -> int:
        """A look at the archive, and what comes of it."""
        await self.house.clock.advance(EVERY)
        taken = await self.feed.step()
        await self.house.work()
        return taken


def pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
async def desk(bureau: Any, key: RSAPrivateKey) -> Desk:
    """The customer group is archived; wm2 and wm3 are in it, wm2 agreed."""
    house, sandbox = bureau.house, bureau.sandbox
    places = tuple(
        replace(one, archived=one.id == GUIDED, page=True) for one in house.settings.communities
    )
    house.settings = replace(house.settings, communities=places)
    house.__post_init__()
    sandbox.archive.install_key(1, pem(key))
    sandbox.actions.join(CHAT, member="wm3")
    await house.join("wm2", "wm3", community=GUIDED)
    await house.owed()
    sandbox.archive.consent("chen", "wm2")
    return Desk(house, sandbox, feed_of(house, key))


def feed_of(house: House, key: RSAPrivateKey) -> ArchiveFeed:
    return ArchiveFeed(
        house.database,
        ArchiveDouble(house.api, {1: key}),
        RoomConsents(house.api),
        house.settings,
        house.clock,
    )


async def test_messages_of_those_who_agreed_are_counted(desk: Desk) -> None:
    desk.say("wm2", "大家早")
    desk.say("wm3", "我没有同意")
    desk.say("chen", "早上好，我是客户经理")
    desk.say("wm2", "今天天气不错")
    desk.sandbox.archive.say(CHAT, "wm2", "image", {"md5sum": "0"})
    assert await desk.listen() == 5  # consent, two texts, the colleague's, the picture
    assert await desk.house.rows(HEARD) == [("wm2", "message", 3)]
    assert await desk.house.owed() == []


async def test_nothing_is_counted_twice_or_kept(desk: Desk, key: RSAPrivateKey) -> None:
    desk.say("wm2", "大家早")
    assert await desk.listen() == 2
    assert await desk.listen() == 0
    await desk.house.write("UPDATE archive_cursor SET seq = 0")
    again = feed_of(desk.house, key)
    assert await again.step() == 2
    await desk.house.work()
    assert await desk.house.rows(HEARD) == [("wm2", "message", 1)]
    desk.say("wm2", "很" * 400)
    await desk.listen()
    texts = await desk.house.rows("SELECT json_extract(event, '$.text') FROM inbox ORDER BY id")
    assert texts[-2:] == [("大家早",), ("",)]


async def test_who_takes_consent_back_is_counted_no_more(desk: Desk) -> None:
    desk.say("wm2", "一")
    await desk.listen()
    desk.sandbox.archive.consent("chen", "wm2", agreed=False)
    desk.sandbox.archive.agreed["wm2"] = True  # the archive itself goes on
    desk.say("wm2", "二")
    await desk.listen()
    assert await desk.house.rows(HEARD) == [("wm2", "message", 1)]


async def test_rooms_tell_of_consents_that_no_record_had(desk: Desk) -> None:
    desk.sandbox.archive.agreed["wm3"] = True
    desk.say("wm3", "我以前同意过")
    await desk.listen()
    assert await desk.house.rows(HEARD) == [("wm3", "message", 1)]


async def test_answers_count_for_what_is_open(desk: Desk) -> None:
    """A check-in and a vote typed in the group count, as if on the page; nobody is answered."""
    house = desk.house
    desk.say("wm2", "签到")
    desk.say("wm2", "抽奖")
    await desk.listen()
    assert await house.rows(HEARD) == [("wm2", "checkin", 1), ("wm2", "message", 2)]
    assert await house.rows("SELECT count(*) FROM draw") == [(0,)]
    assert await house.owed() == []


async def test_instant_of_writing_counts_and_not_that_of_reading(desk: Desk) -> None:
    desk.say("wm2", "周一说的")
    await desk.house.clock.advance(timedelta(days=2))
    await desk.listen()
    days = await desk.house.rows("SELECT day FROM daily WHERE kind = 'message'")
    assert [str(day) for (day,) in days] == ["2026-11-23"]


async def test_opted_out_member_is_not_counted(desk: Desk) -> None:
    desk.say("wm2", "退出统计")
    await desk.listen()
    before = await desk.house.rows(HEARD)
    desk.say("wm2", "这句不算")
    await desk.listen()
    assert await desk.house.rows(HEARD) == before


async def test_archive_that_cannot_be_read_is_read_later(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.say("wm2", "大家早")
    desk.sandbox.faults.set("read_down", 1)
    assert await desk.listen() == 0
    assert [one.getMessage()[:9] for one in caplog.records] == ["archive n"]
    await desk.house.clock.advance(RETRY)
    assert await desk.feed.step() == 2


async def test_message_under_an_unknown_key_waits_for_the_key(
    desk: Desk, key: RSAPrivateKey
) -> None:
    desk.say("wm2", "旧钥匙")
    desk.sandbox.archive.install_key(2, pem(generate_private_key(65537, 2048)))
    desk.say("wm2", "新钥匙")
    assert await desk.listen() == 0
    assert await desk.house.rows("SELECT count(*) FROM archive_cursor") == [(0,)]
