"""`/go/{token}`: a tracked link (跟踪链接) leads on to where its row says, and nowhere else.

What stands in the address is a name without meaning: no address, no person. Counting never stands
in the way: where the click cannot be written down, it is lost, and the visitor is sent on.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import Connection

from bot.clock import Clock
from bot.due import Due
from bot.letters import Origin
from bot.pages.door import SESSION
from bot.pages.keys import Keys
from bot.pages.opened import AGAIN, COLLEAGUE, NO_COOKIE, STAFF, in_wecom, no_person
from bot.pages.shape import see, shipped_shape
from bot.pages.throttle import Rate, Throttle, whence
from bot.pages.trouble import Trouble
from bot.settings import PageSettings
from sop.address import is_safe
from sop.community import DeliveryMode
from sop.effects import OpenLink
from storage import links
from storage.database import Database
from storage.links import LinkRow

log = logging.getLogger(__name__)

COOKIE = "qunyun_go"
ASKED_BACK = "c"
"""The query of the second try, after a cookie was set."""
REPEAT = timedelta(minutes=1)
KNOCKS = Rate(1200, timedelta(minutes=1))
"""From one address: a whole office may share one."""
PATIENCE = 1.0
"""Seconds that a visitor waits for a click to be written down."""
LONGEST_TOKEN = 64
MOST_KNOWN = 10_000

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Go:
    """Sends visitors on and writes down that they came."""

    def __init__(
        self,
        page: PageSettings,
        database: Database,
        due: Callable[[], Due],
        clock: Clock,
        registry: CollectorRegistry,
    ) -> None:
        self._page = page
        self._database = database
        self._due = due
        self._clock = clock
        self._shape = shipped_shape()
        self._keys = Keys(page.secret)
        self._knocks = Throttle(KNOCKS)
        self._recent = Throttle(Rate(1, REPEAT))
        self._known: OrderedDict[str, LinkRow] = OrderedDict()
        self._writing: set[asyncio.Task[bool]] = set()
        self._clicks = Counter(
            "qunyun_link_clicks", "Opened links by outcome", ["outcome"], registry=registry
        )

    def routes(self) -> list[web.RouteDef]:
        """What the server serves."""
        return [
            web.get("/go/{token}", self._friendly(self._follow)),
            web.get("/go/{rest:.*}", self._friendly(_nowhere)),
            web.get("/m/go/{token}", self._friendly(self._follow_as_visitor), allow_head=False),
        ]

    async def _follow(self, request: web.Request) -> web.Response:
        """From a chat: whose link it is says who it was."""
        now = self._clock.now()
        link = await self._link(request.match_info["token"], now)
        why = no_person(request.method, request.headers)
        browser = request.cookies.get(COOKIE, "")
        if not why and not browser:
            if ASKED_BACK not in request.query:
                return self._asking_back(link)
            why = NO_COOKIE
        if not why and self._is_colleague(link, request):
            why = COLLEAGUE
        if not why and link.member is None:
            why = self._repeated(link, browser, now)
        await self._keep(link, link.member, why, now)
        return _on_to(link.url)

    async def _follow_as_visitor(self, request: web.Request) -> web.Response:
        """From the member page: the session says who it was."""
        now = self._clock.now()
        link = await self._link(request.match_info["token"], now)
        visitor = self._keys.visitor(request.cookies.get(SESSION, ""), now)
        if visitor is None or visitor.community != link.community:
            return _on_to(f"/go/{link.token}")
        if visitor.is_staff:
            await self._keep(link, None, STAFF, now)
        else:
            why = no_person(request.method, request.headers)
            why = why or self._repeated(link, visitor.person, now)
            await self._keep(link, visitor.person, why, now)
        return _on_to(link.url)

    async def _link(self, token: str, now: datetime) -> LinkRow:
        """Raises Trouble for what was never given out, and for what is over."""
        link = self._known.get(token)
        if link is None:
            if len(token) > LONGEST_TOKEN or not token.isascii():
                raise unknown()
            link = await self._read(token)
        if link is None or not is_safe(link.url):
            raise unknown()
        self._known[token] = link
        self._known.move_to_end(token)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        if now >= link.expires_at:
            raise over()
        return link

    async def _read(self, token: str) -> LinkRow | None:
        try:
            return await self._database.read(lambda tx: links.get(tx, token))
        except Exception as error:
            log.exception("link not read", extra={"action": "link_failed"})
            text = "请过一会儿再点一次，链接还在。"
            raise Trouble(503, "暂时打不开", text) from error

    def _asking_back(self, link: LinkRow) -> web.Response:
        """The same address again, to see whether the cookie comes back. It lasts as long as the
        browser is open, and says nothing about anybody."""
        response = _on_to(f"/go/{link.token}?{ASKED_BACK}=1")
        secure = self._page.public.startswith("https:")
        chance = self._clock.entropy(8).hex()
        response.set_cookie(
            COOKIE, chance, path="/go", httponly=True, samesite="Lax", secure=secure
        )
        return response

    def _is_colleague(self, link: LinkRow, request: web.Request) -> bool:
        """A customers' link, opened in WeCom: its RM, before passing it on. Customers have
        WeChat."""
        if not in_wecom(request.headers):
            return False
        here = [one for one in self._due().settings.communities if one.id == link.community]
        return any(one.mode is DeliveryMode.ASSIST for one in here)

    def _repeated(self, link: LinkRow, who: str, now: datetime) -> str:
        return "" if self._recent.lets_in(f"{link.token}/{who[:128]}", now) else AGAIN

    async def _keep(self, link: LinkRow, member: str | None, why: str, now: datetime) -> None:
        """Writes the click down; waits for the commit, but not for long."""
        due = self._due()
        if all(one.id != link.community for one in due.settings.communities):
            return
        clicked = OpenLink(link.token, link.community, member, why)
        origin = Origin(f"go/{link.token}/{now.isoformat()}", now)

        def work(tx: Connection) -> bool:
            repeated = not why and link.member is not None
            repeated = repeated and links.counted_since(tx, link.token, now - REPEAT)
            effect = replace(clicked, why_not=AGAIN) if repeated else clicked
            due.runtime.apply(tx, [effect], origin)
            return not effect.why_not

        writing = asyncio.ensure_future(self._database.write(work))
        self._writing.add(writing)
        writing.add_done_callback(self._kept)
        await asyncio.wait({writing}, timeout=PATIENCE)

    def _kept(self, writing: "asyncio.Future[bool]") -> None:
        self._writing.discard(writing)
        error = None if writing.cancelled() else writing.exception()
        if writing.cancelled() or error is not None:
            self._clicks.labels("lost").inc()
            told = type(error).__name__
            log.error("click lost", extra={"action": "click_lost", "error": told})
        else:
            self._clicks.labels("counted" if writing.result() else "not_counted").inc()

    def _friendly(self, handler: Handler) -> Handler:
        """Whatever is wrong, a person reads what to do."""

        async def handle(request: web.Request) -> web.Response:
            address = whence(
                request.remote or "",
                request.headers.getall("X-Forwarded-For", []),
                self._page.proxies,
            )
            try:
                if not self._knocks.lets_in(address, self._clock.now()):
                    raise Trouble(429, "点得太快了", "请歇一分钟再点，链接还在。")
                return await handler(request)
            except Trouble as trouble:
                values = {"trouble": trouble, "way": None, "company": self._due().settings.company}
                return self._shape.page("trouble.html", values, trouble.status)

        return handle


def go_routes(
    page: PageSettings | None,
    database: Database,
    due: Callable[[], Due],
    clock: Clock,
    registry: CollectorRegistry,
) -> list[web.RouteDef]:
    """Where tracked links lead; nothing where nothing is reachable from outside. They come before
    the member page's own, which take everything below `/m/`."""
    return [] if page is None else Go(page, database, due, clock, registry).routes()


def unknown() -> Trouble:
    """No such link was ever given out."""
    text = "链接可能没有复制完整，请回到消息里直接点开它。"
    return Trouble(404, "没有这个链接", text)


def over() -> Trouble:
    """It was good for 90 days."""
    text = "链接在 90 天内有效。想看里面的内容，请问问您的客户经理。"
    return Trouble(410, "这个链接过期了", text)


async def _nowhere(request: web.Request) -> web.Response:
    raise unknown()


def _on_to(address: str) -> web.Response:
    response = see(address, status=302)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
