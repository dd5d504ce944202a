"""Puts the sandbox together and serves it."""

import ipaddress
import ssl
from pathlib import Path

from aiohttp import web

from bot.sandbox.actions import Actions
from bot.sandbox.aibot import Aibot
from bot.sandbox.aibot_answers import AibotAnswers
from bot.sandbox.app_events import AppEvents
from bot.sandbox.app_messages import AppMessages
from bot.sandbox.callbacks import CallbackEndpoint, Timing, Tools
from bot.sandbox.clockwork import Clockwork, SandboxClock
from bot.sandbox.contact_ways import ContactWays
from bot.sandbox.contacts import Contacts
from bot.sandbox.control import Control
from bot.sandbox.envelopes import json_envelope, xml_envelope
from bot.sandbox.errors import Json, ok
from bot.sandbox.faults import Faults
from bot.sandbox.gate import Area, Call, Gate, Route
from bot.sandbox.gate_platform import GatePlatform
from bot.sandbox.group_actions import GroupActions
from bot.sandbox.groups import Groups
from bot.sandbox.guard import guard, harden
from bot.sandbox.ids import Ids
from bot.sandbox.join_ways import JoinWays
from bot.sandbox.long_connection import LongConnections
from bot.sandbox.mass_api import MassSendApi
from bot.sandbox.mass_send import MassSends
from bot.sandbox.media import Media
from bot.sandbox.message_archive import MessageArchive
from bot.sandbox.oauth import OAuth
from bot.sandbox.openid import Openids
from bot.sandbox.overview import Overview
from bot.sandbox.payer import Payer
from bot.sandbox.redpacket import Redpackets
from bot.sandbox.seed import Seed
from bot.sandbox.stream import Stream
from bot.sandbox.tags import Tags
from bot.sandbox.timeline import Timeline
from bot.sandbox.tokens import Tokens
from bot.sandbox.transfer import Transfers
from bot.sandbox.webhook import Webhook
from bot.sandbox.welcome_templates import WelcomeTemplates
from bot.sandbox.wirelog import WireLog
from bot.sandbox.world import World

STATIC = Path(__file__).parent / "static"
BODY_LIMIT = 32 * 1024 * 1024


