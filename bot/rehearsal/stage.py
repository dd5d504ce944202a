"""Runs a rehearsal: the real bot on a virtual clock, over a database that is thrown away.

Nothing is left out of the way that an event and a message take (inbox, dispatcher, engine, games,
runtime, outbox, delivery with its limits and quiet hours, calendar), and nothing leaves the
process: channels are recorders, rosters come from the simulated world, the payer is `manual`.
"""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.app import App
from bot.channel import Channel
from bot.clock import MovableClock, Participant
from bot.rehearsal.host import Host
from bot.rehearsal.occasion import open_calls
from bot.rehearsal.people import Span
from bot.rehearsal.recorder import recording
from bot.rehearsal.world import World
from bot.settings import Settings
from sop.library import Library
from sop.seeds import derive
from sop.workdays import Workdays
from storage import games, outbox
from storage.database import Database, open_database

IN_MEMORY = Path("/dev/shm")  # noqa: S108
"""Where Linux keeps files in memory: a rehearsal's database needs to survive nothing."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is rehearsed, with whom, when."""

    settings: Settings
    library: Library
    workdays: Workdays
    span: Span
    members: int
    seed: int
    host: Host

    @property
    def key(self) -> bytes:
        """The seed as bytes: everything by chance comes from it."""
        return derive(b"qunyun/rehearsal/1", str(self.seed))


@dataclass(frozen=True, slots=True)
class Performance:
    """What came of it."""

    world: World
    database: Database
    """Open, and gone when the rehearsal's block ends."""
    errors: tuple[str, ...]
    """What the program itself complained of."""


class _Errors(logging.Handler):
    """Keeps what is logged as an error; everything else is swallowed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        self.found.append(f"{text}（{type(error).__name__}：{error}）" if error else text)


class _Quiet:
    """While it lasts, the log is ours: errors are findings, the rest is noise."""

    def __init__(self) -> None:
        self._errors = _Errors()

    def __enter__(self) -> _Errors:
        root = logging.getLogger()
        self._before = (root.level, list(root.handlers))
        root.handlers = [self._errors]
        root.setLevel(logging.ERROR)
        return self._errors

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.level, root.handlers = self._before


async def perform(
    script: Script,
    folder: Path,
    progress: Callable[[datetime], None] = lambda now: None,
    prepare: Callable[[Connection], None] = lambda tx: None,
) -> Performance:
    """Runs everything due from the start to the end. `folder` takes the database; `progress`
    hears how far the virtual clock has come; `prepare` writes what is known before the start.
    Close the performance's database afterwards."""
    world = World(script.settings, script.span, script.key, script.members, script.host)
    clock = MovableClock(script.span.start, seed=script.key)
    world.read_clock(clock.now)

    def sending(channel: Channel) -> Channel:
        return recording(channel, partial(world.read, channel.name))

    with _Quiet() as errors:
        database = await open_database(f"sqlite:///{folder / 'rehearsal.db'}")
        app = App(
            replace(script.settings, payer="manual"),
            script.library,
            script.workdays,
            database,
            clock,
            sending=sending,
            groups=world,
        )
        await app.introduce()
        await database.write(prepare)
        run = _Run(app, world, clock, progress)
        clock.join(Participant(run.next_due, run.settle))
        await clock.advance_to(script.span.end)
    return Performance(world, database, tuple(errors.found))


class _Run:
    """Bot and world taking turns on one clock.

    Most instants have nothing in them but members' words. Then only what such words can set going
    is done: roster, dispatcher and delivery. Everything else is asked when its time has come, or
    when a button was pressed; members look around when their group has read something.
    """

    def __init__(
        self, app: App, world: World, clock: MovableClock, progress: Callable[[datetime], None]
    ) -> None:
        self._app = app
        self._world = world
        self._clock = clock
        self._progress = progress
        self._calendar_due: datetime | None = clock.now()
        self._soon: datetime | None = None

    async def next_due(self) -> datetime | None:
        """The next instant at which either has something to do."""
        dues = (self._calendar_due, self._soon, self._app.roster.next_due(), self._world.next_at())
        return min((one for one in dues if one is not None), default=None)

    async def settle(self) -> None:
        """Lets both do everything that is due now."""
        now = self._clock.now()
        self._progress(now)
        happened = await self._world.act(self._app.inbox)
        roster_due = self._app.roster.next_due()
        dues = (self._calendar_due, self._soon)
        if happened.pressed or any(due is not None and due <= now for due in dues):
            await self._app.settle()
            self._calendar_due = await self._app.calendar.next_due()
        elif happened.events or (roster_due is not None and roster_due <= now):
            await self._app.roster.step()
            await self._work_off(happened.events)
            while await self._app.delivery.step(now):
                pass
            if happened.came_or_left:
                self._calendar_due = await self._app.calendar.next_due()
        self._soon = await self._app.database.read(_soon)
        if self._world.has_read():
            heard = partial(open_calls, communities=self._world.communities, now=now)
            self._world.hear(await self._app.database.read(heard))

    async def _work_off(self, events: int) -> None:
        while events > 0 and (handled := await self._app.dispatcher.step()):
            events -= handled


def _soon(tx: Connection) -> datetime | None:
    """When a game or a letter is due next."""
    dues = (games.next_due(tx), outbox.next_due(tx))
    return min((one for one in dues if one is not None), default=None)


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for the database of a rehearsal, in memory where there is such a place."""
    place = IN_MEMORY if IN_MEMORY.is_dir() else None
    return tempfile.TemporaryDirectory(prefix="qunyun-rehearse-", dir=place)
