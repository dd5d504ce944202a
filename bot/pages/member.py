"""The member page `/m/…` (成员网页): its door, its pages, and who may do what there how often."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import web

import bot.pages.views
from bot.pages.desk import Desk
from bot.pages.door import SESSION, Door
from bot.pages.keys import Keys
from bot.pages.shape import see, shipped_assets, shipped_shape
from bot.pages.throttle import Rate, Throttle, whence
from bot.pages.trouble import HOME, Trouble, not_here, too_old
from bot.pages.view import AskConsent, View, Visit
from bot.settings import PageSettings, Settings
from bot.wecom.api import WecomApi
from sop.discovery import find

log = logging.getLogger(__name__)

SAID = "qunyun_said"
LONGEST_BODY = 8 * 1024
LONGEST_SAID = 400
ACTS = Rate(40, timedelta(minutes=1))
"""Of one member."""
KNOCKS = Rate(1200, timedelta(minutes=1))
"""From one address: a whole office may share one."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class MemberPage:
    """Routes of the member page."""

    def __init__(
        self,
        settings: Settings,
        page: PageSettings,
        api: WecomApi,
        desk: Desk,
        stale: Callable[[str], None],
    ) -> None:
        self._page = page
        self._desk = desk
        self._keys = Keys(page.secret)
        self._assets = shipped_assets()
        self._shape = shipped_shape()
        self._door = Door(settings, page, api, desk, self._keys, stale)
        self._acts = Throttle(ACTS)
        self._knocks = Throttle(KNOCKS)

    def routes(self) -> list[web.RouteDef]:
        """What the server serves below `/m/`."""
        routes = [
            web.get("/m/static/{name}", self._assets.serve),
            web.get("/m/auth", self._friendly(self._door.enter), allow_head=False),
            web.get("/m/verify", self._friendly(self._verify)),
        ]
        for view in all_views().values():
            routes.append(web.get(view.path, self._friendly(self._shows(view)), allow_head=False))
            if view.does is not None:
                does = self._friendly(self._does(view.does))
                routes.append(web.post(view.path, does))
        routes.append(web.get("/m/{token}", self._friendly(self._door.knock)))
        routes.append(web.route("*", "/m/{rest:.*}", self._friendly(_nowhere)))
        return routes

    def _friendly(self, handler: Handler) -> Handler:
        """Whatever happens, a person reads what to do."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                address = whence(
                    request.remote or "",
                    request.headers.getall("X-Forwarded-For", []),
                    self._page.proxies,
                )
                if not self._knocks.lets_in(address, self._desk.now()):
                    raise too_often()
                return await handler(request)
            except AskConsent:
                return see(f"/m/data?next={request.path}")
            except Trouble as trouble:
                return self._trouble(trouble, request)
            except web.HTTPException:
                raise
            except Exception:
                log.exception("page failed", extra={"action": "page_failed"})
                return self._trouble(broken(), request)

        return handle

    def _shows(self, view: View) -> Handler:
        """What only a visitor is shown."""

        async def handle(request: web.Request) -> web.StreamResponse:
            visit = self._visit(request)
            response = await view.show(visit)
            if visit.answered:
                response.del_cookie(SAID, path="/m")
            return response

        return handle

    def _does(self, does: Callable[[Visit], Awaitable[tuple[str, str]]]) -> Handler:
        """A form was sent."""

        async def handle(request: web.Request) -> web.StreamResponse:
            visit = self._visit(request)
            if not self._acts.lets_in(visit.visitor.person, visit.now):
                raise too_often()
            form = await self._form(request)
            path, answer = await does(replace(visit, form=form))
            response = see(path)
            if answer:
                said = self._keys.said(answer[:LONGEST_SAID], visit.now)
                secure = self._page.public.startswith("https:")
                response.set_cookie(
                    SAID, said, max_age=60, path="/m", httponly=True, samesite="Lax", secure=secure
                )
            return response

        return handle

    def _visit(self, request: web.Request) -> Visit:
        """Who asks. Raises Trouble without a session."""
        now = self._desk.now()
        session = request.cookies.get(SESSION, "")
        visitor = self._keys.visitor(session, now)
        if visitor is None:
            raise too_old()
        return Visit(
            request,
            visitor,
            now,
            self._desk,
            self._shape,
            self._keys.form_key(session),
            self._keys.read_said(request.cookies.get(SAID, ""), now),
        )

    async def _form(self, request: web.Request) -> dict[str, str]:
        """The fields of a form that one of our own pages made. Raises Trouble for any other."""
        origin = request.headers.get("Origin")
        if origin is not None and origin != "null" and not self._is_here(origin, request):
            raise foreign()
        if request.content_type != "application/x-www-form-urlencoded":
            raise foreign()
        if request.content_length is None or request.content_length > LONGEST_BODY:
            raise Trouble(413, "写得太长了", "请写短一点再发送。", HOME)
        try:
            form = {name: str(value) for name, value in (await request.post()).items()}
        except (ValueError, LookupError) as error:  # not the characters that it says
            raise foreign() from error
        session = request.cookies.get(SESSION, "")
        if not self._keys.is_form_key(session, form.get("key", "")):
            raise foreign()
        return form

    def _is_here(self, origin: str, request: web.Request) -> bool:
        hosts = (urlsplit(self._page.public).netloc, request.host)
        return urlsplit(origin).netloc in hosts

    async def _verify(self, request: web.Request) -> web.StreamResponse:
        return self._shape.page("verify.html", {"company": self._desk.company})

    def _trouble(self, trouble: Trouble, request: web.Request) -> web.Response:
        values = {"trouble": trouble, "company": self._desk.company}
        way = trouble.way
        if way is HOME:  # only who is inside has a home
            session = request.cookies.get(SESSION, "")
            way = way if self._keys.visitor(session, self._desk.now()) else None
        return self._shape.page("trouble.html", {**values, "way": way}, trouble.status)


def all_views() -> dict[str, View]:
    """Every page, by scanning `bot.pages.views`."""
    return find(bot.pages.views, "VIEW", lambda one: str(one.path))


async def _nowhere(request: web.Request) -> web.StreamResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        raise Trouble(405, "不支持这种请求", "请用微信里的浏览器打开。")
    raise not_here()


def too_often() -> Trouble:
    """Too many requests."""
    return Trouble(429, "点得太快了", "请歇一分钟再来，您的机会都还在。", HOME)


def broken() -> Trouble:
    """A fault of ours, or two wishes that met: nothing was kept of this one."""
    text = "这一次没有办成，什么都没有改动。请过一会儿再试；还不行，请告诉您的客户经理。"
    return Trouble(500, "出了点问题", text, HOME)


def foreign() -> Trouble:
    """A form that this session's pages did not make: an old tab, or another site."""
    text = "页面放得太久，或在别处重新打开过。请回到首页再操作一次，没有重复提交。"
    return Trouble(403, "请再操作一次", text, HOME)