class Sandbox:
    """A local WeCom with a chat page and a paying platform, in memory.

    Every part is an attribute, for tests and the demo. `salt` goes into every id; pass a fresh
    one when the bot keeps its database over restarts of the sandbox.
    """

    _runner: web.AppRunner | None = None

    def __init__(
        self, clock: SandboxClock, seed: Seed, *, salt: str = "", timing: Timing | None = None
    ) -> None:
        timing = timing or Timing()
        self.clock, self.seed = clock, seed
        self.faults, self.log = Faults(), WireLog()
        ids = Ids(salt)
        tools = Tools(clock, ids, self.faults, self.log, timing)
        self.world = World(seed, clock.now(), ids)
        self.stream = Stream(self._snapshot)
        self.messages = Timeline(self.stream.publish)
        app, aibot = seed.app, seed.aibot
        self.app_endpoint, self.aibot_endpoint = _endpoints(seed, tools)
        self.tokens = Tokens(seed, clock, self.faults, ids)
        self.media = Media(clock, ids)
        self.webhook = Webhook(self.world, self.messages, self.media, clock)
        self.app_messages = AppMessages(
            app,
            self.world,
            self.messages,
            self.media,
            clock,
            ids,
            lambda: self.app_endpoint.configured,
        )
        self.contacts = Contacts(self.world, self.messages, clock, ids)
        self.mass_sends = MassSends(
            self.world, self.messages, clock, ids, self.stream.publish_state
        )
        self.events = AppEvents(
            seed, self.app_endpoint, self.app_messages, self.messages, clock, ids
        )
        self.group_actions = GroupActions(self.world, self.events, self.contacts, clock)
        self.archive = MessageArchive(self.world, self.messages, self.events, clock, ids)
        self.oauth = OAuth(seed, self.world, clock, ids)
        answers = AibotAnswers(aibot.name, self.messages, clock)
        self.aibot = Aibot(aibot, self.aibot_endpoint, answers, clock, ids, timing.poll_seconds)
        self.long_connections = LongConnections(
            self.aibot, self.world, clock, ids, self.faults, self.log
        )
        self.openids = Openids(seed.corp.id, self.world)
        self.payer, self.redpacket, self.transfer = self._services(tools)
        self.actions = Actions(
            self.world,
            self.messages,
            self.events,
            self.aibot,
            self.contacts,
            self.mass_sends,
            clock,
            self.stream,
        )
        self.join_ways, self.contact_ways, self.gate_platform = self._newcomers(tools)
        self.welcome_templates = WelcomeTemplates(ids)
        self.clockwork = Clockwork(clock, self.stream.publish, self.settle)
        self.overview = Overview(
            seed, self.world, self.messages, self.mass_sends, self.clockwork, self._counters
        )
        self._gate = Gate(clock, self.faults, self.log, ids)
        self.app = self._build()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:port` once started."""
        return self.aibot.base_url

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> int:
        """Listens on a loopback address; port 0 takes a free one. Returns the port."""
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError("the sandbox listens on loopback addresses only")
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        taken: int = self._runner.addresses[-1][1]
        self.aibot.base_url = self.join_ways.base_url = f"http://{host}:{taken}"
        self.contact_ways.base_url = self.aibot.base_url
        return taken

    async def listen_tls(self, port: int, context: ssl.SSLContext) -> int:
        """Serves the same over TLS beside the plain port, for clients that insist on `wss:`."""
        if self._runner is None:
            raise RuntimeError("start() comes first")
        await web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=context).start()
        taken: int = self._runner.addresses[-1][1]
        return taken

    async def settle(self) -> None:
        """Returns when no callback is on its way."""
        await self.app_endpoint.settle()
        await self.aibot_endpoint.settle()
        if self.transfer is not None:
            await self.transfer.settle()

    async def close(self) -> None:
        """Stops serving and ends everything on its way."""
        self._gate.close()
        self.gate_platform.close()
        self.stream.close()
        await self.long_connections.close()
        await self.app_endpoint.close()
        await self.aibot_endpoint.close()
        if self.transfer is not None:
            await self.transfer.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _build(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[guard])
        app.on_response_prepare.append(harden)
        areas: list[Area] = [
            self.tokens,
            self.media,
            self.webhook,
            self.app_messages,
            self.contacts,
            self.openids,
            Groups(self.world, self.clock, self.faults),
            self.join_ways,
            self.contact_ways,
            self.welcome_templates,
            self.archive,
            Tags(self.world, self.clock, self.faults),
            MassSendApi(self.world, self.media, self.clock, self.mass_sends),
            self.oauth,
            self.aibot,
        ]
        for area in areas:
            self._gate.add(app, area.routes(), self.tokens)
        self._gate.add(app, _address_routes(), self.tokens)
        app.router.add_get("/aibot/ws", self.long_connections.serve)
        for purse in self._purses():
            purse.add_routes(app)
        self.oauth.add_routes(app)
        self.join_ways.add_routes(app)
        self.contact_ways.add_routes(app)
        self.gate_platform.add_routes(app)
        Control(
            self.actions,
            self.clockwork,
            self.messages,
            self.faults,
            self.log,
            self.stream,
            self.join_ways,
            self.contact_ways,
            self.gate_platform,
            self._state,
        ).add_routes(app)
        app.router.add_get("/", _index)
        app.router.add_static("/static", STATIC)
        return app

    def _services(self, tools: Tools) -> tuple[Payer, Redpackets | None, Transfers | None]:
        """Everything that pays."""
        merchant, corp = self.seed.merchant, self.seed.corp.id
        payer = Payer(self.seed.payer_secret, tools.clock, tools.faults, tools.log)
        if merchant is None:
            return payer, None, None
        redpackets = Redpackets(merchant, corp, self.openids, tools.clock, tools.faults, tools.log)
        return payer, redpackets, Transfers(merchant, corp, self.openids, tools)

    def _newcomers(self, tools: Tools) -> tuple[JoinWays, ContactWays, GatePlatform]:
        """How customers come, and what the bank says of them."""
        world, ids, secret = self.world, tools.ids, self.seed.payer_secret
        return (
            JoinWays(world, ids, self.actions),
            ContactWays(world, ids, self.actions),
            GatePlatform(secret, world, tools.clock, tools.faults, tools.log),
        )

    def _purses(self) -> list[Payer | Redpackets | Transfers]:
        """Every service that pays."""
        three = (self.payer, self.redpacket, self.transfer)
        return [purse for purse in three if purse is not None]

    async def _state(self) -> Json:
        await self.clock.look_ahead()
        return self._snapshot()

    def _snapshot(self) -> Json:
        return self.overview.describe()

    def _counters(self) -> Json:
        return {
            "app_callbacks": self.app_endpoint.describe(),
            "aibot_callbacks": self.aibot_endpoint.describe(),
            "aibot_unheard": self.aibot.unheard,
            "long_connection": self.long_connections.live,
            "kicked": self.long_connections.kicked,
            "tokens_issued": self.tokens.issued,
            "webhook_sent": self.webhook.sent,
            "app_sent": self.app_messages.sent,
            "app_dropped_silently": self.app_messages.dropped_silently,
            "app_suppressed_duplicates": self.app_messages.suppressed_duplicates,
            "aibot_sent": self.aibot.answers.sent,
            "payouts": sum(len(purse.orders) for purse in self._purses()),
            "paid_fen": sum(purse.paid_fen for purse in self._purses()),
        }


def _endpoints(seed: Seed, tools: Tools) -> tuple[CallbackEndpoint, CallbackEndpoint]:
    """Where the application and the intelligent bot are called back."""
    app, aibot, corp = seed.app, seed.aibot, seed.corp.id
    envelope = xml_envelope(corp, app.agent_id)
    keys = (app.token, app.aes_key, corp)
    return (
        CallbackEndpoint(app.callback_url, keys, envelope, tools),
        CallbackEndpoint(
            aibot.callback_url, (aibot.token, aibot.aes_key, ""), json_envelope(), tools
        ),
    )


def _address_routes() -> list[Route]:
    """Tencent's own addresses, pulled daily in the field; here there is one (0.5)."""

    def addresses(call: Call) -> Json:
        return ok(ip_list=["127.0.0.1"])

    return [
        Route("GET", "/cgi-bin/getcallbackip", addresses),
        Route("GET", "/cgi-bin/get_api_domain_ip", addresses),
    ]


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-store"})
