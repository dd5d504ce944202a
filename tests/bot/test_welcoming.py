"""First words within WeCom's 20 seconds: beside a dispatcher that does nothing, before a long
backlog, over every answer of WeCom."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.app import channel_types
from bot.channel import Connections
from bot.clock import MovableClock
from bot.delivery import Delivery
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from bot.wecom.errors import WecomError
from bot.welcoming import Welcoming
from sop.events import ContactAdded
from storage import outbox
from storage.outbox import NewLetter
from tests.house import CHATS, FIRST, House, at, library_of, opened

CALL: Mapping[str, Any] = {
    "channel": "call",
    "title": "外呼",
    "applies_to": {"labels": ["first"]},
    "welcome": "您好，我是{{ owner }}。",
    "introduction": "群里有小知识。",
}
ANYHOW: Mapping[str, Any] = {**CALL, "channel": "anyhow", "way": "none", "welcome": "您好。"}
SEED = Seed(
    corp=CorpSeed("ww1", "示例银行"),
    app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
    aibot=AibotSeed(id="aib1", secret="b", token="t", aes_key="k" * 43),
    staff=(StaffSeed("li", "李静"), StaffSeed("chen", "陈明")),
    customers=(CustomerSeed("wm1", "甲", ("li",)), CustomerSeed("wm2", "乙")),
    groups=(GroupSeed(id=CHATS[FIRST], name="一群", owner="li", kind="customer"),),
)


@dataclass
class Desk:
    """The house, its WeCom, who greets and who sends; the dispatcher stands still."""

    house: House
    sandbox: Sandbox
    welcoming: Welcoming = field(init=False)
    delivery: Delivery = field(init=False)

    def __post_init__(self) -> None:
        house = self.house
        self.welcoming = Welcoming(house.database, house.api, None, lambda: house.due, house.clock)
        connections = Connections(house.settings, house.api, None)
        channels = {name: one(connections) for name, one in channel_types().items()}
        self.delivery = Delivery(house.database, channels, house.clock)

    async def add(self, state: str = "call", member: str = "wm1") -> str:
        """The customer adds 李静; the event is taken in and not handled."""
        code = self.sandbox.contacts.new_welcome("li", member)
        await self.house.hear(ContactAdded(self.house.clock.now(), "li", member, state, code))
        return code

    def read(self, member: str = "wm1") -> list[str]:
        """What the customer has read."""
        return [one.text for one in self.sandbox.messages.of(f"private:li:{member}")]

    async def fate(self) -> list[tuple[str, str]]:
        rows = await self.house.rows("SELECT status, reason FROM welcome ORDER BY at, code")
        return [(str(status), str(reason)) for status, reason in rows]


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    clock = MovableClock(at("11-23 09:00"), seed=b"welcome")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    library = library_of(CALL, ANYHOW)
    async with opened(sqlite_url, "", library, service=sandbox.url, clock=clock) as house:
        await house.owed()
        yield Desk(house, sandbox)
    await sandbox.close()


async def test_customer_is_greeted_while_the_dispatcher_is_busy(desk: Desk) -> None:
    await desk.add()
    await desk.house.clock.advance(timedelta(seconds=15))
    await desk.welcoming.step()
    await desk.delivery.step(desk.house.clock.now())
    assert desk.read() == ["您好，我是李静。"]
    await desk.welcoming.step()
    assert await desk.fate() == [("sent", "")]
    assert await desk.house.rows("SELECT count(*) FROM arrival") == [(0,)]
    await desk.house.work()
    ((welcomed,),) = await desk.house.rows("SELECT welcomed_at FROM arrival")
    assert str(welcomed).startswith("2026-11-23 01:00:15")


async def test_first_words_go_before_a_long_backlog(desk: Desk) -> None:
    now = desk.house.clock.now()
    letters = [
        NewLetter(f"k{n}", "app_message", {"user": "li"}, {"text": "好"}, f"l{n}", now, now)
        for n in range(400)
    ]
    await desk.house.database.write(lambda tx: outbox.add(tx, letters))
    await desk.add()
    await desk.welcoming.step()
    first = await desk.house.database.write(
        lambda tx: [one.channel for one in outbox.claim(tx, now, now, 2, ["welcome"])]
    )
    assert first == ["welcome", "app_message"]


async def test_event_that_comes_too_late_is_left_to_the_colleague(desk: Desk) -> None:
    await desk.add()
    await desk.house.clock.advance(timedelta(seconds=20))
    await desk.welcoming.step()
    assert await desk.fate() == [("late", "")]
    assert await desk.house.owed() == [
        "li: ⚠️ 给新客户的欢迎语没有自动发出（事件来晚了，超过 20 秒）。请您手动发下面这段：",
        "li: 您好，我是李静。",
    ]


async def test_letter_that_is_not_sent_in_time_expires(desk: Desk) -> None:
    await desk.add()
    await desk.welcoming.step()
    await desk.house.clock.advance(timedelta(seconds=20))
    await desk.delivery.step(desk.house.clock.now())
    await desk.house.owed()
    await desk.welcoming.step()
    assert desk.read() == []
    ((status, reason),) = await desk.fate()
    assert (status, reason) == ("failed", "到 11-23 09:00 仍未发出，已过有效时间，不再发送")
    assert (await desk.house.owed())[-1] == "li: 您好，我是李静。"


class Answers:
    """WeCom's answers to a welcome, one after the other."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)

    async def call(self, method: str, path: str, json: dict[str, Any]) -> dict[str, Any]:
        code = self.codes.pop(0)
        if code:
            raise WecomError(code)
        return {}


