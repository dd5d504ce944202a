"""The outbox worker: claims owed letters, sends them through their channels, records what came.

Nothing is sent from anywhere else. A letter is claimed in one transaction, in which everything
that may hold it back is judged: its deadline, the quiet hours, the limits. It is sent outside of
any transaction, and its outcome is recorded in another. Between the two lies the only gap in
which a crash leaves something unknown; the lease reaper settles it by the channel's own rule.

Order per chat is kept because only the first unsettled letter of an order key can be claimed.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.channel import Busy, Channel, Letter, Outcome, Refused, Sent, Unknown
from bot.clock import Clock
from bot.crash import armed, crash_point
from bot.limits import ATTEMPTS, MARGIN, free_at, quiet_until, retry_delay
from storage import outbox
from storage.database import Database
from storage.outbox import OutboxRow

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""How long a claimed letter may be on its way: six times the client's total time-out."""
IN_FLIGHT = 256
"""Letters on their way at once."""
REAP_EVERY = timedelta(seconds=15)
KEEP_LOG = timedelta(days=1)
"""Sendings older than this are forgotten: no limit has a longer window."""
IDLE_SECONDS = 2.0
"""Longest sleep of the loop in real seconds: a moved clock or another process needs no wake()."""
GOODBYE_SECONDS = 3.0
"""How long a stop waits for letters on their way; what is later is settled by the reaper."""
K5_SECONDS = 0.02
"""Crash tests only: lets the request reach the wire before the kill."""


@dataclass(slots=True)
class _Log:
    """What was sent under each limit lately: read once per batch, and counted on."""

    tx: Connection
    now: datetime
    read: dict[tuple[str, timedelta], list[datetime]] = field(default_factory=dict)

    def free_at(self, channel: Channel, target: Mapping[str, str]) -> datetime:
        """When the next message to this target keeps every limit; `now` if at once."""
        free = self.now
        for limit in channel.limits(target):
            if (limit.key, limit.window) not in self.read:
                since = self.now - limit.window - MARGIN
                sent = outbox.sendings(self.tx, limit.key, since)
                self.read[limit.key, limit.window] = sent
            free = max(free, free_at(self.read[limit.key, limit.window], limit, self.now))
        return free

    def count(self, channel: Channel, target: Mapping[str, str]) -> None:
        """A message goes out now: it counts under each of its keys, for ever or till purged."""
        keys = sorted({limit.key for limit in channel.limits(target)})
        if keys:
            outbox.log_sending(self.tx, keys, self.now)
        for (key, _), sent in self.read.items():
            if key in keys:
                sent.append(self.now)


def _claim(
    channels: Mapping[str, Channel], now: datetime, limit: int, tx: Connection
) -> tuple[int, list[OutboxRow]]:
    """Claims due letters and judges each: (how many were claimed, those to be sent now)."""
    urgent = [name for name, channel in channels.items() if channel.urgent]
    rows = outbox.claim(tx, now, now + LEASE, limit, urgent)
    sendings = _Log(tx, now)
    return len(rows), [row for row in rows if _may_go(tx, row, channels, now, sendings)]


def _may_go(
    tx: Connection,
    row: OutboxRow,
    channels: Mapping[str, Channel],
    now: datetime,
    sendings: _Log,
) -> bool:
    if row.expires_at is not None and row.expires_at <= now:
        late = _local(row.expires_at, row)
        outbox.expire(tx, row.id, f"到 {late} 仍未发出，已过有效时间，不再发送", now)
        return False
    channel = channels.get(row.channel)
    if channel is None:
        outbox.dead(tx, row.id, f"没有名为“{row.channel}”的发送渠道", now)
        return False
    if row.quiet_hours is not None:
        awake = quiet_until(row.quiet_hours, ZoneInfo(row.zone or "Asia/Shanghai"), now)
        if awake is not None:
            reason = f"免打扰时段（{row.quiet_hours}），顺延到 {_local(awake, row)}"
            outbox.defer(tx, row.id, awake, reason, count_attempt=False)
            return False
    try:
        free = sendings.free_at(channel, row.target)
    except (KeyError, ValueError) as error:
        outbox.dead(tx, row.id, f"收件目标不完整，无法发送：{error}", now)
        return False
    if free > now:
        outbox.defer(tx, row.id, free, "已到发送频率上限，排队等待", count_attempt=False)
        return False
    sendings.count(channel, row.target)
    return True


def _local(instant: datetime, row: OutboxRow) -> str:
    """The instant as people of the letter's zone write it."""
    return instant.astimezone(ZoneInfo(row.zone or "Asia/Shanghai")).strftime("%m-%d %H:%M")


def _settle(
    tx: Connection, row: OutboxRow, outcome: Outcome, resend_unknown: bool, now: datetime
) -> None:
    """Records what became of one letter."""
    match outcome:
        case Sent(receipt):
            outbox.sent(tx, row.id, receipt, now)
        case Refused(reason):
            outbox.dead(tx, row.id, reason, now)
        case Unknown(reason) if not resend_unknown:
            outbox.hold(tx, row.id, f"发送结果不明，等待人工处理：{reason}", now)
        case Busy(reason) | Unknown(reason) if row.attempts >= ATTEMPTS:
            outbox.dead(tx, row.id, f"连续 {row.attempts} 次没有发出：{reason}", now)
        case Busy(reason, retry_after):
            wait = max(retry_after or timedelta(0), retry_delay(row.dedup_key, row.attempts))
            outbox.defer(tx, row.id, now + wait, reason, count_attempt=True)
        case Unknown(reason):
            until = now + retry_delay(row.dedup_key, row.attempts)
            outbox.defer(tx, row.id, until, f"发送结果不明，将重发：{reason}", count_attempt=True)


