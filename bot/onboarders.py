"""The workers of onboarding, wired together."""

from collections.abc import Callable

from bot.clock import Clock
from bot.due import Due
from bot.gate import Gate
from bot.gatekeeping import Gatekeeping
from bot.http import Http
from bot.outward import Worker
from bot.ways import Ways
from bot.wecom.api import WecomApi
from bot.wecom.channel_ways import ChannelWays
from bot.welcoming import Welcoming
from storage.database import Database


def onboarders(
    database: Database,
    api: WecomApi,
    http: Http,
    due: Callable[[], Due],
    clock: Clock,
    *,
    done: Callable[[], None],
) -> list[Worker]:
    """Who greets, who asks the gate (where there is one), who makes QR codes."""
    chosen = due().settings
    gate = None if chosen.gate is None else Gate(chosen.gate, http, clock)
    found: list[Worker] = [
        Welcoming(database, api, gate, due, clock, done),
        Ways(database, ChannelWays(api, chosen.app.agent_id), due, clock, done),
    ]
    if gate is not None:
        found.append(Gatekeeping(database, gate, due, clock, done))
    return found
