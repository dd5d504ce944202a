"""Every page that people open: tracked links, the summary's pages, the member page."""

from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.clock import Clock
from bot.due import Due
from bot.pages.desk import Desk
from bot.pages.go import go_routes
from bot.pages.member import MemberPage
from bot.pages.summary import SummaryPages
from bot.settings import Settings
from bot.summaries import Summaries
from bot.wecom.api import WecomApi
from storage.database import Database


def every_page(
    settings: Settings,
    database: Database,
    due: Callable[[], Due],
    clock: Clock,
    api: WecomApi,
    registry: CollectorRegistry,
    *,
    weeks: Summaries,
    stale: Callable[[str], None],
    done: Callable[[], None],
    timed: Callable[[], None],
) -> list[web.RouteDef]:
    """Their routes; none where nothing is reachable from outside. `stale` asks for a chat's members
    to be read again, `done` wakes who delivers, `timed` who keeps the alarms. Tracked links come
    before the member page's own, which take everything below `/m/`."""
    page = settings.page
    if page is None:
        return []
    desk = Desk(database, due, clock, done=done, timed=timed)
    return [
        *go_routes(page, database, due, clock, registry),
        *SummaryPages(page, database, due, clock, api, weeks).routes(),
        *MemberPage(settings, page, api, desk, stale).routes(),
    ]
