"""The movable clock: every due instant is visited, time never goes back, chance is repeatable."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import MovableClock, Participant, SystemClock

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Diary:
    """A participant with appointments; it writes down when it kept which."""

    def __init__(self, clock: MovableClock, *appointments: float) -> None:
        self.clock = clock
        self.appointments = [after(one) for one in appointments]
        self.kept: list[tuple[float, list[float]]] = []
        self.repeat: timedelta | None = None

    async def next_due(self) -> datetime | None:
        return min(self.appointments, default=None)

    async def settle(self) -> None:
        now = self.clock.now()
        due = sorted(one for one in self.appointments if one <= now)
        self.appointments = [one for one in self.appointments if one > now]
        if due:
            self.kept.append((_seconds(now), [_seconds(one) for one in due]))
            if self.repeat is not None:
                self.appointments.append(now + self.repeat)


def _seconds(instant: datetime) -> float:
    return (instant - START).total_seconds()


class Late(Diary):
    """Stays overdue until an instant, or for ever."""

    def __init__(self, clock: MovableClock, until: float) -> None:
        super().__init__(clock, 5)
        self.until = after(until)
        self.looked: list[float] = []

    async def settle(self) -> None:
        self.looked.append(_seconds(self.clock.now()))
        if self.clock.now() >= self.until:
            await super().settle()


def joined(clock: MovableClock, *diaries: Diary) -> None:
    for one in diaries:
        clock.join(Participant(one.next_due, one.settle))


async def test_every_due_instant_is_visited_in_order() -> None:
    clock = MovableClock(START)
    one, other = Diary(clock, 600, 30, 30), Diary(clock, 31, 601)
    joined(clock, one, other)
    await clock.advance(timedelta(minutes=10))
    assert one.kept == [(30, [30, 30]), (600, [600])]
    assert other.kept == [(31, [31])]
    assert (clock.now(), clock.next_due()) == (after(600), after(601))


async def test_what_becomes_due_on_the_way_is_visited_too() -> None:
    clock = MovableClock(START)
    diary = Diary(clock, 60)
    diary.repeat = timedelta(seconds=90)
    joined(clock, diary)
    await clock.advance_to(after(330))
    assert [now for now, _ in diary.kept] == [60, 150, 240, 330]


async def test_instants_closer_than_a_second_are_visited_together() -> None:
    clock = MovableClock(START)
    diary = Diary(clock, 10.2, 10.4, 11.5)
    joined(clock, diary)
    await clock.advance_to(after(20))
    assert diary.kept == [(10.2, [10.2]), (11.2, [10.4]), (12.2, [11.5])]


async def test_clock_never_goes_back() -> None:
    clock = MovableClock(START)
    await clock.advance_to(after(-3600))
    assert clock.now() == START
    await clock.advance(timedelta(0))
    assert clock.now() == START


async def test_participant_that_stays_overdue_neither_hangs_nor_overshoots() -> None:
    """Regression: the clock ran on past its target as long as anything stayed overdue."""
    clock = MovableClock(START)
    late = Late(clock, until=10**9)
    joined(clock, late)
    await clock.advance_to(after(200))
    assert clock.now() == after(200)
    assert sorted(set(late.looked)) == [0, 5, 6, 8, 12, 20, 36, 68, 128, 188, 200]


async def test_participant_that_was_overdue_for_a_while_catches_up() -> None:
    clock = MovableClock(START)
    late = Late(clock, until=7)
    joined(clock, late)
    await clock.advance_to(after(60))
    assert late.kept == [(8, [5])]


async def test_a_day_with_something_stuck_ends() -> None:
    clock = MovableClock(START)
    late = Late(clock, until=10**9)
    joined(clock, late)
    await clock.advance(timedelta(days=1))
    assert clock.now() == after(86400)
    assert len(late.looked) < 1500


async def test_moving_is_seen_by_others() -> None:
    clock = MovableClock(START)
    seen: list[bool] = []

    async def settle() -> None:
        seen.append(clock.standing().locked())

    async def nothing() -> None:
        return None

    clock.join(Participant(nothing, settle))
    await clock.advance(timedelta(seconds=1))
    assert (set(seen), clock.standing().locked()) == ({True}, False)


def test_standing_clock_stands_and_running_clock_runs() -> None:
    clock = MovableClock(START)
    assert (clock.now(), clock.now(), clock.running) == (START, START, False)
    clock.run(True)
    first = clock.now()
    while clock.now() == first:
        pass
    clock.run(False)
    stopped = clock.now()
    assert (clock.now(), clock.running) == (stopped, False)
    assert START <= first < stopped < after(60)


async def test_running_clock_runs_on_from_where_it_was_moved_to() -> None:
    clock = MovableClock(START, running=True)
    await clock.advance_to(after(3600))
    assert after(3600) <= clock.now() < after(3660)
    assert clock.running


def test_seeded_entropy_is_a_stream() -> None:
    def block(number: int) -> bytes:
        return hmac.digest(b"seed", number.to_bytes(8, "big"), hashlib.sha256)

    clock = MovableClock(START, seed=b"seed")
    assert [clock.entropy(32), clock.entropy(4), clock.entropy(40)] == [
        block(0),
        block(1)[:4],
        block(2) + block(3)[:8],
    ]


@pytest.mark.parametrize("clock", [MovableClock(START), SystemClock()])
def test_unseeded_entropy_is_not_repeated(clock: MovableClock | SystemClock) -> None:
    drawn = [clock.entropy(16) for _ in range(100)]
    assert ({len(one) for one in drawn}, len(set(drawn))) == ({16}, 100)


def test_clocks_tell_aware_utc() -> None:
    assert (SystemClock().now().tzinfo, MovableClock().now().tzinfo) == (UTC, UTC)
