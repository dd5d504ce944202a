"""The door of the member page: link → WeCom's OAuth → session.

Opening a link does nothing but send on to WeCom, so previews and crawlers may open it. WeCom says
who it is; only the bank's own customers have an external_userid, and only members of the link's
community get a session (developer.work.weixin.qq.com 96441, 96442).
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.http import NoAnswer, NotSent
from bot.links import Links
from bot.pages.desk import Desk, not_a_member
from bot.pages.keys import DOOR_LIFE, SESSION_LIFE, Keys, Visitor
from bot.pages.shape import see
from bot.pages.trouble import HOME, Trouble, Way
from bot.settings import PageSettings, Settings
from bot.wecom.api import WecomApi
from bot.wecom.errors import WecomError

log = logging.getLogger(__name__)

SESSION = "qunyun_member"
DOOR = "qunyun_door"
BAD_CODE = 40029
LONGEST_CODE = 512
"""Bytes of a code, says WeCom."""


class Door:
    """Handlers of `/m/{token}` and `/m/auth`."""

    def __init__(
        self,
        settings: Settings,
        page: PageSettings,
        api: WecomApi,
        desk: Desk,
        keys: Keys,
        stale: Callable[[str], None],
    ) -> None:
        """`stale` asks for the member list of a chat to be read again."""
        self._settings = settings
        self._page = page
        self._api = api
        self._desk = desk
        self._keys = keys
        self._stale = stale
        self._links = Links(page.public, page.secret)

    async def knock(self, request: web.Request) -> web.Response:
        """A link was opened: off to WeCom, which asks nobody anything (snsapi_base)."""
        now = self._desk.now()
        opened = self._links.opened(request.match_info["token"], now)
        if opened is None:
            text = "链接可能没有复制完整，请回到群里直接点开它。"
            raise Trouble(400, "这个链接不对", text)
        if opened.expired:
            text = "链接只在两天内有效。请回到群里，点开最近一条带链接的消息。"
            raise Trouble(410, "这个链接过期了", text)
        nonce = self._desk.chance(12)
        response = see(self._authorize(self._keys.state(nonce, now)), status=302)
        self._set(response, DOOR, self._keys.door(opened.community, nonce, now), "/m/auth")
        return response

    async def enter(self, request: web.Request) -> web.Response:
        """WeCom sends the phone back with a code."""
        now = self._desk.now()
        state = self._keys.read_state(request.query.get("state", ""))
        code = request.query.get("code", "")
        if state is None or not 0 < len(code) <= LONGEST_CODE:
            text = "请回到群里，重新点开链接。"
            raise Trouble(400, "登录没有完成", text)
        if now >= state.until:
            text = "从点开链接到现在超过了十分钟。请回到群里，重新点开链接。"
            raise Trouble(410, "登录超时了", text)
        door = self._keys.read_door(request.cookies.get(DOOR, ""))
        if door is None or door[1] != state.nonce:
            raise used()
        community = door[0]
        visitor = await self._who(community, code)
        await self._seated(visitor)
        response = see("/m/home")
        self._forget(response)
        self._set(response, SESSION, self._keys.session(visitor, now), "/m")
        return response

    async def _who(self, community: str, code: str) -> Visitor:
        """Whom WeCom names. Raises Trouble for everybody who is no customer and no colleague."""
        try:
            answer = await self._api.who_opened(code)
        except WecomError as error:
            if error.errcode == BAD_CODE:
                raise used() from error
            log.error("login refused", extra={"action": "login_failed", "error": str(error)})
            raise self._try_again(community) from error
        except (NotSent, NoAnswer) as error:
            log.error("login failed", extra={"action": "login_failed", "error": str(error)})
            raise self._try_again(community) from error
        userid, customer = answer.get("userid"), answer.get("external_userid")
        if isinstance(customer, str) and customer:
            return Visitor(community, customer, is_staff=False)
        if isinstance(userid, str) and userid:
            return Visitor(community, userid, is_staff=True)
        text = (
            f"这个网页只给{self._settings.company}的客户用。请先添加您的客户经理为企业微信好友，"
            "再回到群里点开链接。"
        )
        raise Trouble(403, "请先添加您的客户经理", text)

    async def _seated(self, visitor: Visitor) -> None:
        """Whether there is a seat; who is missing from the list may have just come."""
        try:
            await self._desk.look(visitor, self._desk.now(), lambda seat: None)
        except Trouble as trouble:
            if trouble.status == not_a_member("", left=False).status:
                for one in self._settings.communities:
                    if one.id == visitor.community:
                        self._stale(one.chat_id)
            raise

    def _try_again(self, community: str) -> Trouble:
        link = self._links.link(community, self._desk.now())
        way = Way(link.removeprefix(self._page.public), "再试一次")
        text = "企业微信暂时没有回应，请过一会儿再试。"
        return Trouble(503, "暂时登录不了", text, way)

    def _authorize(self, state: str) -> str:
        query = {
            "appid": self._settings.corp_id,
            "redirect_uri": f"{self._page.public}/m/auth",
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
            "agentid": str(self._settings.app.agent_id),
        }
        where = f"{self._page.oauth}/connect/oauth2/authorize"
        return f"{where}?{urlencode(query, quote_via=quote)}#wechat_redirect"

    def _set(self, response: web.Response, name: str, value: str, path: str) -> None:
        life = DOOR_LIFE if name == DOOR else SESSION_LIFE
        give_cookie(response, name, value, life, path, self._page)

    def _forget(self, response: web.Response) -> None:
        """A state is good once."""
        response.del_cookie(DOOR, path="/m/auth")


def give_cookie(
    response: web.Response, name: str, value: str, life: timedelta, path: str, page: PageSettings
) -> None:
    """A cookie that no script and no other site reads."""
    response.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()),
        path=path,
        httponly=True,
        samesite="Lax",
        secure=page.public.startswith("https:"),
    )


def used() -> Trouble:
    """The state or code was used before, or belongs to another browser."""
    text = "这次登录已经用过，或是在另一个浏览器里开始的。请回到群里，重新点开链接。"
    return Trouble(403, "请重新点开链接", text, HOME)
