"""Runs a rehearsal: the real bot on a virtual clock, over a database that is thrown away.

Nothing is left out of the way that an event and a message take (inbox, dispatcher, engine, games,
runtime, outbox, delivery with its limits and quiet hours, calendar), and nothing leaves the
process: channels are recorders, rosters come from the simulated world, the payer is `manual` or,
with a flow of people, a platform inside the process that really pays.
"""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.app import App
from bot.calendar import MATURE_EVERY
from bot.channel import Channel
from bot.clock import MovableClock, Participant
from bot.http import Http
from bot.rehearsal.clicks import Clicks, given
from bot.rehearsal.flow import Flow
from bot.rehearsal.host import Host
from bot.rehearsal.occasion import open_calls
from bot.rehearsal.people import Span
from bot.rehearsal.platform import Platform
from bot.rehearsal.recorder import recording
from bot.rehearsal.world import World
from bot.settings import Settings
from sop.community import Community
from sop.library import Library
from sop.seeds import derive
from sop.word import everywhere
from sop.words import all_words
from sop.workdays import Workdays
from storage import games, outbox, payout_rows
from storage.database import Database
from storage.sqlite_inline import InlineDatabase

LONGEST_WAIT = timedelta(days=3)
"""After its day: a colleague approves in the morning, and the platform pays at once."""
UNDER_WAY = ("held", "due", "approved", "submitted", "unknown")
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
    flow: Flow | None = None
    """People who join; then payouts are followed to their end."""
    aside: frozenset[str] = frozenset()
    """Communities that are only counted: copies, which a flow needs to have room."""

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
    ended_at: datetime
    """The script's end, or later where payouts were followed to theirs."""


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
    chosen = script.settings
    world = World(
        chosen,
        script.span,
        script.key,
        script.members,
        script.host,
        script.flow,
        {one.id: _words(script.library, one) for one in chosen.communities},
    )
    clock = MovableClock(script.span.start, seed=script.key)
    world.read_clock(clock.now)
    with _Quiet() as errors:
        database = InlineDatabase(folder / "rehearsal.db")
        open_app = _opener(script, world, database, clock)
        app = open_app(script.library)
        await app.introduce()
        await database.write(prepare)
        awaits = any(plan.after_join for plan in script.library.plans.values())
        run = _Run(app, world, clock, progress, awaits)
        clock.join(Participant(run.next_due, run.settle))
        await clock.advance_to(script.span.end)
        if script.flow is not None:
            run.goes_on_with(open_app(replace(script.library, plans={})))
            await _until_paid(database, clock, run)
    return Performance(world, database, tuple(errors.found), clock.now())


def _words(library: Library, community: Community) -> list[str]:
    """What may be said here and not everywhere; what takes something is given the first of it."""
    return [
        f"{one.name} 1" if one.takes else one.name
        for _, one in sorted(all_words().items())
        if one.offered is not everywhere and one.offered(library, community)
    ]


def _opener(
    script: Script, world: World, database: Database, clock: MovableClock
) -> Callable[[Library], App]:
    """Makes the bot with a library; all of them share everything else."""

    def sending(channel: Channel) -> Channel:
        return recording(channel, partial(world.read, channel.name))

    # Nobody is there to confirm a group-send task: every RM is handed the script.
    places = tuple(replace(one, tasks=False) for one in script.settings.communities)
    chosen = replace(script.settings, payer="manual", communities=places, digest=None, preview=None)
    http: Http | None = None
    if script.flow is not None:
        platform = "http://127.0.0.1:9"
        chosen = replace(chosen, payer="marketing_platform", payout_url=platform)
        http = Platform(platform, clock.now, chosen.zone)

    def open_app(library: Library) -> App:
        return App(
            chosen,
            library,
            script.workdays,
            database,
            clock,
            sending=sending,
            groups=world,
            http=http,
        )

    return open_app


async def _until_paid(database: Database, clock: MovableClock, run: "_Run") -> None:
    """The plans are over; days pass until everything is paid that nobody has to look at first.
    A service looks every few seconds what has matured, here it does every hour."""
    while (last := await database.read(_payable_until)) is not None:
        if clock.now().date() > last + LONGEST_WAIT:
            return
        run.look()
        await clock.advance(MATURE_EVERY)


def _payable_until(tx: Connection) -> date | None:
    """The last payable day of the money that is still on its way; None: none is."""
    return max(
        (
            row.payable_on
            for status in UNDER_WAY
            for row in payout_rows.listing(tx, status)
            if row.kind == "cash" and not row.flags
        ),
        default=None,
    )


class _Run:
    """Bot and world taking turns on one clock.

    Most instants have nothing in them but members' words. Then only what such words can set going
    is done: roster, dispatcher and delivery. Everything else is asked when its time has come, or
    when a button was pressed; members look around when their group has read something.
    """

    def __init__(
        self,
        app: App,
        world: World,
        clock: MovableClock,
        progress: Callable[[datetime], None],
        awaits_newcomers: bool,
    ) -> None:
        """`awaits_newcomers`: plans go by who joined, so the calendar is asked after each join."""
        self._awaits_newcomers = awaits_newcomers
        self._app = app
        self._world = world
        self._clock = clock
        self._progress = progress
        self._calendar_due: datetime | None = clock.now()
        self._soon: datetime | None = None
        self._clicks = Clicks()

    def goes_on_with(self, app: App) -> None:
        """From now on this bot runs, over the same database."""
        self._app = app

    def look(self) -> None:
        """The next time that the clock stops, everything is asked what it has to do."""
        self._calendar_due = self._clock.now()

    async def next_due(self) -> datetime | None:
        """The next instant at which either has something to do."""
        dues = (
            self._calendar_due,
            self._soon,
            self._app.roster.next_due(),
            self._world.next_at(),
            self._clicks.next_at(),
        )
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
            self._calendar_due = await self._next_alarm()
        elif happened.events or (roster_due is not None and roster_due <= now):
            await self._app.roster.step()
            await self._work_off(happened.events)
            while await self._app.delivery.step(now):
                pass
            if happened.came_or_left and self._awaits_newcomers:
                self._calendar_due = await self._next_alarm()
        self._soon = await self._app.database.read(_soon)
        await self._follow_links(now)
        readers = self._world.has_read()
        if readers:
            heard = partial(open_calls, communities=readers, now=now)
            self._world.hear(readers, await self._app.database.read(heard))

    async def _follow_links(self, now: datetime) -> None:
        """Members open what they have read before, and find what they will open next."""
        opens_at = self._clicks.next_at()
        if opens_at is not None and opens_at <= now:
            due = self._app.due
            await self._app.database.write(lambda tx: self._clicks.open(tx, due, now))
        if leading := self._world.leading():
            for link, at in await self._app.database.read(lambda tx: given(tx, leading)):
                self._clicks.read(link, self._world.present(link.community, at), at)

    async def _next_alarm(self) -> datetime | None:
        """When the calendar or the payer has something to do."""
        dues = (await self._app.calendar.next_due(), await self._app.paying.next_due())
        return min((one for one in dues if one is not None), default=None)

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
