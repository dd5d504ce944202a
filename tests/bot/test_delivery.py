"""The outbox worker over both databases, with a channel that writes down what it was given."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest

from bot.channel import Busy, Letter, Limit, Outcome, Refused, Sent, Unknown
from bot.clock import MovableClock, Participant
from bot.delivery import ATTEMPTS, IN_FLIGHT, LEASE, Delivery
from storage import outbox
from storage.database import Database
from storage.outbox import NewLetter, OutboxRow

START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""Monday 09:30 in Shanghai."""
SECOND = timedelta(seconds=1)

Judge = Callable[[Letter], Outcome]


@dataclass
class Robot:
    """A channel that answers as told and remembers when it sent what."""

    clock: MovableClock
    judge: Judge = lambda letter: Sent(f"receipt-{letter.dedup_key}")
    resend_unknown: ClassVar[bool] = True
    urgent: ClassVar[bool] = False
    name: ClassVar[str] = "robot"
    limit: int = 1000
    given: list[tuple[datetime, str]] = field(default_factory=list)

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [body]

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        return [Limit(f"robot:{target['chat']}", self.limit, timedelta(seconds=60))]

    async def send(self, letter: Letter) -> Outcome:
        self.given.append((self.clock.now(), letter.dedup_key))
        return self.judge(letter)

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.given]


class Careful(Robot):
    """One whose unknown outcomes are held for a person."""

    name: ClassVar[str] = "careful"
    resend_unknown: ClassVar[bool] = False


@dataclass
class Post:
    """The outbox with its worker, and a clock that moves both."""

    database: Database
    clock: MovableClock
    robot: Robot
    careful: Careful
    delivery: Delivery

    async def owe(self, key: str, chat: str = "a", **more: Any) -> None:
        await self.owe_all([self.letter(key, chat, **more)])

    async def owe_all(self, letters: Sequence[NewLetter]) -> None:
        await self.database.write(partial(outbox.add, letters=letters))

    def letter(self, key: str, chat: str = "a", **more: Any) -> NewLetter:
        return NewLetter(
            dedup_key=key,
            channel=more.pop("channel", "robot"),
            target=more.pop("target", {"chat": chat}),
            body={"text": key},
            order_key=chat,
            not_before=self.clock.now(),
            created_at=self.clock.now(),
            **more,
        )

    async def rows(self) -> dict[str, OutboxRow]:
        found = await self.database.read(partial(outbox.listing, limit=2000))
        return {row.dedup_key: row for row in found}

    async def fates(self) -> dict[str, tuple[str, int, str]]:
        """Status, attempts and reason by key."""
        rows = await self.rows()
        return {key: (row.status, row.attempts, row.reason) for key, row in sorted(rows.items())}


@pytest.fixture
def post(database: Database) -> Post:
    clock = MovableClock(START)
    robot, careful = Robot(clock), Careful(clock)
    delivery = Delivery(database, {"robot": robot, "careful": careful}, clock)
    clock.join(Participant(delivery.next_due, delivery.settle))
    return Post(database, clock, robot, careful, delivery)


async def test_step_sends_one_of_each_chat_and_keeps_their_order(post: Post) -> None:
    for key, chat in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("b2", "b")):
        await post.owe(key, chat)
    handled = [await post.delivery.step(START) for _ in range(4)]
    assert handled == [2, 2, 1, 0]
    assert post.robot.keys == ["a1", "b1", "a2", "b2", "a3"]
    assert (await post.rows())["a3"].receipt == "receipt-a3"
    assert set((await post.fates()).values()) == {("sent", 1, "")}


async def test_refused_letter_is_dead_and_the_next_of_its_chat_goes(post: Post) -> None:
    post.robot.judge = lambda letter: (
        Refused("93000：机器人已被移出群") if letter.dedup_key == "a1" else Sent()
    )
    await post.owe("a1")
    await post.owe("a2")
    await post.delivery.settle()
    assert await post.fates() == {
        "a1": ("dead", 1, "93000：机器人已被移出群"),
        "a2": ("sent", 1, ""),
    }


def trip(letter: Letter) -> Outcome:
    """A channel with a bug that one letter finds."""
    if letter.dedup_key == "poison":
        raise KeyError("markdown")
    return Sent()


