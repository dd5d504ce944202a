"""网页授权: who opens a page in WeChat (developer.work.weixin.qq.com 96441, 96442).

`/connect/oauth2/authorize` is where WeChat asks nobody: the phone's owner is known. Here somebody
at the chat page plays every phone, so the page asks who it is, unless `as` says so or the chat page
has left word (a cookie). A code is good once, for five minutes.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlencode

from aiohttp import web
from yarl import URL

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok
from bot.sandbox.gate import Call, Route
from bot.sandbox.guard import LOOPBACK
from bot.sandbox.ids import Ids
from bot.sandbox.seed import Seed
from bot.sandbox.world import Person, World

PATH = "/connect/oauth2/authorize"
QR_PATH = "/wwlogin/sso/login"
"""Where a colleague in a desk browser is shown a QR code (98151)."""
CODE_LIFE = timedelta(minutes=5)
COOKIE = "sandbox_person"
"""Whose phone it is: left by the chat page when a link is opened there."""
_STATE = re.compile(r"[A-Za-z0-9]{0,128}")


@dataclass(slots=True)
class Code:
    """What the page comes back with."""

    person: str
    until: datetime


class OAuth:
    """The authorize page and `auth/getuserinfo`."""

    def __init__(self, seed: Seed, world: World, clock: SandboxClock, ids: Ids) -> None:
        self._corp = seed.corp
        self._agent = seed.app.agent_id
        self._world = world
        self._clock = clock
        self._ids = ids
        self._codes: dict[str, Code] = {}

    def routes(self) -> list[Route]:
        return [Route("GET", "/cgi-bin/auth/getuserinfo", self._who)]

    def add_routes(self, app: web.Application) -> None:
        """The page; it is opened by a phone and wants no token."""
        app.router.add_get(PATH, self._authorize)
        app.router.add_get(QR_PATH, self._sign_in)

    def _who(self, call: Call) -> Json:
        code = call.query.get("code", "")
        if not code:
            raise ApiError(41008, "missing code")
        found = self._codes.pop(code, None)
        if found is None or self._clock.now() >= found.until:
            raise ApiError(40029, "invalid code")
        person = self._world.people.get(found.person)
        if person is None:
            raise ApiError(40029, "invalid code")
        if person.kind == "staff":
            return ok(userid=person.id)
        answer = ok(openid=openid_of(person.id))
        if self._world.followers(person.id):
            answer["external_userid"] = person.id
        return answer

    async def _authorize(self, request: web.Request) -> web.Response:
        query = request.query
        wrong = self._refusal(
            query.get("appid", ""),
            query.get("redirect_uri", ""),
            query.get("response_type", ""),
            query.get("scope", ""),
            query.get("state", ""),
        )
        if wrong:
            return page("不能打开网页", f"<p>{escape(wrong)}</p>", status=400)
        chosen = query.get("as", request.cookies.get(COOKIE, ""))
        person = self._world.people.get(chosen)
        if person is None:
            return page("您是哪一位？", self._choice(request.rel_url))
        response = self._back(person, query["redirect_uri"], query.get("state", ""))
        response.set_cookie(COOKIE, person.id, path="/connect", samesite="Lax")
        return response

    async def _sign_in(self, request: web.Request) -> web.Response:
        """The QR code: here nobody has a phone to scan it with, so the page asks which colleague
        does. Customers cannot sign in with it."""
        query = request.query
        wrong = self._refusal(
            query.get("appid", ""),
            query.get("redirect_uri", ""),
            "code",
            "snsapi_base",
            query.get("state", ""),
        )
        if not wrong and query.get("login_type") != "CorpApp":
            wrong = "login_type 应为 CorpApp。"
        if not wrong and query.get("agentid") != str(self._agent):
            wrong = "agentid 不是这个应用的 AgentId。"
        if wrong:
            return page("不能登录", f"<p>{escape(wrong)}</p>", status=400)
        person = self._world.people.get(query.get("as", ""))
        if person is None or person.kind != "staff":
            note = "沙箱里没有手机，请选择哪一位同事扫了码。"
            people = [one for one in self._world.people.values() if one.kind == "staff"]
            rows = "".join(self._row(one, request.rel_url, QR_PATH) for one in people)
            body = f'<p class="note">{note}</p><ul>{rows}</ul>'
            return page("请用企业微信扫码登录", body)
        return self._back(person, query["redirect_uri"], query.get("state", ""))

    def _back(self, person: Person, address: str, state: str) -> web.Response:
        code = self._ids.code(length=43)
        self._codes[code] = Code(person.id, self._clock.now() + CODE_LIFE)
        back = URL(address).update_query(code=code, state=state)
        return web.Response(status=302, headers={"Location": str(back)})

    def _refusal(self, appid: str, back: str, kind: str, scope: str, state: str) -> str:
        """What WeChat would show instead of the page; empty if nothing is wrong."""
        if appid != self._corp.id:
            return "appid 不是这个企业的企业 ID（40013）。"
        try:
            host = URL(back).host
        except ValueError:
            host = None
        if host not in LOOPBACK:
            return "redirect_uri 的域名不是可信域名（50001）；沙箱只认本机地址。"
        if kind != "code" or scope not in ("snsapi_base", "snsapi_privateinfo"):
            return "response_type 应为 code，scope 应为 snsapi_base。"
        if not _STATE.fullmatch(state):
            return "state 只能是字母和数字，最多 128 个。"
        return ""

    def _choice(self, here: URL) -> str:
        """Everybody of the sandbox, as links to this page with `as`."""
        titles = {"member": "客户", "staff": "同事"}
        parts = [
            '<p class="note">沙箱里没有手机，请选择以谁的身份打开；真实的微信里这一步看不见。</p>'
        ]
        for kind, title in titles.items():
            people = [one for one in self._world.people.values() if one.kind == kind]
            rows = "".join(self._row(one, here) for one in people)
            parts.append(f"<h2>{title}</h2><ul>{rows}</ul>")
        return "".join(parts)

    def _row(self, person: Person, here: URL, path: str = PATH) -> str:
        query = urlencode({**here.query, "as": person.id})
        groups = [one.name for one in self._world.groups.values() if person.id in one.people]
        about = person.title or "、".join(groups) or "没有进群"
        if person.kind == "member" and not self._world.followers(person.id):
            about += "，不是本行客户"
        return (
            f'<li><a href="{escape(f"{path}?{query}")}">'
            f"<strong>{escape(person.name)}</strong><small>{escape(about)}</small></a></li>"
        )


def openid_of(person: str) -> str:
    """The openid of somebody for this company."""
    return f"o{Ids(person).code(length=27)}"


def page(title: str, body: str, status: int = 200) -> web.Response:
    """A page as a phone would show it; `title` and `body` are HTML."""
    text = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title>"
        '<link rel="icon" href="/static/favicon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/static/connect.css"></head>'
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    return web.Response(
        status=status, text=text, content_type="text/html", headers={"Cache-Control": "no-store"}
    )
