"""The door of the summary's pages: WeCom says which colleague it is, or a signed link does.

In WeCom its OAuth asks nobody anything; in a browser at a desk WeCom shows a QR code
(developer.work.weixin.qq.com 96441 for the page in WeCom, 98151 for the code). Both come back with
a code and our signed state, to the browser that began, and `auth/getuserinfo` names the colleague.
"""

import logging
import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.clock import Clock
from bot.http import NoAnswer, NotSent
from bot.pages.door import BAD_CODE, LONGEST_CODE, give_cookie
from bot.pages.keys import DOOR_LIFE, Keys
from bot.pages.opened import in_wecom
from bot.pages.shape import see
from bot.pages.staff_keys import SESSION_LIFE, Reader, StaffKeys
from bot.pages.trouble import Trouble, Way
from bot.settings import PageSettings, Settings
from bot.summaries import READERS, home_of, may_see, scope_of
from bot.summary_links import SummaryLinks
from bot.wecom.api import WecomApi
from bot.wecom.errors import WecomError
from sop.community import Staff
from sop.summary.weeks import week_label

log = logging.getLogger(__name__)

HOME = "/summary/"
SESSION = "qunyun_staff"
DOOR = "qunyun_staff_door"
AGAIN = Way("/summary/login", "重新登录")
_TO = re.compile(r"/summary/[A-Za-z0-9:._~%@/-]{0,300}")