class Delivery:
    """Sends what the outbox owes. One instance per process; several processes may share a
    PostgreSQL outbox."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._flight: dict[asyncio.Task[None], int] = {}
        self._unrecorded: list[tuple[OutboxRow, Outcome, datetime]] = []
        self._claiming = asyncio.Lock()
        self._recording = asyncio.Lock()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """New letters may be waiting: called after a commit that queued some."""
        self._woken.set()

    async def run(self) -> None:
        """Sends until cancelled; then what is on its way gets a moment to arrive."""
        try:
            await self._loop()
        finally:
            if self._flight:
                await asyncio.wait(self._flight, timeout=GOODBYE_SECONDS)
            for task in list(self._flight):
                task.cancel()

    async def _loop(self) -> None:
        """A failing database is reported, waited for and tried again."""
        reaped_at: datetime | None = None
        while True:
            self._woken.clear()
            now = self._clock.now()
            due: datetime | None = None
            handled = 0
            try:
                if reaped_at is None or now - reaped_at >= REAP_EVERY:
                    await self.reap(now)
                    reaped_at = now
                handled = await self._launch(now)
                if not handled:
                    due = await self._database.read(outbox.next_due)
            except Exception:  # the worker outlives a locked file, a full disk, a lost server
                log.exception("delivery: the database failed; trying again")
            if not handled:
                await self._rest(now, due)

    async def step(self, now: datetime) -> int:
        """Claims what is due at `now`, sends it, records it; returns how many were handled
        (sent, deferred, expired or dead)."""
        while len(self._flight) >= IN_FLIGHT:
            await asyncio.wait(self._flight, return_when=asyncio.FIRST_COMPLETED)
        handled = await self._launch(now)
        if self._flight:
            await asyncio.gather(*self._flight)
        return handled

    async def settle(self) -> None:
        """Sends everything that is due at this instant of the clock, in order, to the end."""
        await self.reap(self._clock.now())
        while await self.step(self._clock.now()):
            pass

    async def next_due(self) -> datetime | None:
        """When the next letter wants to be looked at; None if nothing is owed."""
        return await self._database.read(outbox.next_due)

    async def reap(self, now: datetime) -> int:
        """Settles letters whose lease ended: their process died while they were on their way.

        They are sent again or held by their channel's rule; returns how many there were.
        """
        async with self._claiming:
            mine = frozenset(self._flight.values())
            return await self._database.write(partial(self._reap, now, mine))

    def _reap(self, now: datetime, mine: frozenset[int], tx: Connection) -> int:
        lost = [row for row in outbox.reap(tx, now) if row.id not in mine]
        for row in lost:
            if self._resends(row):
                # A program that dies is no fault of the letter: it loses no attempt by it.
                until = now + retry_delay(row.dedup_key, row.attempts)
                again = "发送结果不明，将重发：上次发送时程序中断"
                outbox.defer(tx, row.id, until, again, count_attempt=False)
            else:
                _settle(tx, row, Unknown("上次发送时程序中断"), False, now)
        outbox.purge_sendings(tx, now - KEEP_LOG)
        return len(lost)

    def _resends(self, row: OutboxRow) -> bool:
        channel = self._channels.get(row.channel)
        return channel is not None and channel.resend_unknown

    async def _launch(self, now: datetime) -> int:
        """Claims as many letters as may be on their way and starts sending them."""
        async with self._claiming:
            room = IN_FLIGHT - len(self._flight)
            if room <= 0:
                return 0
            claim = partial(_claim, self._channels, now, room)
            handled, letters = await self._database.write(claim)
            for row in letters:
                task = asyncio.create_task(self._deliver(row), name=f"letter-{row.id}")
                self._flight[task] = row.id
                task.add_done_callback(self._landed)
        return handled

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._flight[task]
        self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("delivery: an outcome was not recorded", exc_info=error)

    async def _deliver(self, row: OutboxRow) -> None:
        crash_point("K4")
        outcome = await self._send(row)
        crash_point("K6")
        await self._record(row, outcome)

    async def _send(self, row: OutboxRow) -> Outcome:
        channel = self._channels[row.channel]
        letter = Letter(row.id, row.dedup_key, row.channel, row.target, row.body)
        answer = asyncio.ensure_future(channel.send(letter))
        if armed("K5"):
            await asyncio.wait({answer}, timeout=K5_SECONDS)
            crash_point("K5")
        try:
            return await answer
        except Exception as error:  # a letter that trips its channel must not stop the others
            log.exception("delivery: channel %s failed on letter %s", row.channel, row.id)
            return Unknown(f"发送渠道内部出错（{type(error).__name__}）")

    async def _record(self, row: OutboxRow, outcome: Outcome) -> None:
        """Records the outcome; those that arrive while a commit is under way share the next."""
        self._unrecorded.append((row, outcome, self._clock.now()))
        async with self._recording:
            batch, self._unrecorded = self._unrecorded, []
            if batch:
                await self._database.write(partial(self._record_all, batch))

    def _record_all(
        self, batch: Sequence[tuple[OutboxRow, Outcome, datetime]], tx: Connection
    ) -> None:
        for row, outcome, at in batch:
            _settle(tx, row, outcome, self._resends(row), at)

    async def _rest(self, now: datetime, due: datetime | None) -> None:
        """Sleeps until woken or until something is due, never long."""
        seconds = IDLE_SECONDS
        if due is not None and due > now:
            seconds = min(seconds, (due - now).total_seconds())
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
