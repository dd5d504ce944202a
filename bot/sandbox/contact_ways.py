"""Contact ways (联系我, 渠道活码) and the page behind their QR code (reference D.6)."""

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

PATH = "/connect/add/"
STAFF = 100


@dataclass(slots=True)
class ContactWay:
    """One configured way."""

    id: str
    type: int
    scene: int
    remark: str
    skip_verify: bool
    state: str
    users: list[str]
    added: int = 0

    def as_json(self, qr_code: str) -> Json:
        """As `get_contact_way` gives it."""
        return {
            "config_id": self.id,
            "type": self.type,
            "scene": self.scene,
            "style": 1,
            "remark": self.remark,
            "skip_verify": self.skip_verify,
            "state": self.state,
            "qr_code": qr_code,
            "user": self.users,
            "party": [],
            "is_temp": False,
        }


class ContactWays:
    """`*_contact_way`, and people who use one."""

    def __init__(self, world: World, ids: Ids, actions: Actions) -> None:
        self._world = world
        self._ids = ids
        self._actions = actions
        self.ways: dict[str, ContactWay] = {}
        self.base_url = ""
        """`http://127.0.0.1:port`, once the sandbox listens."""

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/externalcontact/"
        return [
            Route("POST", prefix + "add_contact_way", self._add),
            Route("POST", prefix + "get_contact_way", self._get),
            Route("POST", prefix + "list_contact_way", self._list),
            Route("POST", prefix + "update_contact_way", self._update),
            Route("POST", prefix + "del_contact_way", self._delete),
        ]

    def add_routes(self, app: web.Application) -> None:
        """The page; a phone opens it, so it wants no token."""
        app.router.add_get(PATH + "{way}", self._show)
        app.router.add_post(PATH + "{way}", self._take)

    def use(self, config_id: str, *, name: str = "", member: str = "") -> Json:
        """A new customer with that name, or a known one, adds the colleague whose turn it is.
        Raises Mistake."""
        way = self.ways.get(config_id)
        if way is None:
            raise Mistake("这个二维码已经失效。")
        if not member and not name.strip():
            raise Mistake("新客户要有一个名字。")
        staff = way.users[way.added % len(way.users)]
        person = self._world.people.get(member) or self._world.add_customer(name.strip())
        self._actions.add_contact(staff, person.id, way.state)
        way.added += 1
        return {"member": person.id, "name": person.name, "staff": staff}

    def _add(self, call: Call) -> Json:
        body = call.json()
        self._check(body)
        way = self._read(self._ids.code(length=32), body)
        self.ways[way.id] = way
        return ok(config_id=way.id, qr_code=self._qr_code(way))

    def _get(self, call: Call) -> Json:
        way = named(call, self.ways)
        return ok(contact_way=way.as_json(self._qr_code(way)))

    def _list(self, call: Call) -> Json:
        return ok(contact_way=[{"config_id": one} for one in self.ways], next_cursor="")

    def _update(self, call: Call) -> Json:
        way, body = named(call, self.ways), call.json()
        values = {"type": way.type, "scene": way.scene, **body.values}
        changed = self._read(way.id, Fields(values))
        changed.added = way.added
        self.ways[way.id] = changed
        return ok()

    def _delete(self, call: Call) -> Json:
        del self.ways[named(call, self.ways).id]
        return ok()

    def _qr_code(self, way: ContactWay) -> str:
        return f"{self.base_url}{PATH}{way.id}"

    def _check(self, body: Fields) -> None:
        if "type" not in body:
            raise ApiError(41037, "missing type")
        if "scene" not in body:
            raise ApiError(41038, "missing scene")

    def _read(self, id: str, body: Fields) -> ContactWay:
        type, scene, users = body.number("type"), body.number("scene"), body.texts("user")
        if type not in (1, 2):
            raise ApiError(41039, "invalid type")
        if scene not in (1, 2):
            raise ApiError(41040, "invalid scene")
        remark, state = remark_and_state(body)
        if not users or len(users) > STAFF or (type == 1 and len(users) > 1):
            raise ApiError(40058, "invalid user list size")
        for user in users:
            if self._world.find_staff(user) is None:
                raise ApiError(60111, f"userid not found: {user}")
        skip_verify = body.flag("skip_verify") if "skip_verify" in body else True
        return ContactWay(id, type, scene, remark, skip_verify, state, users)

    async def _show(self, request: web.Request) -> web.Response:
        way = self.ways.get(request.match_info["way"])
        if way is None:
            return page("二维码失效", "<p>这个二维码已经失效。</p>", status=404)
        strangers = [
            one
            for one in self._world.people.values()
            if one.kind == "member"
            and not any((user, one.id) in self._world.relations for user in way.users)
        ]
        return scan_page("添加客户经理", "扫码添加", strangers)

    async def _take(self, request: web.Request) -> web.Response:
        done = await scanned(request, self.use, "不能添加")
        if isinstance(done, web.Response):
            return done
        staff = self._world.people[done["staff"]]
        text = f"<p>{escape(done['name'])} 已经添加了 {escape(staff.name)}，可以关掉这一页。</p>"
        return page("添加成功", text)
