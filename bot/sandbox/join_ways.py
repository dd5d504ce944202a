"""Ways into customer groups (加入群聊) and the page behind their QR code (reference D.5)."""

from dataclasses import dataclass
from html import escape

from aiohttp import web

from bot.sandbox.actions import Actions
from bot.sandbox.errors import ApiError, Json, Mistake, ok
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call, Route
from bot.sandbox.ids import Ids
from bot.sandbox.oauth import page
from bot.sandbox.scanning import named, remark_and_state, scan_page, scanned
from bot.sandbox.world import World

PATH = "/connect/join/"
GROUPS = 5


@dataclass(slots=True)
class JoinWay:
    """One configured way."""

    id: str
    scene: int
    remark: str
    chats: list[str]
    state: str
    auto_create_room: int

    def as_json(self, qr_code: str) -> Json:
        """As `get_join_way` gives it."""
        return {
            "config_id": self.id,
            "scene": self.scene,
            "remark": self.remark,
            "auto_create_room": self.auto_create_room,
            "chat_id_list": self.chats,
            "qr_code": qr_code,
            "state": self.state,
        }


class JoinWays:
    """`groupchat/*_join_way`, and people who use one."""

    def __init__(self, world: World, ids: Ids, actions: Actions) -> None:
        self._world = world
        self._ids = ids
        self._actions = actions
        self.ways: dict[str, JoinWay] = {}
        self.base_url = ""
        """`http://127.0.0.1:port`, once the sandbox listens."""

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/externalcontact/groupchat/"
        return [
            Route("POST", prefix + "add_join_way", self._add),
            Route("POST", prefix + "get_join_way", self._get),
            Route("POST", prefix + "update_join_way", self._update),
            Route("POST", prefix + "del_join_way", self._delete),
        ]

    def add_routes(self, app: web.Application) -> None:
        """The page; a phone opens it, so it wants no token."""
        app.router.add_get(PATH + "{way}", self._show)
        app.router.add_post(PATH + "{way}", self._take)

    def use(self, config_id: str, *, name: str = "", member: str = "") -> Json:
        """A new customer with that name, or a known one, joins by the way: the first of its
        groups. Raises Mistake."""
        way = self.ways.get(config_id)
        if way is None:
            raise Mistake("这个入群二维码已经失效。")
        person = self._actions.join(way.chats[0], name=name, member=member, state=way.state)
        return {"member": person.id, "name": person.name, "chat": way.chats[0]}

    def _add(self, call: Call) -> Json:
        way = self._read(self._ids.code(length=32), call.json())
        self.ways[way.id] = way
        return ok(config_id=way.id)

    def _get(self, call: Call) -> Json:
        way = named(call, self.ways)
        return ok(join_way=way.as_json(f"{self.base_url}{PATH}{way.id}"))

    def _update(self, call: Call) -> Json:
        way = named(call, self.ways)
        self.ways[way.id] = self._read(way.id, call.json())
        return ok()

    def _delete(self, call: Call) -> Json:
        del self.ways[named(call, self.ways).id]
        return ok()

    def _read(self, id: str, body: Fields) -> JoinWay:
        scene, chats = body.number("scene"), body.texts("chat_id_list")
        if scene not in (1, 2):
            raise ApiError(41040, "invalid scene")
        if not chats or len(chats) > GROUPS:
            raise ApiError(41091, "invalid chat_id_list size")
        remark, state = remark_and_state(body)
        for chat in chats:
            group = self._world.groups.get(chat)
            if group is None:
                raise ApiError(40050, "chatid not exist")
            if group.kind != "customer":
                raise ApiError(90501, "chatid is not external group chat")
        return JoinWay(id, scene, remark, chats, state, body.number("auto_create_room", 1))

    async def _show(self, request: web.Request) -> web.Response:
        way = self.ways.get(request.match_info["way"])
        if way is None:
            return page("二维码失效", "<p>这个入群二维码已经失效。</p>", status=404)
        group = self._world.groups[way.chats[0]]
        away = [
            one
            for one in self._world.people.values()
            if one.kind == "member" and one.id not in group.people
        ]
        return scan_page(f"加入“{escape(group.name)}”", "扫码入群", away)

    async def _take(self, request: web.Request) -> web.Response:
        done = await scanned(request, self.use, "不能入群")
        if isinstance(done, web.Response):
            return done
        group = self._world.groups[done["chat"]]
        text = f"<p>{escape(done['name'])} 已经进了“{escape(group.name)}”，可以关掉这一页。</p>"
        return page("入群成功", text)
