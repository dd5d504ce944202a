"""The pages of the weekly summary `/summary/…`: a week of a scope, two weeks side by side, who is
behind a number, and the files. Default deny: what is not this reader's is not there.

Counting and rendering happen in threads; a final week is read as it was kept.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import web
from sqlalchemy import Connection

from bot import one_step
from bot.clock import Clock
from bot.due import Due
from bot.pages import staff_view as view
from bot.pages import summary_lists
from bot.pages.keys import Keys
from bot.pages.look import Look
from bot.pages.shape import HEADERS, NOT_KEPT, see, shipped_shape
from bot.pages.staff_door import HOME, SESSION, StaffDoor, not_yours
from bot.pages.staff_trouble import broken, damaged, foreign, too_often
from bot.pages.throttle import Rate, Throttle, whence
from bot.pages.trouble import Trouble, Way
from bot.settings import PageSettings
from bot.step_titles import step_title
from bot.summaries import (
    WEEK,
    Scope,
    Summaries,
    home_of,
    kept_week,
    last_week,
    scope_of,
    week_over,
)
from bot.summary_forms import FORMS, file_name
from bot.wecom.api import WecomApi
from sop.summary.one_step import LISTS, StepView
from sop.summary.weeks import NoSuchWeek, monday_of, parse_week, week_label, week_title
from storage.database import Database
from storage.summaries import Damaged

log = logging.getLogger(__name__)

KNOCKS = Rate(600, timedelta(minutes=1))
"""From one address: a whole office may share one."""
LOOKS = Rate(120, timedelta(minutes=1))
"""Of one colleague."""
EARLIEST = date(2020, 1, 6)
LONGEST_BODY = 8 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Below = tuple[str, tuple[str, ...]]
"""What a page shows of a week: its name, and where it is below the week."""


class SummaryPages:
    """Routes of the summary's pages."""

    def __init__(
        self,
        page: PageSettings,
        database: Database,
        due: Callable[[], Due],
        clock: Clock,
        api: WecomApi,
        weeks: Summaries,
    ) -> None:
        self._page = page
        self._database = database
        self._due = due
        self._clock = clock
        self._weeks = weeks
        self._shape = shipped_shape()
        self._door = StaffDoor(lambda: due().settings, page, api, clock)
        self._keys = Keys(page.secret)
        self._knocks = Throttle(KNOCKS)
        self._looks = Throttle(LOOKS)

    def routes(self) -> list[web.RouteDef]:
        """What the server serves below `/summary`."""
        week = "/summary/w/{week}/{scope}"
        shown = {
            week: self._week,
            f"{week}/compare": self._compare,
            f"{week}/members/{{which}}": self._members,
            f"{week}/file/{{form}}": self._file,
            f"{week}/step/{{plan}}/{{step}}": self._step,
            f"{week}/step/{{plan}}/{{step}}/members/{{which}}": self._step_members,
        }
        return [
            web.get("/summary", self._friendly(_to_home), allow_head=False),
            web.get("/summary/", self._friendly(self._home), allow_head=False),
            web.get("/summary/login", self._friendly(self._door.login), allow_head=False),
            web.get("/summary/auth", self._friendly(self._door.enter), allow_head=False),
            web.get("/summary/l/{token}", self._friendly(self._door.follow), allow_head=False),
            web.post("/summary/logout", self._friendly(self._leave)),
            *(
                web.get(path, self._friendly(self._looked(work)), allow_head=False)
                for path, work in shown.items()
            ),
            web.route("*", "/summary/{rest:.*}", self._friendly(_nowhere)),
        ]

    # who, and what may go wrong

    def _friendly(self, handler: Handler) -> Handler:
        """Whatever happens, a person reads what to do."""

        async def handle(request: web.Request) -> web.StreamResponse:
            forwarded = request.headers.getall("X-Forwarded-For", [])
            address = whence(request.remote or "", forwarded, self._page.proxies)
            try:
                if not self._knocks.lets_in(address, self._clock.now()):
                    raise too_often()
                return await handler(request)
            except Trouble as trouble:
                return self._trouble(trouble)
            except web.HTTPException:
                raise
            except Damaged:
                log.exception("summary damaged", extra={"action": "summary_damaged"})
                return self._trouble(damaged())
            except Exception:
                log.exception("summary page failed", extra={"action": "page_failed"})
                return self._trouble(broken())

        return handle

    def _looked(self, work: Callable[[Look], Awaitable[web.StreamResponse]]) -> Handler:
        """Only for who may see the scope; who has no session goes to the door first."""

        async def handle(request: web.Request) -> web.StreamResponse:
            reader = self._door.reader(request)
            if reader is None:
                return self._to_door(request)
            staff = self._door.colleague(reader.staff)
            now = self._clock.now()
            if not self._looks.lets_in(staff.id, now):
                raise too_often()
            settings = self._due().settings
            scope = scope_of(settings, request.match_info["scope"])
            monday = self._monday(request.match_info["week"], now)
            nowhere = Scope("", "", ())
            look = Look(request, settings, reader, staff, scope or nowhere, monday, now)
            if scope is None or not look.may(scope):
                raise not_yours()
            return await work(look)

        return handle

    def _to_door(self, request: web.Request) -> web.Response:
        wanted = request.rel_url.raw_path
        return see(f"/summary/login?to={quote(wanted, safe='')}", status=302)

    def _monday(self, label: str, now: datetime) -> date:
        """Raises Trouble for what is no week, or none yet."""
        try:
            monday = parse_week(label[:16])
        except NoSuchWeek as error:
            raise Trouble(404, "没有这一周", str(error), Way(HOME, "看最近一周")) from error
        if not EARLIEST <= monday <= self._this_week(now):
            raise Trouble(
                404, "没有这一周", "这一周还没有开始，或太早了。", Way(HOME, "看最近一周")
            )
        return monday

    def _this_week(self, now: datetime) -> date:
        return monday_of(now.astimezone(self._due().settings.zone).date())

    def _trouble(self, trouble: Trouble) -> web.Response:
        company = self._due().settings.company
        values = {"trouble": trouble, "way": trouble.way, "company": company}
        return self._shape.page("trouble.html", values, trouble.status)

    # pages

    async def _home(self, request: web.Request) -> web.StreamResponse:
        """The newest week that is over, as wide as the reader may see."""
        reader = self._door.reader(request)
        if reader is None:
            return self._to_door(request)
        settings, staff = self._due().settings, self._door.colleague(reader.staff)
        scope = home_of(settings, staff)
        if not reader.signed_in:
            scope = scope_of(settings, reader.link_scope)
        if scope is None:
            raise not_yours()
        return see(view.path_of(last_week(settings, self._clock.now()), scope.id), status=302)

    async def _week(self, look: Look) -> web.StreamResponse:
        from bot.summary_page import body  # loads everything that draws

        week = await self._weeks.week(look.scope, look.monday)
        text = await asyncio.to_thread(body, week.summary, look.leads)
        values = {
            "summary": text,
            "week": week,
            "over": week_over(look.settings, look.monday, look.now),
            "narrower": [
                one
                for one in view.narrower(look.settings, look.staff, look.scope, look.monday)
                if one.path
            ],
            "members": [(look.path("members", key), title) for key, title in view.TITLES.items()],
            "forms": [(look.path("file", one.name), one.title) for one in FORMS.values()],
        }
        return self._page_of(look, "staff_week.html", values)

    async def _compare(self, look: Look) -> web.StreamResponse:
        label = look.request.query.get("with", week_label(look.monday - WEEK))
        other = self._monday(label, look.now)
        now, then = (
            await self._weeks.week(look.scope, look.monday),
            await self._weeks.week(look.scope, other),
        )
        values = {
            "lines": view.compared(now.summary, then.summary),
            "other": other,
            "others": [
                (week_label(one), week_title(one))
                for back in range(1, 13)
                if (one := look.monday - back * WEEK) >= EARLIEST
            ],
            "labels": (week_label(look.monday), week_label(other)),
            "finals": (now.final_at is not None, then.final_at is not None),
        }
        return self._page_of(look, "staff_compare.html", values, ("两周对比", ("compare",)))

    async def _members(self, look: Look) -> web.StreamResponse:
        which = look.request.match_info["which"]
        if which not in view.TITLES:
            raise summary_lists.no_such_list(look)
        found = summary_lists.of_the_week(look, which)
        further = ("members", which)
        return await self._list(look, view.TITLES[which], found, (view.TITLES[which], further))

    async def _step(self, look: Look) -> web.StreamResponse:
        """What became of one step, and who took part."""
        from bot.step_page import step_body  # loads everything that draws

        found, kept = await self._database.read(
            lambda tx: (self._read_step(tx, look), kept_week(tx, look.scope, look.monday))
        )
        if found is None:
            raise no_step(look)
        final = None if kept is None else kept.summary
        text = await asyncio.to_thread(step_body, found, final, look.leads_from_step)
        values = {"summary": text, "title": found.title}
        return self._page_of(look, "staff_step.html", values, (found.title, ("step", *look.step)))

    async def _step_members(self, look: Look) -> web.StreamResponse:
        which, step = look.request.match_info["which"], ("step", *look.step)
        if which not in LISTS:
            raise summary_lists.no_such_list(look)
        called = step_title(self._due().library, *look.step)
        below = (called, step), (LISTS[which], (*step, "members", which))
        return await self._list(
            look, f"{called}，{LISTS[which]}", lambda tx: self._took_part(tx, look, which), *below
        )

    async def _list(
        self, look: Look, title: str, found: summary_lists.Found, *below: Below
    ) -> web.StreamResponse:
        summary_lists.only_signed_in(look)
        values = await self._database.read(lambda tx: summary_lists.page_of(tx, look, found))
        lost = look.request.match_info["which"] == "lost"
        return self._page_of(
            look, "staff_members.html", values | {"title": title, "lost": lost}, *below
        )

    def _read_step(self, tx: Connection, look: Look) -> StepView | None:
        library = self._due().library
        at = (look.scope, look.monday, look.step, look.now)
        return one_step.read_step(tx, look.settings, library, *at)

    def _took_part(self, tx: Connection, look: Look, which: str) -> Collection[str]:
        library = self._due().library
        at = (look.scope, look.monday, look.step)
        return one_step.who_took_part(tx, look.settings, library, *at, which, look.now)

    async def _file(self, look: Look) -> web.StreamResponse:
        form = FORMS.get(look.request.match_info["form"])
        if form is None:
            raise Trouble(404, "没有这种文件", "请从周报里点下载。", Way(look.path(), "回到周报"))
        week = await self._weeks.week(look.scope, look.monday)
        data = await asyncio.to_thread(form.render, week.summary)
        name = quote(file_name(week.summary, form), safe="")
        plain = f"{week_label(look.monday)}.{form.name}"
        return web.Response(
            body=data,
            headers={
                **HEADERS,
                **NOT_KEPT,
                "Content-Type": form.content_type,
                "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}",
            },
        )

    async def _leave(self, request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        hosts = (urlsplit(self._page.public).netloc, request.host)
        if origin not in (None, "null") and urlsplit(origin or "").netloc not in hosts:
            raise foreign()
        if request.content_length is None or request.content_length > LONGEST_BODY:
            raise foreign()
        form = await request.post()
        session = request.cookies.get(SESSION, "")
        if not self._keys.is_form_key(session, str(form.get("key", ""))):
            raise foreign()
        return self._door.leave()

    def _page_of(
        self, look: Look, template: str, values: dict[str, Any], *below: Below
    ) -> web.Response:
        """`below`: what is shown of the week, if it is not the week itself; another week of it is
        one step away."""
        newest = self._this_week(look.now)
        further = below[-1][1] if below else ()

        def path_of(monday: date) -> str:
            return view.path_of(monday, look.scope.id, *further)

        shared = {
            "company": look.settings.company,
            "name": look.staff.name,
            "signed_in": look.reader.signed_in,
            "form_key": self._keys.form_key(look.request.cookies.get(SESSION, "")),
            "scope": look.scope,
            "monday": look.monday,
            "label": week_label(look.monday),
            "about": week_title(look.monday),
            "zone": look.settings.zone,
            "now": look.now,
            "path": look.path(),
            "compare": look.path("compare"),
            "crumbs": look.way_here(*below),
            "weeks": view.weeks(look.monday, newest, path_of),
            "before": path_of(look.monday - WEEK),
            "after": "" if look.monday >= newest else path_of(look.monday + WEEK),
        }
        return self._shape.page(template, shared | values)


def no_step(look: Look) -> Trouble:
    """For an address that nobody here gave out, or an old one."""
    text = "计划里没有这一步，最近八周也没有执行过。"
    return Trouble(404, "没有这个步骤", text, Way(look.path(), "回到周报"))


async def _to_home(request: web.Request) -> web.StreamResponse:
    return see(HOME, status=302)


async def _nowhere(request: web.Request) -> web.StreamResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        raise Trouble(405, "不支持这种请求", "请用浏览器打开。")
    raise Trouble(404, "没有这个页面", "地址可能没有复制完整。", Way(HOME, "看我的周报"))
