"""The composition root: names every class, wires them, runs the loops.

Loops are named and watched: one that dies stops the service cleanly instead of leaving it half
alive.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

import bot.channels
import bot.payouts
from bot.calendar import Calendar
from bot.channel import Channel, Connections
from bot.clock import Clock
from bot.delivery import Delivery
from bot.dispatch import Dispatcher
from bot.due import Due
from bot.edition import Edition, Shelf
from bot.handin import HandIn, socket_beside
from bot.housekeeping import Housekeeping
from bot.http import Http
from bot.inbox import Inbox
from bot.inviting import came
from bot.letters import Origin
from bot.outward import Worker, keep_at
from bot.pages.every import every_page
from bot.pages.notify import notify_routes
from bot.pages.server import Server
from bot.payer import Payer
from bot.paying import Paying
from bot.relations import Relations
from bot.reload import Reload
from bot.restored import Mark
from bot.roster import Groups, Roster
from bot.runtime import Runtime
from bot.settings import Settings
from bot.summaries import Summaries
from bot.wecom.api import WecomApi
from bot.wecom.callbacks import AibotCallback, AppCallback, Callbacks
from bot.wecom.crypto import Crypto
from bot.wecom.long_connection import LongConnection, Status
from bot.wecom.parse import AibotSource
from bot.weekly import Weekly
from bot.workers import workers
from sop.discovery import find
from sop.effects import Effect
from sop.library import Library
from sop.workdays import Workdays
from storage import inbox as inbox_rows
from storage import outbox, people
from storage.database import Database

if TYPE_CHECKING:
    from bot.wecom.message_archive import MessageSource

STALE_TICK = timedelta(minutes=1)
STALE_LETTER = timedelta(minutes=10)


class App:
    """One running bot."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        workdays: Workdays,
        database: Database,
        clock: Clock,
        *,
        tick_seconds: float = 10.0,
        sending: Callable[[Channel], Channel] = lambda channel: channel,
        groups: Groups | None = None,
        shelf: Shelf | None = None,
        mark: Mark | None = None,
        http: Http | None = None,
        messages: "MessageSource | None" = None,
    ) -> None:
        """`sending` may put itself in front of each channel, `groups` in the place of WeCom's
        own list of members, `http` in that of the client: a rehearsal lets nothing leave the
        process. With `shelf` the library follows its files; with `mark` a restored database is
        known by it. `messages` is the message archive, if not the vendor's library."""
        self.database = database
        self._mark = mark
        self._settings = settings
        self._clock = clock
        self._http = http or _client(settings)
        self._api = self._connect_app()
        self.inbox = Inbox(database, clock)
        self._long_connection = self._connect_aibot()
        connections = Connections(settings, self._api, self._long_connection)
        channels = {name: sending(one(connections)) for name, one in channel_types().items()}
        self._channels: Mapping[str, Channel] = channels
        self._due = self._bound(library, workdays)
        self.delivery = Delivery(database, channels, clock)
        invited = came(lambda: self._due)
        self.roster = Roster(database, groups or self._api, settings, clock, invited, self._tell)
        self._relations = Relations(database, self._api, settings, clock)
        self.calendar = Calendar(
            database, lambda: self._due, clock, tick_seconds=tick_seconds, done=self.delivery.wake
        )
        self.dispatcher = Dispatcher(
            database,
            lambda: self._due,
            clock,
            self.inbox,
            stale=self.roster.stale,
            unsure=self._relations.unsure,
            done=self.delivery.wake,
            timed=self.calendar.wake,
        )
        self._payer = payer_types()[settings.payer](settings, self._http, clock)
        self.paying = self._drive_payer()
        self._weeks = Summaries(database, lambda: self._due, clock)
        self._workers = self._employ(messages, rehearsed=groups is not None)
        self._housekeeping = Housekeeping(database, clock)
        self.server = self._listen()
        self.reload = None if shelf is None else self._reloading(shelf)
        self._handin = self._taking_acts()
        self._speaks = False

    def _bound(self, library: Library, workdays: Workdays) -> Due:
        runtime = Runtime(self._settings, self._channels, library)
        return Due(self._settings, library, workdays, runtime)

    def _reloading(self, shelf: Shelf) -> Reload:
        return Reload(
            shelf,
            self.database,
            self._clock,
            lambda: self._due,
            self._housekeeping.registry,
            on_change=self._on_change,
            done=self.delivery.wake,
        )

    def _taking_acts(self) -> HandIn | None:
        beside = socket_beside(self._settings.database)
        if beside is None:
            return None
        return HandIn(self.database, self._clock, beside, self.delivery.wake)

    @property
    def due(self) -> Due:
        """What runs now, bound to its library."""
        return self._due

    def _on_change(self, edition: Edition) -> None:
        """Another library runs from here on; what is under way keeps the one it began with."""
        self._due = self._bound(edition.library, edition.workdays)
        self.calendar.wake()

    def _connect_app(self) -> WecomApi:
        chosen = self._settings
        app = chosen.app
        return WecomApi(
            self._http, chosen.api, chosen.corp_id, app.agent_id, app.secret, self._clock
        )

    def _connect_aibot(self) -> LongConnection | None:
        aibot = self._settings.aibot
        if aibot is None or aibot.mode != "long_connection":
            return None
        return LongConnection(
            aibot.url,
            AibotSource(aibot.bot_id, aibot.name),
            aibot.secret,
            self.inbox,
            self._clock,
            jitter=lambda: int.from_bytes(self._clock.entropy(4)) / 2**32,
        )

    def _tell(self, tx: Connection, effects: Sequence[Effect], key: str, now: datetime) -> None:
        """What a reading of WeCom has to say."""
        self._due.runtime.apply(tx, effects, Origin(key, now))

    def _employ(self, messages: "MessageSource | None", *, rehearsed: bool) -> Sequence[Worker]:
        """Those who ask WeCom on their own; a rehearsal only has who sends summaries."""
        if rehearsed:
            return [Weekly(self.database, None, lambda: self._due, self._clock, self._weeks)]
        return workers(
            self.database,
            self._api,
            self._http,
            lambda: self._due,
            self._clock,
            inbox=self.inbox,
            messages=messages,
            relations=self._relations,
            weeks=self._weeks,
            tell=self._tell,
            done=self.delivery.wake,
        )

    def _callbacks(self) -> Callbacks:
        app = self._settings.app
        agent = str(app.agent_id)
        apps = {agent: AppCallback(agent, Crypto(app.token, app.aes_key, self._settings.corp_id))}
        aibots = {}
        aibot = self._settings.aibot
        if aibot is not None and aibot.mode == "callback":
            crypto = Crypto(aibot.token, aibot.aes_key, "")
            aibots[aibot.bot_id] = AibotCallback(aibot.bot_id, aibot.name, crypto)
        return Callbacks(apps, aibots, self.inbox, self._clock)

    def _drive_payer(self) -> Paying:
        return Paying(
            self.database,
            self._payer,
            self._clock,
            lambda: self._due,
            mark=self._mark,
            done=self.delivery.wake,
        )

    def _listen(self) -> Server:
        chosen = self._settings
        routes = [
            *self._callbacks().routes(),
            *every_page(
                chosen,
                self.database,
                lambda: self._due,
                self._clock,
                self._api,
                self._housekeeping.registry,
                weeks=self._weeks,
                stale=self.roster.stale,
                done=self.delivery.wake,
                timed=self.calendar.wake,
            ),
            *notify_routes(self._payer, self.paying.notified),
        ]
        return Server(routes, self.problems, self._housekeeping.metrics, chosen.host, chosen.port)

    async def start(self) -> None:
        """Makes the communities known and listens; loops are started by `run`."""
        await self.introduce()
        await self.server.start()
        if self._handin is not None:
            await self._handin.start()

    async def introduce(self) -> None:
        """Makes the communities known."""
        rows = [
            people.CommunityRow(
                id=one.id,
                name=one.name,
                chat_id=one.chat_id,
                owner=one.owner,
                mode=one.mode.value,
                labels=sorted(one.labels),
                zone=one.zone.key,
            )
            for one in self._settings.communities
        ]
        now = self._clock.now()
        await self.database.write(lambda tx: people.sync_communities(tx, rows, now))

    async def run(self) -> None:
        """Runs every loop until cancelled or until one dies."""
        try:
            async with asyncio.TaskGroup() as loops:
                for name, loop in (
                    ("dispatcher", self.dispatcher.run()),
                    ("calendar", self.calendar.run()),
                    ("outward", self._outward()),
                    ("housekeeping", self._housekeeping.run()),
                ):
                    loops.create_task(loop, name=name)
                if self.reload is not None:
                    loops.create_task(self.reload.run(), name="reload")
        finally:
            await self.close()

    async def _outward(self) -> None:
        """What speaks to the outside is done by one process only; the others wait to take over.
        Two would kick each other off the long connection, and share no rate limits."""
        async with self.database.alone("outward"), asyncio.TaskGroup() as loops:
            self._speaks = True
            loops.create_task(self.delivery.run(), name="delivery")
            loops.create_task(self.roster.run(), name="roster")
            loops.create_task(self.paying.run(), name="paying")
            for worker in self._workers:
                loops.create_task(keep_at(worker), name=worker.name)
            if self._long_connection is not None:
                loops.create_task(self._long_connection.run(), name="aibot")

    async def close(self) -> None:
        """Stops listening, closes connections, finishes the database's writes."""
        await self.server.close()
        if self._handin is not None:
            await self._handin.close()
        if self._long_connection is not None:
            await self._long_connection.close()
        await self._http.close()
        await self.database.close()

    async def settle(self) -> None:
        """Does everything due at this instant, to the end: for the movable clock and tests."""
        while True:
            done = await self.roster.step()
            done += await self.dispatcher.step()
            done += await self.calendar.tick()
            done += await self.paying.step()
            for worker in self._workers:
                done += await worker.step()
            await self.delivery.settle()
            if not done and not await self.inbox_waits():
                return

    async def next_due(self) -> datetime | None:
        """The next instant at which anything is due."""
        dues = [
            await self.calendar.next_due(),
            await self.delivery.next_due(),
            self.roster.next_due(),
            await self.paying.next_due(),
            *[await worker.next_due() for worker in self._workers],
        ]
        return min((one for one in dues if one is not None), default=None)

    async def inbox_waits(self) -> bool:
        """Whether events have arrived that nobody has handled yet."""
        count, _ = await self.database.read(inbox_rows.backlog)
        return count > 0

    async def problems(self) -> Sequence[str]:
        """What keeps the bot from doing its work, in Chinese."""
        now = self._clock.now()
        found = []
        tick = self.calendar.last_tick
        if tick is None or now - tick > STALE_TICK:
            found.append("日程超过 1 分钟没有走动")
        oldest = await self.database.read(outbox.next_due)
        if oldest is not None and now - oldest > STALE_LETTER:
            found.append("发件箱里有消息超过 10 分钟没有发出，请看 qunyun outbox list")
        connection = self._long_connection if self._speaks else None
        if connection is not None and connection.status is not Status.UP:
            found.append("智能机器人的长连接没有连上")
        return found


def _client(settings: Settings) -> Http:
    bases = [settings.api, *([settings.payout_url] if settings.payout_url else [])]
    bases += [settings.gate.url] if settings.gate else []
    merchant = settings.merchant
    return Http(bases, tls=None if merchant is None else merchant.tls())


def channel_types() -> dict[str, type[Channel]]:
    """Every channel, by scanning `bot.channels`."""
    return find(bot.channels, "CHANNEL", lambda one: str(one.name))


def payer_types() -> dict[str, type[Payer]]:
    """Every payer, by scanning `bot.payouts`."""
    return find(bot.payouts, "PAYER", lambda one: str(one.name))