class StaffDoor:
    """Handlers of `/summary/login`, `/summary/auth` and `/summary/l/{token}`."""

    def __init__(
        self, settings: Callable[[], Settings], page: PageSettings, api: WecomApi, clock: Clock
    ) -> None:
        self._settings = settings
        self._page = page
        self._api = api
        self._clock = clock
        self._keys = StaffKeys(page.secret)
        self._states = Keys(page.secret)
        self._links = SummaryLinks(page.public, page.secret)

    async def login(self, request: web.Request) -> web.Response:
        """Off to WeCom; `to` is the page that was wanted."""
        now = self._clock.now()
        wanted = request.query.get("to", HOME)
        to = wanted if _TO.fullmatch(wanted) else HOME
        nonce = self._clock.entropy(12).hex()
        state = self._states.state(nonce, now)
        response = see(self._authorize(state, in_wecom(request.headers)), status=302)
        self._set(response, DOOR, self._keys.door(to, nonce, now), "/summary/auth")
        return response

    async def enter(self, request: web.Request) -> web.Response:
        """WeCom sends the browser back with a code."""
        now = self._clock.now()
        state = self._states.read_state(request.query.get("state", ""))
        code = request.query.get("code", "")
        if state is None or not 0 < len(code) <= LONGEST_CODE:
            raise Trouble(400, "登录没有完成", "请再登录一次。", AGAIN)
        if now >= state.until:
            raise Trouble(410, "登录超时了", "从开始登录到现在超过了十分钟。", AGAIN)
        door = self._keys.read_door(request.cookies.get(DOOR, ""), now)
        if door is None or door[1] != state.nonce:
            raise used()
        staff = await self._who(code)
        response = see(door[0])
        response.del_cookie(DOOR, path="/summary/auth")
        self._let_in(response, Reader(staff.id))
        return response

    async def follow(self, request: web.Request) -> web.Response:
        """A link of the card: good for seven days, for one colleague and one scope."""
        opened = self._links.opened(request.match_info["token"], self._clock.now())
        if opened is None:
            text = "链接可能没有复制完整，请回到企业微信里直接点开它。"
            raise Trouble(400, "这个链接不对", text, AGAIN)
        if opened.expired:
            text = "链接只在 7 天内有效。可以登录后再看，或者给机器人发“周报”要一条新的。"
            raise Trouble(410, "这个链接过期了", text, AGAIN)
        staff, scope = self.colleague(opened.staff), scope_of(self._settings(), opened.scope)
        if scope is None or not may_see(staff, scope):
            raise not_yours()
        to = f"{HOME}w/{week_label(opened.monday)}/{quote(scope.id, safe=':')}"
        response = see(to)
        present = self.reader(request)
        if present is None or present.staff != staff.id or not present.signed_in:
            self._let_in(response, Reader(staff.id, scope.id))
        return response

    def leave(self) -> web.Response:
        """Nothing of the session stays in the browser."""
        response = see("/summary/login")
        response.del_cookie(SESSION, path="/summary")
        return response

    def reader(self, request: web.Request) -> Reader | None:
        """Whose session the request has."""
        return self._keys.reader(request.cookies.get(SESSION, ""), self._clock.now())

    def colleague(self, userid: str) -> Staff:
        """A colleague who reads summaries, as configuration has them now. Raises Trouble."""
        settings = self._settings()
        found = {one.casefold(): staff for one, staff in settings.staff.items()}
        staff = found.get(userid.casefold())
        if staff is None:
            raise Trouble(
                403,
                "您还不能看周报",
                "您是本行同事，但没有在群运里登记。需要的话请管理员在 config.yaml 里登记。",
            )
        if not staff.roles & READERS or home_of(settings, staff) is None:
            raise Trouble(
                403,
                "您的角色看不到周报",
                "周报给主管、运营和客户经理看。需要的话请管理员在 config.yaml 里改您的角色。",
            )
        return staff

    async def _who(self, code: str) -> Staff:
        try:
            answer = await self._api.who_opened(code)
        except WecomError as error:
            if error.errcode == BAD_CODE:
                raise used() from error
            log.error("login refused", extra={"action": "login_failed", "error": str(error)})
            raise _busy() from error
        except (NotSent, NoAnswer) as error:
            log.error("login failed", extra={"action": "login_failed", "error": str(error)})
            raise _busy() from error
        userid = answer.get("userid")
        if not isinstance(userid, str) or not userid:
            raise Trouble(403, "这里只给本行同事用", "您的微信不是本行同事的企业微信。")
        return self.colleague(userid)

    def _let_in(self, response: web.Response, reader: Reader) -> None:
        self._set(response, SESSION, self._keys.session(reader, self._clock.now()), "/summary")

    def _authorize(self, state: str, inside: bool) -> str:
        """In WeCom the page that asks nobody; elsewhere the QR code."""
        settings = self._settings()
        back = f"{self._page.public}/summary/auth"
        agent = str(settings.app.agent_id)
        query = {"appid": settings.corp_id, "agentid": agent, "redirect_uri": back, "state": state}
        if inside:
            query |= {"response_type": "code", "scope": "snsapi_base"}
            where = f"{self._page.oauth}/connect/oauth2/authorize"
            return f"{where}?{urlencode(query, quote_via=quote)}#wechat_redirect"
        query |= {"login_type": "CorpApp"}
        where = f"{self._page.login}/wwlogin/sso/login"
        return f"{where}?{urlencode(query, quote_via=quote)}"

    def _set(self, response: web.Response, name: str, value: str, path: str) -> None:
        life = DOOR_LIFE if name == DOOR else SESSION_LIFE
        give_cookie(response, name, value, life, path, self._page)


def used() -> Trouble:
    """The state or code was used before, or belongs to another browser."""
    text = "这次登录已经用过，或是在另一个浏览器里开始的。"
    return Trouble(403, "请重新登录", text, AGAIN)


def not_yours() -> Trouble:
    """A scope that this colleague may not see, or that does not exist: not said which."""
    text = "没有这些社群，或者它们不由您负责。客户经理只看自己的社群。"
    return Trouble(403, "看不到这些社群", text, Way(HOME, "看我的周报"))


def _busy() -> Trouble:
    return Trouble(503, "暂时登录不了", "企业微信暂时没有回应，请过一会儿再试。", AGAIN)