async def test_poisoned_letter_dies_alone(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    post.robot.judge = trip
    await post.owe("poison", "a")
    await post.owe("after", "a")
    await post.owe_all([post.letter(f"n{number}", f"chat{number}") for number in range(998)])
    await post.clock.advance(timedelta(hours=1))
    fates = await post.fates()
    why = "连续 8 次没有发出：发送渠道内部出错（KeyError）"
    assert fates.pop("poison") == ("dead", 8, why)
    assert (len(fates), set(fates.values())) == (999, {("sent", 1, "")})
    assert {at for at, key in post.robot.given if key.startswith("n")} == {START}
    assert len(caplog.records) == 8


async def test_busy_letter_waits_as_long_as_asked(post: Post) -> None:
    answers = iter([Busy("45009：超过频率限制", timedelta(minutes=5)), Sent()])
    post.robot.judge = lambda letter: next(answers)
    await post.owe("a1")
    await post.delivery.settle()
    assert await post.fates() == {"a1": ("pending", 1, "45009：超过频率限制")}
    await post.clock.advance(timedelta(hours=1))
    assert post.robot.given == [(START, "a1"), (START + timedelta(minutes=5), "a1")]
    assert await post.fates() == {"a1": ("sent", 2, "")}


async def test_unknown_is_sent_again_where_a_double_is_harmless(post: Post) -> None:
    answers = iter([Unknown("10 秒内没有回应"), Sent()])
    post.robot.judge = lambda letter: next(answers)
    await post.owe("a1")
    await post.delivery.settle()
    assert await post.fates() == {"a1": ("pending", 1, "发送结果不明，将重发：10 秒内没有回应")}
    await post.clock.advance(timedelta(minutes=1))
    assert post.robot.keys == ["a1", "a1"]


async def test_unknown_is_held_where_a_double_harms_and_the_chat_goes_on(post: Post) -> None:
    post.careful.judge = lambda letter: (
        Unknown("10 秒内没有回应") if letter.dedup_key == "a1" else Sent()
    )
    await post.owe("a1", channel="careful")
    await post.owe("a2", channel="careful")
    await post.clock.advance(timedelta(hours=1))
    assert post.careful.keys == ["a1", "a2"]
    assert await post.fates() == {
        "a1": ("unknown", 1, "发送结果不明，等待人工处理：10 秒内没有回应"),
        "a2": ("sent", 1, ""),
    }


async def test_quiet_hours_are_judged_when_sending(post: Post) -> None:
    quiet = {"quiet_hours": "21:30-08:30", "zone": "Asia/Shanghai"}
    await post.clock.advance_to(datetime(2026, 11, 23, 13, 30, tzinfo=UTC))
    await post.owe("night", "a", **quiet)
    await post.owe("urgent", "b")
    await post.delivery.settle()
    assert await post.fates() == {
        "night": ("pending", 0, "免打扰时段（21:30-08:30），顺延到 11-24 08:30"),
        "urgent": ("sent", 1, ""),
    }
    await post.clock.advance(timedelta(days=1))
    assert post.robot.given[1:] == [(datetime(2026, 11, 24, 0, 30, tzinfo=UTC), "night")]


async def test_expired_letter_is_not_sent_and_says_why(post: Post) -> None:
    answers = iter([Busy("系统繁忙", timedelta(hours=1))])
    post.robot.judge = lambda letter: next(answers)
    await post.owe("a1", expires_at=START + timedelta(minutes=30))
    await post.clock.advance(timedelta(hours=2))
    assert post.robot.keys == ["a1"]
    why = "到 11-23 10:00 仍未发出，已过有效时间，不再发送"
    assert await post.fates() == {"a1": ("expired", 2, why)}


@pytest.mark.parametrize(
    ("channel", "target", "reason"),
    [
        ("pigeon", {"chat": "a"}, "没有名为“pigeon”的发送渠道"),
        ("robot", {}, "收件目标不完整，无法发送：'chat'"),
    ],
)
async def test_letter_that_cannot_be_sent_is_dead(
    post: Post, channel: str, target: dict[str, str], reason: str
) -> None:
    await post.owe("a1", channel=channel, target=target)
    await post.owe("b1", "b")
    await post.delivery.settle()
    assert await post.fates() == {"a1": ("dead", 1, reason), "b1": ("sent", 1, "")}


async def test_limited_letter_waits_for_the_first_free_slot_without_an_attempt(
    post: Post,
) -> None:
    post.robot.limit = 2
    for key in ("a1", "a2", "a3"):
        await post.owe(key)
    await post.delivery.settle()
    assert (await post.fates())["a3"] == ("pending", 0, "已到发送频率上限，排队等待")
    await post.clock.advance(timedelta(minutes=5))
    assert post.robot.given == [(START, "a1"), (START, "a2"), (START + 61 * SECOND, "a3")]
    assert (await post.fates())["a3"] == ("sent", 1, "")


async def test_at_most_twenty_in_any_minute_under_two_hundred_restarts(post: Post) -> None:
    """One robot serves five chats; the worker is replaced again and again, at any moment."""
    chance = random.Random(7)
    post.robot.limit = 20
    for number in range(90):
        await post.owe(f"{number:02}", f"chat{number % 5}", target={"chat": "one robot"})
    for _ in range(200):
        worker = Delivery(post.database, {"robot": post.robot}, post.clock)
        await worker.settle()
        await post.clock.advance(SECOND * chance.uniform(0, 4))
    instants = [at for at, _ in post.robot.given]
    gaps = [later - at for at, later in zip(instants, instants[20:], strict=False)]
    assert min(gaps) > timedelta(seconds=60)
    assert sorted(post.robot.keys) == [f"{number:02}" for number in range(90)]
    by_chat = [[key for key in post.robot.keys if int(key) % 5 == chat] for chat in range(5)]
    assert by_chat == [sorted(keys) for keys in by_chat]


async def abandon(post: Post) -> None:
    """A process claims everything and is gone."""
    claim = partial(outbox.claim, now=START, lease_until=START + LEASE, limit=10)
    await post.database.write(claim)


async def test_letters_of_a_dead_process_are_settled_after_their_lease(post: Post) -> None:
    await post.owe("a1", "a")
    await post.owe("b1", "b", channel="careful")
    await abandon(post)
    await post.clock.advance(LEASE - SECOND)
    assert (post.robot.keys, post.careful.keys) == ([], [])
    await post.clock.advance(SECOND)
    assert await post.fates() == {
        "a1": ("pending", 0, "发送结果不明，将重发：上次发送时程序中断"),
        "b1": ("unknown", 1, "发送结果不明，等待人工处理：上次发送时程序中断"),
    }
    await post.clock.advance(timedelta(minutes=5))
    assert (post.robot.keys, post.careful.keys) == (["a1"], [])
    assert await post.fates() == {
        "a1": ("sent", 1, ""),
        "b1": ("unknown", 1, "发送结果不明，等待人工处理：上次发送时程序中断"),
    }


async def test_letter_whose_process_dies_again_and_again_is_sent_in_the_end(post: Post) -> None:
    """A hundred kills of the town: letters were given up because the program had died."""
    await post.owe("a1", "a")
    for number in range(3 * ATTEMPTS):
        now = START + number * timedelta(minutes=10)
        claim = partial(outbox.claim, now=now, lease_until=now + LEASE, limit=10)
        assert [row.dedup_key for row in await post.database.write(claim)] == ["a1"]
        assert await post.delivery.reap(now + LEASE) == 1
    await post.clock.advance(timedelta(days=1))
    assert await post.fates() == {"a1": ("sent", 1, "")}


async def test_reaper_leaves_alone_what_this_worker_is_sending(post: Post) -> None:
    """A moved clock must not make a letter on its way look lost."""
    arrived, answer = asyncio.Event(), asyncio.Event()

    class Slow(Robot):
        async def send(self, letter: Letter) -> Outcome:
            arrived.set()
            await answer.wait()
            return await super().send(letter)

    slow = Slow(post.clock)
    delivery = Delivery(post.database, {"robot": slow}, post.clock)
    await post.owe("a1")
    sending = asyncio.create_task(delivery.step(START))
    await arrived.wait()
    reaped = await delivery.reap(START + timedelta(days=1))
    answer.set()
    assert (reaped, await sending) == (0, 1)
    assert slow.keys == ["a1"]
    assert await post.fates() == {"a1": ("sent", 1, "")}


async def test_run_sends_when_woken_and_lets_the_last_letter_arrive(post: Post) -> None:
    arrived, answer = asyncio.Event(), asyncio.Event()

    class Slow(Robot):
        async def send(self, letter: Letter) -> Outcome:
            arrived.set()
            await answer.wait()
            return await super().send(letter)

    slow = Slow(post.clock)
    delivery = Delivery(post.database, {"robot": slow}, post.clock)
    loop = asyncio.create_task(delivery.run())
    await post.owe("a1")
    delivery.wake()
    async with asyncio.timeout(10):
        await arrived.wait()
        loop.cancel()
        answer.set()
        with pytest.raises(asyncio.CancelledError):
            await loop
    assert slow.keys == ["a1"]
    assert await post.fates() == {"a1": ("sent", 1, "")}


async def test_slow_chat_does_not_hold_up_the_others(post: Post) -> None:
    answer, everybody = asyncio.Event(), asyncio.Event()

    class Slow(Robot):
        async def send(self, letter: Letter) -> Outcome:
            if letter.dedup_key == "slow":
                await answer.wait()
            outcome = await super().send(letter)
            if len(self.given) == 3:
                everybody.set()
            return outcome

    slow = Slow(post.clock)
    delivery = Delivery(post.database, {"robot": slow}, post.clock)
    for key, chat in (("slow", "a"), ("b1", "b"), ("b2", "b"), ("b3", "b")):
        await post.owe(key, chat)
    loop = asyncio.create_task(delivery.run())
    async with asyncio.timeout(10):
        await everybody.wait()
        answer.set()
        loop.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loop
    assert slow.keys == ["b1", "b2", "b3", "slow"]


async def test_more_letters_than_may_be_on_their_way_are_all_sent(post: Post) -> None:
    letters = [post.letter(f"n{number}", f"chat{number}") for number in range(IN_FLIGHT + 40)]
    await post.owe_all(letters)
    await post.delivery.settle()
    assert len(post.robot.given) == IN_FLIGHT + 40