@pytest.mark.parametrize(
    ("codes", "status", "told"),
    [
        ((0,), "sent", 0),
        ((41051,), "sent", 0),
        ((41050,), "failed", 2),
        ((41096, 0), "sent", 0),
        ((-1, 41051), "sent", 0),
        ((48002,), "failed", 2),
    ],
)
async def test_every_answer_of_wecom_has_an_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, codes: tuple[int, ...], status: str, told: int
) -> None:
    await desk.add()
    await desk.welcoming.step()
    await desk.house.owed()
    answers = Answers(*codes)
    monkeypatch.setattr(desk.house.api, "call", answers.call)
    for _ in range(2):
        await desk.delivery.step(desk.house.clock.now())
        await desk.house.clock.advance(timedelta(seconds=10))
    await desk.welcoming.step()
    assert [one for one, _ in await desk.fate()] == [status]
    assert len(await desk.house.owed()) == told
    assert answers.codes == []


@pytest.mark.parametrize(
    ("state", "said"), [("call", ["您好，我是李静。"]), ("", ["您好。"]), ("gone", ["您好。"])]
)
async def test_words_are_those_of_the_way(desk: Desk, state: str, said: list[str]) -> None:
    await desk.add(state)
    await desk.welcoming.step()
    await desk.delivery.step(desk.house.clock.now())
    assert desk.read() == said


async def test_same_callback_twice_greets_once(desk: Desk) -> None:
    code = desk.sandbox.contacts.new_welcome("li", "wm1")
    now = desk.house.clock.now()
    for _ in range(2):
        await desk.house.hear(ContactAdded(now, "li", "wm1", "call", code))
        await desk.welcoming.step()
        await desk.delivery.step(now)
    await desk.house.work()
    assert desk.read() == ["您好，我是李静。"]
    assert await desk.house.rows("SELECT count(*) FROM arrival") == [(1,)]


async def test_colleagues_among_themselves_are_not_greeted(desk: Desk) -> None:
    await desk.add(member="chen")
    await desk.welcoming.step()
    await desk.house.work()
    assert await desk.fate() == [("none", "")]
    assert await desk.house.rows("SELECT count(*) FROM arrival") == [(0,)]
